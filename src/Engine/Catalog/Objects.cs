using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>Something with an OID that CREATE makes. Immutable: ALTER puts a changed copy in its place.</summary>
public abstract record CatalogObject
{
    public required uint Oid { get; init; }
    public required string Name { get; init; }
    public uint Owner { get; init; } = WellKnownOids.BootstrapSuperuser;

    /// <summary>Privileges granted; null means the built-in defaults (<see cref="AclItem.Defaults"/>).</summary>
    public ImmutableArray<AclItem>? Acl { get; init; }

    /// <summary>Text of COMMENT ON; null when there is none.</summary>
    public string? Comment { get; init; }
}

/// <summary>An object that lives in a schema.</summary>
public abstract record SchemaObject : CatalogObject
{
    public required uint Schema { get; init; }

    /// <summary>OID of the object that owns this one (serial's sequence: its table); dropped together with it. 0 for none.</summary>
    public uint OwnedBy { get; init; }
}

public sealed record SchemaDefinition : CatalogObject
{
    /// <summary>Whether it is some session's pg_temp_N; those are emptied when the session or the server ends.</summary>
    public bool IsTemporary { get; init; }
}

/// <summary>What a dependency points at: an object, or one column of it.</summary>
/// <param name="Column">Attribute number; 0 for the whole object.</param>
public readonly record struct ObjectAddress(uint Oid, short Column = 0);

/// <summary>pg_class.relkind.</summary>
public enum RelationKind { Table = 'r', Index = 'i', Sequence = 'S', View = 'v', MaterializedView = 'm', CompositeType = 'c' }

/// <summary>pg_class.relpersistence.</summary>
public enum Persistence { Permanent = 'p', Unlogged = 'u', Temporary = 't' }

/// <summary>pg_attribute.attidentity.</summary>
public enum Identity { None = 0, Always = 'a', ByDefault = 'd' }

/// <summary>One column of a relation.</summary>
public sealed record Column
{
    public required string Name { get; init; }

    /// <summary>pg_attribute.attnum: from 1, never reused in a table.</summary>
    public required short Number { get; init; }

    /// <summary>OID of the type; <see cref="Type"/> is resolved from it when the definition is loaded.</summary>
    public required PgType Type { get; init; }

    /// <summary>Type modifier, -1 when none.</summary>
    public int Typmod { get; init; } = -1;

    public bool NotNull { get; init; }

    /// <summary>SQL text of the default or generation expression; null for none.</summary>
    public string? Default { get; init; }

    /// <summary>What <see cref="Default"/> needs: sequences, functions, types.</summary>
    public ImmutableArray<ObjectAddress> DefaultReferences { get; init; } = [];

    /// <summary>Whether <see cref="Default"/> is GENERATED ALWAYS AS (…) STORED.</summary>
    public bool IsGenerated { get; init; }

    public Identity Identity { get; init; }

    /// <summary>A dropped column keeps its place in stored rows and is invisible everywhere else.</summary>
    public bool IsDropped { get; init; }

    /// <summary>Stored value of rows written before ALTER TABLE … ADD COLUMN … DEFAULT, in the type's text form; null for NULL.</summary>
    public string? MissingValue { get; init; }

    public string? Comment { get; init; }
    public string? Collation { get; init; }

    /// <summary>Number of the storage column that holds its fixed-size vectors; -1 when values lie in the row image. Given by VectorLayout when the rows are made.</summary>
    public short VectorColumn { get; init; } = -1;

    /// <summary>pg_attribute.attstorage where ALTER … SET STORAGE changed it.</summary>
    public char? Storage { get; init; }

    /// <summary>pg_attribute.attcompression where COMPRESSION set it: <c>p</c> or <c>l</c>.</summary>
    public char? Compression { get; init; }

    /// <summary>pg_attribute.attstattarget; -1 for the default.</summary>
    public int StatisticsTarget { get; init; } = -1;

    /// <summary>Number of <c>[]</c> in its declaration.</summary>
    public short Dimensions { get; init; }
}

/// <summary>pg_constraint.contype.</summary>
public enum ConstraintKind { Check = 'c', ForeignKey = 'f', PrimaryKey = 'p', Unique = 'u' }

/// <summary>What a foreign key does when the referenced row goes or changes.</summary>
public enum ForeignKeyAction { NoAction = 'a', Restrict = 'r', Cascade = 'c', SetNull = 'n', SetDefault = 'd' }

/// <summary>A table constraint. NOT NULL is a property of the column, as in PostgreSQL 15.</summary>
public sealed record Constraint
{
    public required uint Oid { get; init; }
    public required string Name { get; init; }
    public required ConstraintKind Kind { get; init; }

