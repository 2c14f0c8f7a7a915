using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>Names as one statement means them: a catalog snapshot seen along a search path by a role.</summary>
public sealed class NameResolver(CatalogSnapshot snapshot, SearchPath path, uint role) : IBindingCatalog
{
    public CatalogSnapshot Snapshot { get; } = snapshot;
    public SearchPath Path { get; } = path;

    /// <summary>The current role, whose privileges count.</summary>
    public uint Role { get; } = role;

    // A session keeps its resolver for as long as names mean the same, so what statements ask again and again is remembered here.
    readonly Dictionary<string, object> _relations = [];
    readonly Dictionary<Relation, ImmutableArray<RelationColumn>> _columns = new(ReferenceEqualityComparer.Instance);

    readonly Dictionary<uint, IndexDefinition[]> _indexes = [];
    readonly Dictionary<string, Expression> _parsed = [];

    public Dictionary<OperatorKey, Operator> ChosenOperators { get; } = [];

    public object? FindRelation(QualifiedName name)
    {
        CheckCatalog(name);
        if (name.Schema is not null)
            return FindUsableSchema(name.Schema) is var schema and not 0 ? FindRelation(schema, name.Name) : null;
        if (_relations.TryGetValue(name.Name, out var known))
            return known;
        foreach (var candidate in Path.Lookup)
        {
            if (FindRelation(candidate, name.Name) is not { } found)
                continue;
            _relations.Add(name.Name, found);
            return found;
        }
        return null;
    }

    public Expression Parsed(string definition)
    {
        if (!_parsed.TryGetValue(definition, out var parsed))
            _parsed.Add(definition, parsed = SqlParser.ParseExpression(definition));
        return parsed;
    }

    public ImmutableArray<RelationColumn> ColumnsOf(Relation table)
    {
        if (!_columns.TryGetValue(table, out var columns))
            _columns.Add(table, columns = [.. table.LiveColumns.Select(column => new RelationColumn(column.Name, column.Type, column.Typmod, table.Oid, column.Number))]);
        return columns;
    }

    /// <summary>What stands under a name in one schema: a <see cref="SchemaObject"/> or a <see cref="SystemTable"/>.</summary>
    public object? FindRelation(uint schema, string name)
        => Snapshot.FindRelation(schema, name) ?? (object?)SystemTables.Find(schema, name);

    /// <summary>The schema's OID, pg_temp being the session's own; 0 when there is none.</summary>
    public uint FindSchema(string name) => name == "pg_temp" ? Path.Temporary : Snapshot.FindSchema(name)?.Oid ?? 0;

    /// <summary>As <see cref="FindSchema"/>, for a name that is looked up in it. Raises 42501 when the role may not use the schema.</summary>
    uint FindUsableSchema(string name)
    {
        var schema = FindSchema(name);
        if (schema != 0 && schema != Path.Temporary)
            Privileges.Require(Snapshot, Role, Snapshot.Get<SchemaDefinition>(schema), Rights.Usage);
        return schema;
    }

    /// <summary>The schema's OID. Raises 3F000 when there is none.</summary>
    public uint RequireSchema(string name, int position = 0)
        => FindSchema(name) is var found and not 0 ? found : throw CatalogErrors.UndefinedSchema(name).At(position);

    public uint IdentitySequence(uint table, short column) => Snapshot.IdentitySequence(table, column)?.Oid ?? 0;
    public string SchemaName(uint schema) => Snapshot.SchemaName(schema);
    public PgType? FindType(uint oid) => Snapshot.FindType(oid);
    public PgType RowType(Relation relation) => Snapshot.FindType(relation.RowTypeOid) ?? PgTypes.Record;

    public IEnumerable<IndexDefinition> IndexesOf(uint table)
    {
        if (!_indexes.TryGetValue(table, out var indexes))
            _indexes.Add(table, indexes = [.. Snapshot.IndexesOf(table)]);
        return indexes;
    }

    public Relation? FindRelation(uint oid) => Snapshot.Find<Relation>(oid);
    public TypeDefinition? FindDomain(PgType type) => type.Kind == TypeKind.Domain ? Snapshot.Find<TypeDefinition>(type.Oid) : null;

    public ImmutableArray<Column>? CompositeColumns(PgType type)
        => Snapshot.TryGetRowRelation(type, out var relation) ? [.. relation.LiveColumns] : null;

    public PgType? FindType(string? schema, string name)
    {
        if (schema is not null)
            return FindUsableSchema(schema) is var oid and not 0 ? Snapshot.FindType(oid, name) : null;
        foreach (var candidate in Path.Lookup)
            if (Snapshot.FindType(candidate, name) is { } found)
                return found;
        return null;
    }

