using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>
/// All objects of one database, and the shared ones, as one transaction sees them. Immutable and copied on write: a change makes a new
/// snapshot that shares nearly everything with the old one, so a snapshot may be kept (by a plan) as long as wanted.
/// </summary>
/// <remarks>
/// What is built in (pg_catalog's tables, types, functions) is not in here: types come from <see cref="PgTypes"/>, functions from
/// <see cref="Functions.BuiltinFunctions"/>, tables from <see cref="SystemViews.SystemTables"/>. Whether those of an extension are
/// visible is asked here.
/// </remarks>
public sealed record CatalogSnapshot
{
    readonly record struct UserType(PgType Type, uint Schema, uint Owner);

    ImmutableDictionary<uint, CatalogObject> Objects { get; init; } = ImmutableDictionary<uint, CatalogObject>.Empty;

    // Tables, views, indexes and sequences share one name space in a schema; types have another.
    ImmutableDictionary<(uint Schema, string Name), uint> RelationNames { get; init; } = ImmutableDictionary<(uint, string), uint>.Empty;
    ImmutableDictionary<(uint Schema, string Name), uint> TypeNames { get; init; } = ImmutableDictionary<(uint, string), uint>.Empty;
    ImmutableDictionary<uint, UserType> Types { get; init; } = ImmutableDictionary<uint, UserType>.Empty;
    ImmutableDictionary<string, uint> SchemaNames { get; init; } = ImmutableDictionary<string, uint>.Empty;
    ImmutableDictionary<string, uint> ExtensionNames { get; init; } = ImmutableDictionary<string, uint>.Empty;
    ImmutableDictionary<uint, ImmutableArray<uint>> IndexesByTable { get; init; } = ImmutableDictionary<uint, ImmutableArray<uint>>.Empty;

    // Sequences that belong to columns of the key's table.
    ImmutableDictionary<uint, ImmutableArray<uint>> SequencesByTable { get; init; } = ImmutableDictionary<uint, ImmutableArray<uint>>.Empty;

    // Tables with a foreign key to the key's table.
    ImmutableDictionary<uint, ImmutableHashSet<uint>> ReferencingTables { get; init; } = ImmutableDictionary<uint, ImmutableHashSet<uint>>.Empty;

    /// <summary>An empty database.</summary>
    public CatalogSnapshot(uint databaseOid, SharedObjects shared) => (DatabaseOid, Shared) = (databaseOid, shared);

    public uint DatabaseOid { get; }
    public SharedObjects Shared { get; internal init; }

    /// <summary>The database itself. Raises 3D000 when it has been dropped.</summary>
    public DatabaseDefinition Database
        => Shared.FindDatabase(DatabaseOid) ?? throw new PgError(SqlState.InvalidCatalogName, $"database with OID {DatabaseOid} does not exist");

    /// <summary>Any object of this database, or a shared one.</summary>
    public CatalogObject? Find(uint oid) => Objects.GetValueOrDefault(oid) ?? Shared.Find(oid);

    public T? Find<T>(uint oid) where T : CatalogObject => Find(oid) as T;

    /// <summary>The object that must be there, because another one refers to it.</summary>
    public T Get<T>(uint oid) where T : CatalogObject
        => Find(oid) as T ?? throw new PgError(SqlState.InternalError, $"cache lookup failed for {typeof(T).Name} {oid}");

    /// <summary>All objects of one kind in this database, by OID.</summary>
    public IEnumerable<T> All<T>() where T : CatalogObject => Objects.Values.OfType<T>().OrderBy(item => item.Oid);

    /// <summary>The table, view, materialized view, composite type, index or sequence of this name.</summary>
    public SchemaObject? FindRelation(uint schema, string name)
        => RelationNames.TryGetValue((schema, name), out var oid) ? (SchemaObject)Objects[oid] : null;

    public SchemaDefinition? FindSchema(string name) => SchemaNames.TryGetValue(name, out var oid) ? (SchemaDefinition)Objects[oid] : null;