    /// <summary>Numbers of the constrained columns, in order.</summary>
    public ImmutableArray<short> Columns { get; init; } = [];

    /// <summary>SQL text of a CHECK's condition.</summary>
    public string? Expression { get; init; }

    /// <summary>What the condition needs besides the table's own columns.</summary>
    public ImmutableArray<ObjectAddress> References { get; init; } = [];

    /// <summary>Index behind UNIQUE and PRIMARY KEY, or the referenced one of a foreign key.</summary>
    public uint IndexOid { get; init; }

    public uint ReferencedTable { get; init; }
    public ImmutableArray<short> ReferencedColumns { get; init; } = [];
    public ForeignKeyAction OnDelete { get; init; } = ForeignKeyAction.NoAction;
    public ForeignKeyAction OnUpdate { get; init; } = ForeignKeyAction.NoAction;

    /// <summary>Columns of ON DELETE SET NULL (…) and SET DEFAULT (…); empty for all.</summary>
    public ImmutableArray<short> SetColumns { get; init; } = [];
    public bool MatchFull { get; init; }
    public bool IsDeferrable { get; init; }
    public bool InitiallyDeferred { get; init; }
    public bool IsValidated { get; init; } = true;
    public bool NoInherit { get; init; }
    public string? Comment { get; init; }
}

/// <summary>Anything pg_class lists that has columns of its own: tables, views, materialized views, composite types.</summary>
public sealed record Relation : SchemaObject
{
    public required RelationKind Kind { get; init; }

    /// <summary>Dropped ones included, so that index i holds column number i + 1.</summary>
    public required ImmutableArray<Column> Columns { get; init; }

    public ImmutableArray<Constraint> Constraints { get; init; } = [];
    public Persistence Persistence { get; init; } = Persistence.Permanent;

    /// <summary>Id of the table's rows in the store; TRUNCATE and rewrites give a new one. 0 for relations without rows.</summary>
    public uint StorageId { get; init; }

    /// <summary>SQL text of a view's query.</summary>
    public string? ViewDefinition { get; init; }

    /// <summary>Tables, columns, functions and types that a view's query needs.</summary>
    public ImmutableArray<ObjectAddress> References { get; init; } = [];

    /// <summary>OID of the row type and of its array type.</summary>
    public uint RowTypeOid { get; init; }
    public uint RowArrayTypeOid { get; init; }

    /// <summary>WITH (…) options, name to value.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Whether a materialized view has been filled.</summary>
    public bool IsPopulated { get; init; } = true;

    /// <summary>What ON COMMIT does to a temporary table's rows.</summary>
    public OnCommitAction OnCommit { get; init; } = OnCommitAction.PreserveRows;

    /// <summary>pg_class.relreplident: d, f, n or i.</summary>
    public char ReplicaIdentity { get; init; } = 'd';

    /// <summary>Whether it has columns and rows of a table (a materialized view has).</summary>
    public bool HasRows => Kind is RelationKind.Table or RelationKind.MaterializedView;

    public IEnumerable<Column> LiveColumns => Columns.Where(column => !column.IsDropped);
    public Column? FindColumn(string name) => Columns.FirstOrDefault(column => !column.IsDropped && column.Name == name);
    public Column Column(short number) => Columns[number - 1];
    public Constraint? FindConstraint(string name) => Constraints.FirstOrDefault(constraint => constraint.Name == name);
    public Constraint? PrimaryKey => Constraints.FirstOrDefault(constraint => constraint.Kind == ConstraintKind.PrimaryKey);

    /// <summary>The relation with one column changed; <paramref name="change"/> gets the column as it is.</summary>
    public Relation WithColumn(short number, Func<Column, Column> change) => this with { Columns = Columns.SetItem(number - 1, change(Columns[number - 1])) };
}

public enum OnCommitAction { PreserveRows, DeleteRows, Drop }

/// <summary>One key of an index: a column or an expression, with its order.</summary>
/// <param name="Column">Column number; 0 when <paramref name="Expression"/> is set.</param>
/// <param name="Expression">SQL text over the table's columns.</param>
/// <param name="OperatorClass">Name of the operator class; null for the type's default.</param>
public sealed record IndexKey(short Column, string? Expression, string? OperatorClass = null, bool Descending = false, bool NullsFirst = false, string? Collation = null);

public sealed record IndexDefinition : SchemaObject
{
    public required uint Table { get; init; }

    /// <summary>Access method: btree, hnsw, ivfflat, ruhnsw, ruivfflat.</summary>
    public required string Method { get; init; }

