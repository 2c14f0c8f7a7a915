using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>ALTER TABLE, and ALTER INDEX, VIEW, SEQUENCE, MATERIALIZED VIEW, FOREIGN TABLE, TYPE (composite) with the same actions.</summary>
/// <param name="Kind">The kind of relation that was named.</param>
public sealed record AlterTableStatement(
    ObjectKind Kind, TableReference Table, bool IfExists, ImmutableArray<AlterTableAction> Actions, int Position) : Statement(Position);

public abstract record AlterTableAction(int Position) : Node(Position);

/// <summary><c>ADD [COLUMN]</c>; <c>ADD ATTRIBUTE</c> of a composite type.</summary>
public sealed record AddColumn(ColumnDefinition Column, bool IfNotExists, DropBehavior Behavior, int Position) : AlterTableAction(Position);

public sealed record DropColumn(string Column, bool IfExists, DropBehavior Behavior, int Position) : AlterTableAction(Position);

/// <param name="Using">Null: the assignment cast.</param>
public sealed record AlterColumnType(
    string Column, TypeName Type, QualifiedName? Collation, Expression? Using, DropBehavior Behavior, int Position) : AlterTableAction(Position);

/// <param name="Default">Null for DROP DEFAULT.</param>
public sealed record AlterColumnDefault(string Column, Expression? Default, int Position) : AlterTableAction(Position);

/// <summary><c>SET NOT NULL</c> or <c>DROP NOT NULL</c></summary>
public sealed record AlterColumnNotNull(string Column, bool IsNotNull, int Position) : AlterTableAction(Position);

public sealed record DropColumnExpression(string Column, bool IfExists, int Position) : AlterTableAction(Position);

/// <param name="Column">A name, or for ALTER INDEX the number of a column as text.</param>
public sealed record AlterColumnStatistics(string Column, int Target, int Position) : AlterTableAction(Position);

/// <summary><c>SET (…)</c> or <c>RESET (…)</c> of a column.</summary>
public sealed record AlterColumnOptions(string Column, bool IsReset, ImmutableArray<Option> Options, int Position)
    : AlterTableAction(Position);

public sealed record AlterColumnStorage(string Column, string Storage, int Position) : AlterTableAction(Position);

public sealed record AlterColumnCompression(string Column, string Compression, int Position) : AlterTableAction(Position);

public sealed record AddIdentity(string Column, IdentityConstraint Identity, int Position) : AlterTableAction(Position);

/// <param name="IsAlways">Null when GENERATED was not written.</param>
/// <param name="Options">The options after SET; RESTART too.</param>
public sealed record AlterIdentity(string Column, bool? IsAlways, ImmutableArray<SequenceOption> Options, int Position)
    : AlterTableAction(Position);

public sealed record DropIdentity(string Column, bool IfExists, int Position) : AlterTableAction(Position);

public sealed record AddConstraint(Constraint Constraint, int Position) : AlterTableAction(Position);

public sealed record AlterConstraint(string Name, bool IsDeferrable, bool IsInitiallyDeferred, int Position) : AlterTableAction(Position);

public sealed record ValidateConstraint(string Name, int Position) : AlterTableAction(Position);

public sealed record DropConstraint(string Name, bool IfExists, DropBehavior Behavior, int Position) : AlterTableAction(Position);

public sealed record ClusterOn(string Index, int Position) : AlterTableAction(Position);

public sealed record SetWithoutCluster(int Position) : AlterTableAction(Position);

public sealed record SetWithoutOids(int Position) : AlterTableAction(Position);

public sealed record SetPersistence(TablePersistence Persistence, int Position) : AlterTableAction(Position);

public sealed record SetTablespace(string Tablespace, int Position) : AlterTableAction(Position);

public sealed record SetAccessMethod(string AccessMethod, int Position) : AlterTableAction(Position);

/// <summary><c>SET (…)</c> or <c>RESET (…)</c> of the table, index or view.</summary>
public sealed record AlterOptions(bool IsReset, ImmutableArray<Option> Options, int Position) : AlterTableAction(Position);

public sealed record InheritTable(QualifiedName Parent, bool IsInherit, int Position) : AlterTableAction(Position);

/// <param name="Type">Null for NOT OF.</param>
public sealed record SetOfType(TypeName? Type, int Position) : AlterTableAction(Position);

public sealed record ChangeOwner(RoleName Owner, int Position) : AlterTableAction(Position);

public enum ReplicaIdentity
{
    Default,
    Full,
    Nothing,
    Index,
}

public sealed record SetReplicaIdentity(ReplicaIdentity Identity, string? Index, int Position) : AlterTableAction(Position);

/// <summary><c>ENABLE | DISABLE ROW LEVEL SECURITY</c> (Force false), <c>[NO] FORCE ROW LEVEL SECURITY</c>.</summary>
public sealed record SetRowSecurity(bool IsForce, bool Enable, int Position) : AlterTableAction(Position);

public enum TriggerState
{
    Enable,
    EnableAlways,
    EnableReplica,
    Disable,
}

/// <param name="Name">Null for ALL and USER of triggers.</param>
public sealed record SetTriggerState(TriggerState State, bool IsRule, string? Name, bool UserOnly, int Position) : AlterTableAction(Position);

public sealed record AttachPartition(QualifiedName Partition, PartitionBound? Bound, int Position) : AlterTableAction(Position);

public sealed record DetachPartition(QualifiedName Partition, bool Concurrently, bool IsFinalize, int Position) : AlterTableAction(Position);

/// <summary><c>ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b</c></summary>
public sealed record MoveTablespaceStatement(
    ObjectKind Kind, string From, ImmutableArray<RoleName> OwnedBy, string To, bool NoWait, int Position) : Statement(Position);