    /// <summary>A schema's name for people; OIDs of schemas that are gone as numbers.</summary>
    public string SchemaName(uint oid) => Find<SchemaDefinition>(oid)?.Name ?? oid.ToString();

    public ExtensionDefinition? FindExtension(string name)
        => ExtensionNames.TryGetValue(name, out var oid) ? (ExtensionDefinition)Objects[oid] : null;

    public bool HasExtension(string? name) => name is null || ExtensionNames.ContainsKey(name);

    /// <summary>The table's indexes, oldest first.</summary>
    public IEnumerable<IndexDefinition> IndexesOf(uint table)
        => IndexesByTable.TryGetValue(table, out var oids) ? oids.Select(oid => (IndexDefinition)Objects[oid]) : [];

    /// <summary>Foreign keys that point at this table, with the tables they are on (itself included).</summary>
    public IEnumerable<(Relation Table, Constraint Key)> ForeignKeysTo(uint table)
        => ReferencingTables.TryGetValue(table, out var tables)
            ? tables.Order().Select(Get<Relation>).SelectMany(from => from.Constraints
                .Where(constraint => constraint.Kind == ConstraintKind.ForeignKey && constraint.ReferencedTable == table)
                .Select(constraint => (from, constraint)))
            : [];

    /// <summary>Sequences that belong to columns of this table.</summary>
    public IEnumerable<SequenceDefinition> SequencesOf(uint table)
        => SequencesByTable.TryGetValue(table, out var oids) ? oids.Select(oid => (SequenceDefinition)Objects[oid]) : [];

    /// <summary>The sequence behind an identity column; null when there is none.</summary>
    public SequenceDefinition? IdentitySequence(uint table, short column)
        => SequencesOf(table).FirstOrDefault(sequence => sequence.IsIdentity && sequence.OwnedByColumn == column);

    /// <summary>The type with this OID: built in, of an installed extension, or user-made.</summary>
    public PgType? FindType(uint oid)
        => Types.TryGetValue(oid, out var type) ? type.Type
            : PgTypes.Find(oid) is { } builtIn && HasExtension(KnownExtensions.OwnerOf(builtIn)) ? builtIn : null;

    /// <summary>The type of this name (pg_type.typname) in one schema.</summary>
    public PgType? FindType(uint schema, string name)
    {
        if (TypeNames.TryGetValue((schema, name), out var oid))
            return Types[oid].Type;
        return PgTypes.Find(name) is { } type && SchemaOfType(type) == schema ? type : null;
    }

    /// <summary>The schema that holds a type; 0 when its extension is not installed or it is not of this database.</summary>
    public uint SchemaOfType(PgType type)
        => Types.TryGetValue(type.Oid, out var user) ? user.Schema : SchemaOfExtension(KnownExtensions.OwnerOf(type));

    /// <summary>The schema that holds a function (or operator); 0 when its extension is not installed.</summary>
    public uint SchemaOf(Functions.Function function) => function.Extension is null ? function.Schema : SchemaOfExtension(function.Extension);

    /// <summary>Types that users made, row types and array types too.</summary>
    public IEnumerable<PgType> UserTypes => Types.OrderBy(entry => entry.Key).Select(entry => entry.Value.Type);

    /// <summary>The type definition or relation behind a user-made type (or its array); null for built-in ones.</summary>
    public SchemaObject? DefinitionOf(PgType type) => Types.TryGetValue(type.Oid, out var user) ? (SchemaObject)Objects[user.Owner] : null;

    /// <summary>The relation whose rows a composite type describes.</summary>
    public bool TryGetRowRelation(PgType type, [NotNullWhen(true)] out Relation? relation)
    {
        relation = type.Kind == TypeKind.Composite ? DefinitionOf(type) as Relation : null;
        return relation is not null;
    }

    uint SchemaOfExtension(string? extension)
        => extension is null ? WellKnownOids.PgCatalog : FindExtension(extension)?.Schema ?? 0;

