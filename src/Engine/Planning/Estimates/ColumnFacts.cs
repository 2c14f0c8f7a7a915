using PgVectorCompat.Engine.Statistics;

namespace PgVectorCompat.Engine.Planning.Estimates;

/// <summary>What is known of the values of one column or indexed expression.</summary>
/// <param name="Rows">Rows of its table now.</param>
/// <param name="IsUnique">Whether a unique index has it as its only key.</param>
readonly record struct ColumnFacts(ColumnStatistics? Statistics, double Rows, bool IsUnique)
{
    /// <summary>DEFAULT_NUM_DISTINCT: distinct values of a column nothing is known of.</summary>
    public const double UnknownDistinct = 200;

    public double NullFraction => Statistics?.NullFraction ?? 0;

    /// <summary>Distinct values in the whole table.</summary>
    public double Distinct => IsUnique ? Math.Max(1, Rows * (1 - NullFraction))
        : Statistics is { Distinct: not 0 } known ? known.DistinctOf(Rows)
        : Math.Max(1, Math.Min(UnknownDistinct, Rows));
}
