using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

public enum TablePersistence
{
    Permanent,
    Unlogged,
    Temporary,
}

public enum OnCommit
{
    None,
    PreserveRows,
    DeleteRows,
    Drop,
}

/// <summary>CREATE TABLE. The words that CREATE TABLE, CREATE TABLE AS and PARTITION OF share are here.</summary>
/// <param name="Elements">Columns, constraints and LIKE clauses in their order.</param>
public sealed record CreateTableStatement(QualifiedName Name, ImmutableArray<TableElement> Elements, int Position) : Statement(Position)
{
    public bool IfNotExists { get; init; }
    public TablePersistence Persistence { get; init; }
    public ImmutableArray<QualifiedName> Inherits { get; init; } = [];

    /// <summary><c>OF type</c></summary>
    public TypeName? OfType { get; init; }

    /// <summary><c>PARTITION OF parent</c>, with its <see cref="Bound"/>.</summary>
    public QualifiedName? PartitionOf { get; init; }

    public PartitionBound? Bound { get; init; }
    public PartitionClause? PartitionBy { get; init; }
    public string? AccessMethod { get; init; }
    public ImmutableArray<Option> Options { get; init; } = [];
    public OnCommit OnCommit { get; init; }
    public string? Tablespace { get; init; }
}

/// <summary>An element between the parentheses of CREATE TABLE: <see cref="ColumnDefinition"/>, <see cref="Constraint"/>, <see cref="LikeClause"/>.</summary>
public abstract record TableElement(int Position) : Node(Position);

/// <param name="Type">Null only in typed tables and partitions, where the type comes from elsewhere.</param>
public sealed record ColumnDefinition(string Name, TypeName? Type, ImmutableArray<Constraint> Constraints, int Position)
    : TableElement(Position)
{
    public QualifiedName? Collation { get; init; }

    /// <summary>As written after COMPRESSION.</summary>
    public string? Compression { get; init; }

    /// <summary>As written after STORAGE.</summary>
    public string? Storage { get; init; }
}

public sealed record LikeClause(QualifiedName Table, LikeOptions Including, int Position) : TableElement(Position);

[Flags]
public enum LikeOptions
{
    None = 0,
    Comments = 1,
    Compression = 2,
    Constraints = 4,
    Defaults = 8,
    Generated = 16,
    Identity = 32,
    Indexes = 64,
    Statistics = 128,
    Storage = 256,
    All = 511,
}

/// <summary>A constraint, of a column or of the table; one of a column has no <c>Columns</c> of its own.</summary>
public abstract record Constraint(string? Name, int Position) : TableElement(Position)
{
    public bool IsDeferrable { get; init; }
    public bool IsInitiallyDeferred { get; init; }
    public bool IsNotValid { get; init; }
    public bool IsNoInherit { get; init; }
}

public sealed record NotNullConstraint(string? Name, int Position) : Constraint(Name, Position);

/// <summary>The word NULL.</summary>
public sealed record NullableConstraint(string? Name, int Position) : Constraint(Name, Position);

public sealed record DefaultConstraint(string? Name, Expression Value, int Position) : Constraint(Name, Position);

/// <summary><c>GENERATED ALWAYS AS (expression) STORED</c></summary>
public sealed record GeneratedConstraint(string? Name, Expression Value, int Position) : Constraint(Name, Position);

/// <summary><c>GENERATED ALWAYS | BY DEFAULT AS IDENTITY (options)</c></summary>
public sealed record IdentityConstraint(string? Name, bool IsAlways, ImmutableArray<SequenceOption> Options, int Position)
    : Constraint(Name, Position);

public sealed record CheckConstraint(string? Name, Expression Condition, int Position) : Constraint(Name, Position);

/// <summary>UNIQUE or PRIMARY KEY.</summary>
public sealed record UniqueConstraint(string? Name, bool IsPrimaryKey, ImmutableArray<string> Columns, int Position)
    : Constraint(Name, Position)
{
    public bool NullsNotDistinct { get; init; }
    public ImmutableArray<string> Include { get; init; } = [];
    public ImmutableArray<Option> Options { get; init; } = [];
    public string? Tablespace { get; init; }

    /// <summary><c>USING INDEX name</c> of ALTER TABLE ADD.</summary>
    public string? UsingIndex { get; init; }
}

public sealed record ForeignKeyConstraint(
    string? Name, ImmutableArray<string> Columns, QualifiedName ReferencedTable, ImmutableArray<string> ReferencedColumns, int Position)
    : Constraint(Name, Position)
{
    public ForeignKeyMatch Match { get; init; }
    public ForeignKeyAction OnUpdate { get; init; }
    public ForeignKeyAction OnDelete { get; init; }

    /// <summary>The columns of <c>ON DELETE SET NULL (…)</c>; empty: all.</summary>
    public ImmutableArray<string> OnDeleteColumns { get; init; } = [];
}

public enum ForeignKeyMatch
{
    Simple,
    Full,
    Partial,
}

public enum ForeignKeyAction
{
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

public sealed record ExclusionConstraint(
    string? Name, string? AccessMethod, ImmutableArray<ExclusionElement> Elements, Expression? Where, int Position)
    : Constraint(Name, Position)
{
    public ImmutableArray<string> Include { get; init; } = [];
    public ImmutableArray<Option> Options { get; init; } = [];
    public string? Tablespace { get; init; }
}

public sealed record ExclusionElement(IndexElement Element, OperatorName Operator, int Position) : Node(Position);

/// <summary><c>PARTITION BY strategy (keys)</c></summary>
public sealed record PartitionClause(PartitionStrategy Strategy, ImmutableArray<IndexElement> Keys, int Position) : Node(Position);

public enum PartitionStrategy
{
    List,
    Range,
    Hash,
}

public abstract record PartitionBound(int Position) : Node(Position);

/// <summary><c>DEFAULT</c></summary>
public sealed record DefaultPartition(int Position) : PartitionBound(Position);

public sealed record ListPartition(ImmutableArray<Expression> Values, int Position) : PartitionBound(Position);

/// <summary>MINVALUE and MAXVALUE are <see cref="ColumnReference"/>s of these names, as PostgreSQL parses them.</summary>
public sealed record RangePartition(ImmutableArray<Expression> From, ImmutableArray<Expression> To, int Position) : PartitionBound(Position);

public sealed record HashPartition(int Modulus, int Remainder, int Position) : PartitionBound(Position);

/// <summary>CREATE TABLE AS and CREATE MATERIALIZED VIEW.</summary>
/// <param name="Source">A <see cref="QueryStatement"/> or an EXECUTE.</param>
public sealed record CreateTableAsStatement(QualifiedName Name, ImmutableArray<string> Columns, Statement Source, int Position)
    : Statement(Position)
{
    public bool IsMaterializedView { get; init; }
    public bool IfNotExists { get; init; }
    public TablePersistence Persistence { get; init; }
    public string? AccessMethod { get; init; }
    public ImmutableArray<Option> Options { get; init; } = [];
    public OnCommit OnCommit { get; init; }
    public string? Tablespace { get; init; }

    /// <summary>False after WITH NO DATA.</summary>
    public bool WithData { get; init; } = true;
}
