using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>What names mean to one statement: the catalog as its transaction sees it, along the session's search_path.</summary>
public interface IBindingCatalog
{
    /// <summary>
    /// A <see cref="Relation"/>, <see cref="SystemTable"/>, <see cref="SequenceDefinition"/> or <see cref="IndexDefinition"/>; null when there is none by that name.
    /// </summary>
    object? FindRelation(Sql.QualifiedName name);

    /// <summary>Name of the schema with this OID.</summary>
    string SchemaName(uint schema);

    /// <summary>Raises 3F000 when there is no such schema.</summary>
    uint RequireSchema(string name, int position);

    /// <summary>A written type. Raises 42704 <c>type "x" does not exist</c>, 22023 and kin for modifiers.</summary>
    (PgType Type, int Typmod) ResolveType(Sql.TypeName name);

    /// <summary>A type by name only, without modifiers; null when there is none. For casts written as function calls.</summary>
    PgType? FindType(string? schema, string name);

    PgType? FindType(uint oid);

    /// <summary>Functions, aggregates and window functions of this name that the search path (or <paramref name="schema"/>) shows.</summary>
    IEnumerable<Function> FindFunctions(string? schema, string name);

    IEnumerable<Operator> FindOperators(string? schema, string name);

    /// <summary>Operators that <see cref="OverloadResolver"/> has chosen while names meant what they mean now.</summary>
    Dictionary<OperatorKey, Operator> ChosenOperators { get; }

    /// <summary>The expression of a definition, such as a default, which is kept as text.</summary>
    Sql.Expression Parsed(string definition);

    /// <summary>A table's live columns, as a query sees them.</summary>
    ImmutableArray<RelationColumn> ColumnsOf(Relation table);

    /// <summary>The cast between two types, from pg_cast; null when there is none.</summary>
    Cast? FindCast(PgType from, PgType to);

    /// <summary>The row type of a relation.</summary>
    PgType RowType(Relation relation);

    /// <summary>Live columns of a composite type; null for other types.</summary>
    ImmutableArray<Column>? CompositeColumns(PgType type);

    /// <summary>Rules of a domain; null for other types.</summary>
    TypeDefinition? FindDomain(PgType type);

    /// <summary>Indexes of a table, in order of their OIDs.</summary>
    IEnumerable<IndexDefinition> IndexesOf(uint table);

    /// <summary>The sequence behind an identity column; 0 when there is none.</summary>
    uint IdentitySequence(uint table, short column);

    /// <summary>A relation by OID; null when it is gone.</summary>
    Relation? FindRelation(uint oid);

    /// <summary>Raises 42501 when the session's role may not do this with the relation.</summary>
    void RequirePrivilege(Relation relation, string privilege);
}

/// <summary>An operator as written: its operands may be of type unknown.</summary>
public readonly record struct OperatorKey(string? Schema, string Name, PgType? Left, PgType Right);
