using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>A table of pg_catalog or information_schema: PostgreSQL's columns, with rows made from the live catalog at each scan.</summary>
public sealed record SystemTable
{
    public required uint Oid { get; init; }
    public required string Name { get; init; }
    public uint Schema { get; init; } = WellKnownOids.PgCatalog;

    /// <summary>Whether PostgreSQL has it as a view (pg_class.relkind 'v').</summary>
    public bool IsView { get; init; }

    public required IReadOnlyList<(string Name, PgType Type)> Columns { get; init; }

    /// <summary>All rows as the session sees them, one value for each column.</summary>
    public required Func<Functions.EvaluationContext, IEnumerable<Datum[]>> Rows { get; init; }
}
