using System.Collections.Concurrent;
using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>A table of the store as one version of its definition sees it: what plans and writers go through.</summary>
internal sealed class StoredTable : TableAccess
{
    /// <summary>Rows a made-up page has in ctids: clients only compare them, and print them as (page,number).</summary>
    const int RowsPerPage = 128;

    readonly ConcurrentDictionary<string, StoredRowDecoder> _decoders = new();
    readonly Column[] _live;

    public StoredTable(Relation relation, Table rows)
    {
        Relation = relation;
        Rows = rows;
        _live = [.. relation.LiveColumns];
    }

    public override Relation Relation { get; }
    public override Table Rows { get; }
    public override IReadOnlyList<IndexAccess> Indexes => Trees;

    /// <summary>All indexes, unique ones first, so that a violation is found before other entries are made.</summary>
    public ImmutableArray<BTreeAccess> Trees { get; set; } = [];

    /// <summary>Rules that written rows obey.</summary>
    public required TableRules Rules { get; init; }

    public override RowDecoder Decoder(ImmutableArray<int> columns)
        => _decoders.GetOrAdd(string.Join(',', columns), _ => new StoredRowDecoder(Relation, columns));

    /// <summary>Decodes all live columns, in order.</summary>
    public RowDecoder AllColumns => field ??= new StoredRowDecoder(Relation, [.. Enumerable.Range(0, _live.Length)]);

    public int Width => _live.Length;
    public Column Column(int position) => _live[position];

    public override int VectorColumn(int column) => _live[column].VectorColumn;

    public override RowId RowId(Datum ctid) => FromTid(ctid.AsInt64);

    /// <summary>A row id as a tid's bits: page in the upper 48, number on the page (from 1) in the lower 16.</summary>
    public static long ToTid(RowId row) => (row.Value / RowsPerPage << 16) | (row.Value % RowsPerPage + 1);

    public static RowId FromTid(long tid) => new((tid >> 16) * RowsPerPage + (tid & 0xFFFF) - 1);

    public override RowLockResult Lock(RowId row, RowLockMode mode, LockWait wait, ExecutionState state, RowDecoder decoder, Span<Datum> values)
    {
        var transaction = state.Transaction!;
        var changed = false;
        var snapshot = state.Snapshot;
        Snapshot? newer = null;
        try
        {
            while (true)
            {
                var result = transaction.LockRow(Rows, row, snapshot, mode);
                switch (result.Status)
                {
                    case WriteStatus.Busy:
                        if (wait == LockWait.SkipLocked) return RowLockResult.Skipped;
                        if (wait == LockWait.NoWait)
                            throw new PgError(SqlState.LockNotAvailable, $"could not obtain lock on row in relation \"{Relation.Name}\"");
                        StatementLocks.WaitFor(state.Session, result.Blocker!);
                        continue;
                    case WriteStatus.DeletedSince:
                        RowConflicts.RequireReadCommitted(state.Session, "delete");
                        return RowLockResult.Skipped;
                    case WriteStatus.ChangedSince:
                        RowConflicts.RequireReadCommitted(state.Session, "update");
                        newer?.Dispose();
                        snapshot = newer = transaction.TakeSnapshot();
                        changed = true;
                        continue;
                    default:
                        if (!changed) return RowLockResult.Locked;
                        if (!Rows.TryRead(row, snapshot, out var view)) return RowLockResult.Skipped;
                        decoder.Decode(view, values);
                        return RowLockResult.Changed;
                }
            }
        }
        finally
        {
            newer?.Dispose();
        }
    }
}