    /// <summary>The snapshot with an object added or put in the place of the one with its OID.</summary>
    internal CatalogSnapshot With(CatalogObject item)
    {
        if (item is RoleDefinition or DatabaseDefinition)
            return this with { Shared = Shared.With(item) };
        item = WithTypesOfNow(item);
        var old = Objects.GetValueOrDefault(item.Oid);
        var next = old is null ? this : Unlink(old);
        next = next with { Objects = next.Objects.SetItem(item.Oid, item) };
        return item switch
        {
            SchemaDefinition => next with { SchemaNames = next.SchemaNames.SetItem(item.Name, item.Oid) },
            ExtensionDefinition => next with { ExtensionNames = next.ExtensionNames.SetItem(item.Name, item.Oid) },
            IndexDefinition index => next.WithName(index) with
            {
                IndexesByTable = next.IndexesByTable.SetItem(index.Table, [.. next.IndexesByTable.GetValueOrDefault(index.Table, []).Add(index.Oid).Order()]),
            },
            SequenceDefinition sequence => next.WithName(sequence).WithOwner(sequence),
            Relation relation => next.WithName(relation).WithForeignKeys(relation).WithRowType(relation, old as Relation, this),
            TypeDefinition type => next.WithType(UserTypeFactory.Make(type), type.Schema, type.Oid, old is not null),
            _ => next,
        };
    }

    /// <summary>A definition made beside a change of a type that it uses takes the type as it is now.</summary>
    CatalogObject WithTypesOfNow(CatalogObject item)
    {
        PgType OfNow(PgType type) => Types.TryGetValue(type.Oid, out var user) ? user.Type : type;

        return item switch
        {
            Relation relation when relation.Columns.Any(column => !ReferenceEquals(OfNow(column.Type), column.Type))
                => relation with { Columns = [.. relation.Columns.Select(column => column with { Type = OfNow(column.Type) })] },
            TypeDefinition { BaseType: { } baseType } domain when !ReferenceEquals(OfNow(baseType), baseType) => domain with { BaseType = OfNow(baseType) },
            _ => item,
        };
    }

    internal CatalogSnapshot Apply(CatalogChange change) => change.Item is null ? Without(change.Oid) : With(change.Item);

    CatalogSnapshot Without(uint oid)
    {
        if (!Objects.TryGetValue(oid, out var old))
            return this with { Shared = Shared.Without(oid) };
        var next = Unlink(old);
        return next with { Objects = next.Objects.Remove(oid) };
    }

    /// <summary>Takes an object out of everything that is derived from objects.</summary>
    CatalogSnapshot Unlink(CatalogObject old) => old switch
    {
        SchemaDefinition => this with { SchemaNames = SchemaNames.Remove(old.Name) },
        ExtensionDefinition => this with { ExtensionNames = ExtensionNames.Remove(old.Name) },
        IndexDefinition index => this with
        {
            RelationNames = RelationNames.Remove((index.Schema, index.Name)),
            IndexesByTable = IndexesByTable.SetItem(index.Table, IndexesByTable[index.Table].Remove(index.Oid)),
        },
        SequenceDefinition sequence => this with
        {
            RelationNames = RelationNames.Remove((sequence.Schema, sequence.Name)),
            SequencesByTable = sequence.OwnedBy == 0 ? SequencesByTable : SequencesByTable.SetItem(sequence.OwnedBy, SequencesByTable[sequence.OwnedBy].Remove(sequence.Oid)),
        },
        Relation relation => (this with
        {
            RelationNames = RelationNames.Remove((relation.Schema, relation.Name)),
            ReferencingTables = ReferencedTables(relation).Aggregate(ReferencingTables, (map, to) => map.SetItem(to, map[to].Remove(relation.Oid))),
        }).WithoutType(relation.RowTypeOid),
        TypeDefinition type => WithoutType(type.Oid),
        _ => this,
    };

