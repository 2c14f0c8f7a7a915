using System.Collections.Concurrent;
using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>A table of the store as one version of its definition sees it: what plans and writers go through.</summary>
internal sealed class StoredTable : TableAccess
{
    /// <summary>Rows a made-up page has in ctids: clients only compare them, and print them as (page,number).</summary>
    const int RowsPerPage = 128;

    readonly ConcurrentDictionary<ImmutableArray<int>, StoredRowDecoder> _decoders = new(new SameColumns());
    readonly Column[] _live;

    public StoredTable(Relation relation, Table rows, TableActivity activity)
    {
        Activity = activity;
        Relation = relation;
        Rows = rows;
        _live = [.. relation.LiveColumns];
    }

    public override Relation Relation { get; }
    public RowShape Shape => field ??= new(Relation);
    public override Table Rows { get; }
    public override ImmutableArray<IndexAccess> Indexes => field.IsDefault ? field = [.. Trees.Where(tree => tree.Definition.IsValid)] : field;

    /// <summary>All B-trees that writers keep up, unique ones first, so that a violation is found before other entries are made.</summary>
    public ImmutableArray<BTreeAccess> Trees { get; set; } = [];

    /// <summary>All vector indexes over the rows, which writers tell of changes.</summary>
    public required VectorTreeSet VectorTrees { get; init; }

    /// <summary>The vector indexes that this version of the catalog knows, in the order of their OIDs.</summary>
    public ImmutableArray<VectorAccess> Vectors { get; set; } = [];

    /// <summary>Rules that written rows obey.</summary>
    public required TableRules Rules { get; init; }

    public override TableActivity Activity { get; }

    /// <summary>Whether an index is one of these, as this version of the catalog defines it.</summary>
    public bool Has(IndexDefinition index)
    {
        foreach (var tree in Trees)
            if (ReferenceEquals(tree.Definition, index)) return true;
        foreach (var vectors in Vectors)
            if (ReferenceEquals(vectors.Definition, index)) return true;
        return false;
    }

    public override RowDecoder Decoder(ImmutableArray<int> columns)
        => _decoders.TryGetValue(columns, out var known) ? known : _decoders.GetOrAdd(columns, new StoredRowDecoder(Relation, columns));

    sealed class SameColumns : IEqualityComparer<ImmutableArray<int>>
    {
        public bool Equals(ImmutableArray<int> left, ImmutableArray<int> right) => left.AsSpan().SequenceEqual(right.AsSpan());

        public int GetHashCode(ImmutableArray<int> columns)
        {
            var hash = columns.Length;
            foreach (var column in columns)
                hash = hash * 31 + column;
            return hash;
        }
    }

    /// <summary>Decodes all live columns, in order.</summary>
    public RowDecoder AllColumns => field ??= new StoredRowDecoder(Relation, [.. Enumerable.Range(0, _live.Length)]);

    /// <summary>Whether a live column is part of a key that foreign keys may point to; then a change of it excludes FOR KEY SHARE.</summary>
    public bool IsKey(int column) => Array.Exists(_keys ??= [.. Trees.Where(IsKey).SelectMany(tree => tree.Columns).Distinct()], key => key == column);

    int[]? _keys;

    bool HasSameKeys(RowId row, Snapshot before, Snapshot after)
    {
        if (!Rows.TryRead(row, before, out var old) || !Rows.TryRead(row, after, out var view)) return false;
        var oldKey = new ByteWriter();
        var key = new ByteWriter();
        foreach (var tree in Trees)
            if (IsKey(tree) && !(tree.TryKey(old, oldKey) && tree.TryKey(view, key) && oldKey.Written.SequenceEqual(key.Written)))
                return false;
        return true;
    }

    static bool IsKey(BTreeAccess tree) => tree.IsUnique && tree.Predicate is null && tree.Keys.All(key => key.Column >= 0);

    public int Width => _live.Length;
    public Column Column(int position) => _live[position];

    public override int VectorColumn(int column) => _live[column].VectorColumn;

    public override RowId RowId(Datum ctid) => FromTid(ctid.AsInt64);

    /// <summary>A row id as a tid's bits: page in the upper 48, number on the page (from 1) in the lower 16.</summary>
    public static long ToTid(RowId row) => (row.Value / RowsPerPage << 16) | (row.Value % RowsPerPage + 1);

    /// <summary>A row id as clients see it, a ctid.</summary>
    public static string ToTidText(RowId row) => $"({ToTid(row) >> 16},{ToTid(row) & 0xFFFF})";

    public static RowId FromTid(long tid) => new((tid >> 16) * RowsPerPage + (tid & 0xFFFF) - 1);

    public override RowLockResult Lock(RowId row, RowLockMode mode, LockWait wait, ExecutionState state, RowDecoder decoder, Span<Datum> values)
    {
        var transaction = state.Transaction!;
        var changed = false;
        var snapshot = state.Snapshot;
        Snapshot? newer = null;
        var line = new RowLine(state.Session, Relation, row, mode, "locking tuple");
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
                        line.WaitFor(result);
                        continue;
                    case WriteStatus.DeletedSince:
                        RowConflicts.RequireReadCommitted(state.Session, "update");
                        return RowLockResult.Skipped;
                    case WriteStatus.ChangedSince:
                        newer?.Dispose();
                        snapshot = newer = transaction.TakeSnapshot();
                        // FOR KEY SHARE holds of all versions that have the key.
                        if (mode == RowLockMode.KeyShare && HasSameKeys(row, state.Snapshot, newer)) continue;
                        RowConflicts.RequireReadCommitted(state.Session, "update");
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
            line.Dispose();
        }
    }
}
