using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>How plans reach the rows of one table: its store, how rows are decoded, its indexes. Columns are named by position among the live ones, from 0.</summary>
public abstract class TableAccess
{
    public abstract Relation Relation { get; }

    /// <summary>Counters of what is done to it.</summary>
    public abstract Statistics.TableActivity Activity { get; }

    /// <summary>The rows themselves.</summary>
    public abstract Table Rows { get; }

    /// <summary>Makes what decodes these columns of a row, in this order; negative ones are <see cref="SystemColumns"/>, of which ctid is the row id as a tid value.</summary>
    public abstract RowDecoder Decoder(ImmutableArray<int> columns);

    /// <summary>Storage's number of the vector column that holds this column's values; -1 when they lie in the row image.</summary>
    public abstract int VectorColumn(int column);

    /// <summary>Indexes that can be searched now.</summary>
    public abstract ImmutableArray<IndexAccess> Indexes { get; }

    /// <summary>The row that a ctid value names.</summary>
    public abstract RowId RowId(Datum ctid);

    /// <summary>
    /// Locks a row for FOR UPDATE and kin, waiting as <paramref name="wait"/> says (55P03 for NOWAIT). When another transaction changed
    /// it since the snapshot, <paramref name="values"/> gets the newest version (READ COMMITTED); other levels raise 40001.
    /// </summary>
    public abstract RowLockResult Lock(RowId row, RowLockMode mode, LockWait wait, ExecutionState state, RowDecoder decoder, Span<Datum> values);
}

/// <summary>How locking a row went.</summary>
public enum RowLockResult
{
    /// <summary>Locked, and still what the snapshot sees.</summary>
    Locked,

    /// <summary>Locked in a newer version, which was read.</summary>
    Changed,

    /// <summary>Deleted meanwhile, or locked by another under SKIP LOCKED.</summary>
    Skipped,
}

/// <summary>Decodes some columns of row versions. Has no state; plans keep it.</summary>
public abstract class RowDecoder
{
    /// <summary>Writes one value per column asked for; values do not refer to the row's memory.</summary>
    public abstract void Decode(RowView row, Span<Datum> values);
}

/// <summary>One key of an index as conditions and sort keys may match it.</summary>
/// <param name="Column">Position among the table's live columns; -1 for an expression.</param>
/// <param name="Expression">For an expression: bound over the table as relation 0.</param>
public sealed record IndexKeyColumn(int Column, BoundExpression? Expression, PgType Type, bool Descending, bool NullsFirst);

/// <summary>An ordered index.</summary>
public abstract class IndexAccess
{
    public abstract IndexDefinition Definition { get; }
    public abstract ImmutableArray<IndexKeyColumn> Keys { get; }

    /// <summary>A partial index's condition, bound over the table as relation 0; null for all rows.</summary>
    public virtual BoundExpression? Predicate => null;

    /// <summary>Starts a search in the statement's snapshot.</summary>
    public abstract IndexCursor Open(ExecutionState state);
}

/// <summary>What part of an index to read: equal values for its first keys, then bounds on the next one.</summary>
public readonly ref struct IndexRange
{
    /// <summary>Values of the first keys; a NULL here means IS NULL.</summary>
    public ReadOnlySpan<Datum> Equal { get; init; }

    /// <summary>
    /// Bounds on the key after those by its type's order (whatever the key's direction); empty when open. More values than one bound this key
    /// and the next ones, of the same direction, as a row. Rows where the first of them is NULL are left out as soon as there is a bound.
    /// </summary>
    public ReadOnlySpan<Datum> Lower { get; init; }
    public bool LowerInclusive { get; init; }
    public ReadOnlySpan<Datum> Upper { get; init; }
    public bool UpperInclusive { get; init; }

    /// <summary>Whether that key must not be NULL, also without bounds.</summary>
    public bool NotNull { get; init; }

    /// <summary>From the end of the index to its beginning.</summary>
    public bool Backward { get; init; }
}

/// <summary>
/// A running index search: the visible rows of a range in key order, each once, and only where the version that the snapshot sees
/// still has the entry's key.
/// </summary>
public abstract class IndexCursor : IDisposable
{
    public abstract void Seek(IndexRange range);
    public abstract bool MoveNext(out RowView row);

    /// <summary>The row of the next entry, whether or not some version of it is visible and still has the key; false at the end.</summary>
    public abstract bool MoveNextEntry(out RowId row);

    /// <summary>Blocks of the index and of the table that were looked at so far (<see cref="Statistics.Blocks"/>).</summary>
    public abstract long Blocks { get; }

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
