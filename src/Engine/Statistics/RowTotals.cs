namespace PgVectorCompat.Engine.Statistics;

/// <summary>What pg_stat_database sums over tables and their indexes.</summary>
/// <param name="Returned">Rows that scans read and entries that index searches read.</param>
/// <param name="Fetched">Rows fetched through indexes.</param>
/// <param name="Blocks">Blocks looked at or written (<see cref="Statistics.Blocks"/>).</param>
public readonly record struct RowTotals(long Returned, long Fetched, long Inserted, long Updated, long Deleted, long Blocks)
{
    public static RowTotals operator +(RowTotals a, RowTotals b)
        => new(a.Returned + b.Returned, a.Fetched + b.Fetched, a.Inserted + b.Inserted, a.Updated + b.Updated, a.Deleted + b.Deleted, a.Blocks + b.Blocks);
}