    public required ImmutableArray<IndexKey> Keys { get; init; }

    /// <summary>Columns of INCLUDE.</summary>
    public ImmutableArray<short> Included { get; init; } = [];

    public bool IsUnique { get; init; }
    public bool IsPrimary { get; init; }
    public bool NullsNotDistinct { get; init; }

    /// <summary>Constraint that this index backs; 0 for none.</summary>
    public uint ConstraintOid { get; init; }

    /// <summary>SQL text of a partial index's condition; null for all rows.</summary>
    public string? Predicate { get; init; }

    /// <summary>Columns of the table that its expressions and predicate read, and functions and types they need.</summary>
    public ImmutableArray<ObjectAddress> References { get; init; } = [];

    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
    public bool IsValid { get; init; } = true;
}

public sealed record SequenceDefinition : SchemaObject
{
    /// <summary>Name of its counter in the store (<see cref="SequenceCounters"/>); RESTART gives a new one, so that it can be rolled back.</summary>
    public required uint StateId { get; init; }

    public required PgType Type { get; init; }
    public long Start { get; init; } = 1;
    public long Increment { get; init; } = 1;
    public long Minimum { get; init; } = 1;
    public long Maximum { get; init; } = long.MaxValue;
    public long Cache { get; init; } = 1;
    public bool Cycles { get; init; }

    /// <summary>Column number in the owning table (<see cref="SchemaObject.OwnedBy"/>); 0 for none.</summary>
    public short OwnedByColumn { get; init; }

    /// <summary>Whether it is part of an identity column (dropped with it, not droppable by itself).</summary>
    public bool IsIdentity { get; init; }
    public Persistence Persistence { get; init; } = Persistence.Permanent;
}

/// <summary>An enum or domain. Composite types belong to their relation, which has kind <see cref="RelationKind.CompositeType"/> when CREATE TYPE made it.</summary>
public sealed record TypeDefinition : SchemaObject
{
    public required TypeKind Kind { get; init; }
    public uint ArrayTypeOid { get; init; }

    /// <summary>Enum: labels in their order. Values are stored as label OIDs, so labels may be added and renamed without touching rows.</summary>
    public ImmutableArray<EnumLabel> Labels { get; init; } = [];

    /// <summary>Domain: what it is over, and its rules.</summary>
    public PgType? BaseType { get; init; }
    public int Typmod { get; init; } = -1;
    public bool NotNull { get; init; }
    public string? Default { get; init; }
    public ImmutableArray<Constraint> Checks { get; init; } = [];

    public string? Collation { get; init; }

    /// <summary>What a domain's default and checks need.</summary>
    public IEnumerable<ObjectAddress> References => Checks.SelectMany(check => check.References);
}

/// <summary>An installed extension. Its types, functions and operators are the program's; this record makes them visible.</summary>
public sealed record ExtensionDefinition : SchemaObject
{
    public required string Version { get; init; }
}

/// <summary>A role of the cluster.</summary>
public sealed record RoleDefinition : CatalogObject
{
    public bool IsSuperuser { get; init; }
    public bool Inherits { get; init; } = true;
    public bool CanCreateRole { get; init; }
    public bool CanCreateDatabase { get; init; }
    public bool CanLogin { get; init; }
    public bool IsReplication { get; init; }
    public bool BypassesRowSecurity { get; init; }
    public int ConnectionLimit { get; init; } = -1;
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>SCRAM verifier; null when the role has no password.</summary>
    public string? Password { get; init; }

    /// <summary>Roles this one is a member of, with whether it may grant them on.</summary>
    public ImmutableArray<RoleMembership> MemberOf { get; init; } = [];
    public ImmutableSortedDictionary<string, string> Settings { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>Membership in <paramref name="Role"/>, with whether it may be granted on.</summary>
public readonly record struct RoleMembership(uint Role, bool Admin, uint Grantor);

/// <summary>A database of the cluster.</summary>
public sealed record DatabaseDefinition : CatalogObject
{
    public bool IsTemplate { get; init; }
    public bool AllowsConnections { get; init; } = true;
    public int ConnectionLimit { get; init; } = -1;
    public string Collation { get; init; } = "C.UTF-8";
    public ImmutableSortedDictionary<string, string> Settings { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>ALTER ROLE … IN DATABASE … SET, by role.</summary>
    public ImmutableSortedDictionary<uint, ImmutableSortedDictionary<string, string>> RoleSettings { get; init; }
        = ImmutableSortedDictionary<uint, ImmutableSortedDictionary<string, string>>.Empty;
}
