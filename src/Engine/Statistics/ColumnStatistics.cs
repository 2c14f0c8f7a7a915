using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statistics;

/// <summary>What ANALYZE knows of one column's values, in the terms of pg_statistic.</summary>
public sealed record ColumnStatistics
{
    /// <summary>Type of the values; statistics of a column that has another type by now count for nothing.</summary>
    public required PgType Type { get; init; }

    /// <summary>Share of rows that are NULL, 0 to 1.</summary>
    public required double NullFraction { get; init; }

    /// <summary>Bytes of an average value that is not NULL, as PostgreSQL stores it.</summary>
    public required int Width { get; init; }

    /// <summary>Number of distinct values; negative: as a share of the rows; 0: unknown.</summary>
    public required double Distinct { get; init; }

    /// <summary>The most common values, most frequent first, and the share of all rows that has each.</summary>
    public ImmutableArray<Datum> MostCommon { get; init; } = [];
    public ImmutableArray<double> Frequencies { get; init; } = [];

    /// <summary>Values that cut the others (those not in <see cref="MostCommon"/>) into parts of equal size, in order; empty when there are too few.</summary>
    public ImmutableArray<Datum> Histogram { get; init; } = [];

    /// <summary>Correlation of the values' order with the rows', -1 to 1; null for types without an order.</summary>
    public double? Correlation { get; init; }

    /// <summary>Distinct values among so many rows, at least 1.</summary>
    public double DistinctOf(double rows) => Math.Max(1, Distinct < 0 ? -Distinct * rows : Distinct);
}

/// <summary>What ANALYZE knows of a table, or of the expressions of an index.</summary>
/// <param name="Rows">Rows when it was analysed.</param>
/// <param name="Columns">By column number; of an index, by the key's place from 1.</param>
public sealed record RelationStatistics(double Rows, ImmutableSortedDictionary<short, ColumnStatistics> Columns);
