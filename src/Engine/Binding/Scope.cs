using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>A column that a query can name: usually a <see cref="BoundColumn"/>, for merged columns of FULL JOIN … USING a COALESCE.</summary>
public sealed record ScopeColumn(string Name, BoundExpression Expression, uint TableOid = 0, short Number = 0);

/// <summary>A relation of FROM under the name it goes by.</summary>
/// <param name="Table">The table behind it, for system columns and whole-row types; null for anything else.</param>
public sealed record ScopeRelation(string Alias, string? Schema, ImmutableArray<ScopeColumn> Columns, int RelationId, Relation? Table)
{
    public static ScopeRelation Of(BoundRelation relation, string? schema = null, Relation? table = null)
    {
        var columns = ImmutableArray.CreateBuilder<ScopeColumn>(relation.Columns.Length);
        foreach (var column in relation.Columns)
            columns.Add(new(column.Name, new BoundColumn(relation.Id, columns.Count, column.Name, column.Type, column.Typmod), column.TableOid, column.Number));
        return new(relation.Alias, schema, columns.MoveToImmutable(), relation.Id, table) { SystemTable = (relation as BoundSystemTable)?.Table.Oid ?? 0 };
    }

    /// <summary>OID of the system table behind it, which has no system column but tableoid; else 0.</summary>
    public uint SystemTable { get; init; }
}

/// <summary>What FROM (or one part of it) offers: relations to qualify with, and the columns that <c>*</c> and bare names mean.</summary>
public sealed record ScopeItems(ImmutableArray<ScopeRelation> Relations, ImmutableArray<ScopeColumn> Columns)
{
    public static readonly ScopeItems Empty = new([], []);

    public static ScopeItems Of(ScopeRelation relation) => new([relation], relation.Columns);

    public ScopeItems With(ScopeItems right) => new(Relations.AddRange(right.Relations), Columns.AddRange(right.Columns));
}

/// <summary>The names visible at one place: FROM's, then those of the enclosing queries; and the WITH queries.</summary>
public sealed class Scope(ScopeItems items, Scope? outer)
{
    public ScopeItems Items { get; set; } = items;
    public Scope? Outer { get; } = outer;

    /// <summary>WITH queries declared at this level, by name.</summary>
    public Dictionary<string, CteScope> Ctes => _ctes ??= [];
    Dictionary<string, CteScope>? _ctes;

    /// <summary>Windows named in this query's WINDOW clause, and all it uses; null where window functions cannot stand.</summary>
    public List<BoundWindow>? Windows { get; set; }
    public Dictionary<string, Sql.WindowSpecification> NamedWindows => field ??= [];

    /// <summary>Name that <c>VALUE</c> goes by in a domain's CHECK; null elsewhere.</summary>
    BoundExpression? DomainValue { get; init; }

    /// <summary>Relations of the query that cannot be referred to from here: neighbours of a subquery that is not LATERAL, or outside a join.</summary>
    public ScopeItems Hidden { get; init; } = ScopeItems.Empty;

    /// <summary>Whether some relation out of reach goes by this name.</summary>
    public bool IsHidden(string alias)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope.Hidden.Relations.Any(relation => relation.Alias == alias))
                return true;
        return false;
    }

    /// <summary>The alias that a table of this name goes by here; null when there is none.</summary>
    public string? AliasOf(string table)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope.Items.Relations.FirstOrDefault(relation => relation.Table?.Name == table) is { } renamed)
                return renamed.Alias;
        return null;
    }

    /// <summary>Names of this level's WITH queries that are not bound yet.</summary>
    public HashSet<string> LaterCtes => _laterCtes ??= [];
    HashSet<string>? _laterCtes;

    public bool IsLaterCte(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope._laterCtes?.Contains(name) == true) return true;
        return false;
    }

    public static Scope Empty() => new(ScopeItems.Empty, null);

    public static Scope ForDomain(BoundExpression value) => new(ScopeItems.Empty, null) { DomainValue = value };

    /// <summary>A WITH query by name, from here outwards.</summary>
    public CteScope? FindCte(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope._ctes is not null && scope._ctes.TryGetValue(name, out var cte)) return cte;
        return null;
    }

    /// <summary>A column by its written name, or null. Raises 42702 when several match.</summary>
    public ScopeColumn? FindColumn(string name, int position)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            ScopeColumn? found = null;
            foreach (var column in scope.Items.Columns)
            {
                if (column.Name != name) continue;
                if (found is not null)
                    throw new PgError(SqlState.AmbiguousColumn, $"column reference \"{name}\" is ambiguous") { Position = position };
                found = column;
            }
            if (found is not null) return found;
            if (scope.DomainValue is { } value && name == "value") return new("value", value);
            if (scope.Items.Relations.Length == 1 && SystemColumn(scope.Items.Relations[0], name) is { } system) return system;
        }
        return null;
    }

    /// <summary>A relation by the name it goes by, or null. Raises 42P09 when several match.</summary>
    public ScopeRelation? FindRelation(string? schema, string alias, int position)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            ScopeRelation? found = null;
            foreach (var relation in scope.Items.Relations)
            {
                if (relation.Alias != alias || (schema is not null && relation.Schema != schema)) continue;
                if (found is not null)
                    throw new PgError(SqlState.AmbiguousAlias, $"table reference \"{alias}\" is ambiguous") { Position = position };
                found = relation;
            }
            if (found is not null) return found;
        }
        return null;
    }

    /// <summary>A column of one relation, system columns included; null when it has none of that name. Raises 42702.</summary>
    public static ScopeColumn? FindColumn(ScopeRelation relation, string name, int position)
    {
        ScopeColumn? found = null;
        foreach (var column in relation.Columns)
        {
            if (column.Name != name) continue;
            if (found is not null)
                throw new PgError(SqlState.AmbiguousColumn, $"column reference \"{name}\" is ambiguous") { Position = position };
            found = column;
        }
        return found ?? SystemColumn(relation, name);
    }

    static ScopeColumn? SystemColumn(ScopeRelation relation, string name)
    {
        if (relation.SystemTable != 0 && name == "tableoid")
            return new(name, new BoundConstant(Datum.Of((long)relation.SystemTable), PgTypes.Oid));
        if (relation.Table is null) return null;
        (int Number, PgType Type)? system = name switch
        {
            "ctid" => (SystemColumns.Ctid, PgTypes.Tid),
            "xmin" => (SystemColumns.Xmin, PgTypes.Xid),
            "cmin" => (SystemColumns.Cmin, PgTypes.Cid),
            "xmax" => (SystemColumns.Xmax, PgTypes.Xid),
            "cmax" => (SystemColumns.Cmax, PgTypes.Cid),
            "tableoid" => (SystemColumns.TableOid, PgTypes.Oid),
            _ => null,
        };
        return system is { } found
            ? new(name, new BoundColumn(relation.RelationId, found.Number, name, found.Type), relation.Table.Oid, (short)found.Number)
            : null;
    }
}

/// <summary>A WITH query while its statement is being bound.</summary>
public sealed class CteScope(int id, string name)
{
    public int Id { get; } = id;
    public string Name { get; } = name;
    public ImmutableArray<RelationColumn> Columns { get; set; }
    public int References { get; set; }

    /// <summary>Whether its own recursive term is being bound: a reference means the working table.</summary>
    public bool IsBeingDefined { get; set; }

    /// <summary>Set for a data-modifying query without RETURNING: it has no columns to refer to.</summary>
    public bool HasNoColumns { get; set; }
}