    public (PgType Type, int Typmod) ResolveType(TypeName name)
    {
        CheckCatalog(name.Name);
        if (name.IsColumnType)
            return ResolveColumnType(name);
        if (name.Name.Schema is { } schema)
            RequireSchema(schema, name.Position);
        var type = FindType(name.Name.Schema, name.Name.Name)
            ?? throw (UnsupportedNames.IsType(name.Name.Schema, name.Name.Name)
                ? PgError.Unsupported($"type {name.Name.Name}", name.Position)
                : new PgError(SqlState.UndefinedObject, $"type \"{NameInMessages(name)}\" does not exist") { Position = name.Position });
        var typmod = ParseModifiers(type, name);
        if (!name.IsArray)
            return (type, typmod);
        return (type.IsArray ? type : type.Array ?? throw new PgError(SqlState.UndefinedObject, $"could not find array type for data type {FormatType(type)}"), typmod);
    }

    /// <summary>Whether the type's bare name finds it on the path.</summary>
    public bool IsTypeVisible(PgType type) => FindType(null, type.Name) == type;

    /// <summary>What format_type prints: SQL's spelling, with the schema when the bare name would not find the type.</summary>
    public string FormatType(PgType type, int typmod = -1)
    {
        if (type.IsArray)
            return FormatType(type.Element!, typmod) + "[]";
        var text = type.Format(typmod);
        var schema = Snapshot.SchemaOfType(type);
        return schema is 0 or WellKnownOids.PgCatalog || IsTypeVisible(type) ? text : $"{Identifier.Quote(SchemaName(schema))}.{text}";
    }

    /// <summary>The relation's name as messages and ::regclass::text show it: with its schema when the bare name would not find it.</summary>
    public string DisplayName(SchemaObject relation)
        => FindRelation(new QualifiedName(null, null, relation.Name, 0)) is SchemaObject found && found.Oid == relation.Oid
            ? Identifier.Quote(relation.Name)
            : Identifier.Quote(SchemaName(relation.Schema), relation.Name);

    public IEnumerable<Function> FindFunctions(string? schema, string name)
    {
        if (schema is not null)
            RequireSchema(schema);
        return BuiltinFunctions.FunctionsByName.TryGetValue(name, out var functions) ? functions.Where(function => IsVisible(function, schema)) : [];
    }

    public IEnumerable<Operator> FindOperators(string? schema, string name)
        => BuiltinFunctions.OperatorsByName.TryGetValue(name, out var operators) ? operators.Where(op => IsVisible(op.Function, schema)) : [];

    public Cast? FindCast(PgType from, PgType to)
        => BuiltinFunctions.CastsByTypes.TryGetValue((from.Oid, to.Oid), out var cast) && Snapshot.HasExtension(cast.Extension) ? cast : null;

    public void RequirePrivilege(Relation relation, string privilege)
    {
        if (!_isSuperuser)
            Privileges.Require(Snapshot, Role, relation, Privileges.Parse(privilege));
    }

    readonly bool _isSuperuser = Privileges.IsSuperuser(snapshot, role);

    bool IsVisible(Function function, string? schema)
    {
        var holder = Snapshot.SchemaOf(function);
        if (holder == 0)
            return false;
        return schema is null ? holder == WellKnownOids.PgCatalog || (holder != Path.Temporary && Path.Contains(holder)) : FindSchema(schema) == holder;
    }

    (PgType, int) ResolveColumnType(TypeName name)
    {
        var relation = FindRelation(name.Name) as Relation ?? throw CatalogErrors.UndefinedRelation(name.Name);
        var column = relation.FindColumn(name.ColumnOfType!)
            ?? throw CatalogErrors.UndefinedColumn(name.ColumnOfType!, relation.Name).At(name.Position);
        return (column.Type, column.Typmod);
    }

    static int ParseModifiers(PgType type, TypeName name)
    {
        if (name.Modifiers.IsEmpty && name.Interval == IntervalFields.None)
            return -1;
        if (type.Modifier is null)
            throw new PgError(SqlState.SyntaxError, $"type modifier is not allowed for type \"{name.Name.Name}\"") { Position = name.Position };
        var arguments = name.Modifiers.Select(modifier => modifier switch
        {
            IntegerConstant constant => constant.Value.ToString(),
            BigintConstant constant => constant.Value.ToString(),
            NumericConstant constant => constant.Text,
            StringConstant constant => constant.Value,
            ColumnReference { Names.Length: 1 } word => word.Name,
            _ => throw new PgError(SqlState.SyntaxError, "type modifiers must be simple constants or identifiers") { Position = name.Position },
        }).ToList();
        // interval's modifier is the mask of its fields, then the precision.
        if (type == PgTypes.Interval)
            arguments.Insert(0, name.Interval == IntervalFields.None ? IntervalFullRange : ((int)name.Interval).ToString());
        try
        {
            return type.Modifier.Parse(type, arguments);
        }
        catch (PgError error)
        {
            throw error.At(name.Position);
        }
    }

    const string IntervalFullRange = "32767";

    static string NameInMessages(TypeName name)
        => (name.Name.Schema is null ? "" : name.Name.Schema + ".") + name.Name.Name + (name.IsArray ? "[]" : "");

    void CheckCatalog(QualifiedName name)
    {
        if (name.Catalog is { } catalog && catalog != Snapshot.Database.Name)
            throw new PgError(SqlState.FeatureNotSupported, $"cross-database references are not implemented: \"{catalog}.{name.Schema}.{name.Name}\"") { Position = name.Position };
    }
}
