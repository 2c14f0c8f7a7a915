using PgVectorCompat.Engine.Catalog;

namespace PgVectorCompat.Engine.Explain;

/// <summary>What EXPLAIN calls the thing a node reads or writes.</summary>
public enum PlanTargetKind { Relation, Function, Cte, Other }

/// <summary>What a plan node reads or writes.</summary>
/// <param name="Schema">OID of its schema; null for what has none.</param>
/// <param name="Name">Null when only the alias tells what it is: VALUES, ROWS FROM.</param>
public sealed record PlanTarget(PlanTargetKind Kind, uint? Schema, string? Name, string Alias)
{
    public static PlanTarget Of(Relation relation, string alias) => new(PlanTargetKind.Relation, relation.Schema, relation.Name, alias);

    /// <summary>Name and alias; with the schema when a <paramref name="schemaName"/> is given.</summary>
    public string Text(Func<uint, string>? schemaName)
    {
        if (Name is null)
            return Quote.Name(Alias);
        var name = Quote.Table(Name, Alias);
        return Schema is { } schema && schemaName is not null ? $"{Quote.Name(schemaName(schema))}.{name}" : name;
    }
}