    CatalogSnapshot WithName(SchemaObject item) => this with { RelationNames = RelationNames.SetItem((item.Schema, item.Name), item.Oid) };

    CatalogSnapshot WithOwner(SequenceDefinition sequence) => sequence.OwnedBy == 0 ? this : this with
    {
        SequencesByTable = SequencesByTable.SetItem(sequence.OwnedBy, [.. SequencesByTable.GetValueOrDefault(sequence.OwnedBy, []).Add(sequence.Oid).Order()]),
    };

    CatalogSnapshot WithForeignKeys(Relation relation) => this with
    {
        ReferencingTables = ReferencedTables(relation).Aggregate(ReferencingTables, (map, to)
            => map.SetItem(to, map.GetValueOrDefault(to, []).Add(relation.Oid))),
    };

    static IEnumerable<uint> ReferencedTables(Relation relation)
        => relation.Constraints.Where(constraint => constraint.Kind == ConstraintKind.ForeignKey).Select(key => key.ReferencedTable).Distinct();

    CatalogSnapshot WithRowType(Relation relation, Relation? old, CatalogSnapshot before)
    {
        if (relation.RowTypeOid == 0)
            return this;
        return old is not null && old.Columns == relation.Columns && old.Name == relation.Name
            ? WithType(before.Types[relation.RowTypeOid].Type, relation.Schema, relation.Oid, isReplacement: false)
            : WithType(UserTypeFactory.Make(relation), relation.Schema, relation.Oid, old is not null);
    }

    CatalogSnapshot WithType(PgType type, uint schema, uint owner, bool isReplacement)
    {
        var next = this with
        {
            Types = Types.SetItem(type.Oid, new UserType(type, schema, owner)),
            TypeNames = TypeNames.SetItem((schema, type.Name), type.Oid),
        };
        // An array type's made-up name gives way to a type that really has that name.
        if (type.Array is { } array)
            next = next with
            {
                Types = next.Types.SetItem(array.Oid, new UserType(array, schema, owner)),
                TypeNames = next.TypeNames.ContainsKey((schema, array.Name)) ? next.TypeNames : next.TypeNames.Add((schema, array.Name), array.Oid),
            };
        return isReplacement ? next.WithUsersOf(type) : next;
    }

    CatalogSnapshot WithoutType(uint oid)
    {
        if (!Types.TryGetValue(oid, out var user))
            return this;
        var next = WithoutTypeName(user);
        return user.Type.Array is { } array && Types.TryGetValue(array.Oid, out var userArray) ? next.WithoutTypeName(userArray) : next;
    }

    CatalogSnapshot WithoutTypeName(UserType user)
    {
        var key = (user.Schema, user.Type.Name);
        return this with
        {
            Types = Types.Remove(user.Type.Oid),
            TypeNames = TypeNames.GetValueOrDefault(key) == user.Type.Oid ? TypeNames.Remove(key) : TypeNames,
        };
    }

    /// <summary>Gives columns and domains that use a changed type its new form. (Their records hold its OID, so nothing is to be written.)</summary>
    CatalogSnapshot WithUsersOf(PgType changed)
    {
        PgType? Replace(PgType type) => type.Oid == changed.Oid ? changed : changed.Array is { } array && type.Oid == array.Oid ? array : null;

        var next = this;
        foreach (var relation in Objects.Values.OfType<Relation>())
        {
            if (!relation.Columns.Any(column => Replace(column.Type) is not null))
                continue;
            next = next.With(relation with
            {
                Columns = [.. relation.Columns.Select(column => Replace(column.Type) is { } type ? column with { Type = type } : column)],
            });
        }
        foreach (var domain in Objects.Values.OfType<TypeDefinition>())
            if (domain.BaseType is { } baseType && Replace(baseType) is { } type)
                next = next.With(domain with { BaseType = type });
        return next;
    }

    public bool Equals(CatalogSnapshot? other) => ReferenceEquals(this, other);
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
