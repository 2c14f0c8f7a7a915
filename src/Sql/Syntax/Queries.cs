using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>What produces rows: SELECT, VALUES, or a set operation of two queries.</summary>
public abstract record Query(int Position) : Node(Position)
{
    public WithClause? With { get; init; }
    public ImmutableArray<SortItem> OrderBy { get; init; } = [];

    /// <summary>Null for no limit; <c>LIMIT ALL</c> is a <see cref="NullConstant"/>.</summary>
    public Expression? Limit { get; init; }

    /// <summary><c>FETCH FIRST … WITH TIES</c></summary>
    public bool WithTies { get; init; }

    public Expression? Offset { get; init; }
    public ImmutableArray<LockingClause> Locking { get; init; } = [];
}

/// <summary><c>SELECT …</c>; <c>TABLE t</c> is <c>SELECT * FROM t</c>.</summary>
public sealed record SelectQuery(ImmutableArray<SelectTarget> Targets, ImmutableArray<FromItem> From, int Position) : Query(Position)
{
    /// <summary>DISTINCT, with or without ON.</summary>
    public bool IsDistinct { get; init; }

    /// <summary>The expressions of DISTINCT ON; empty for a plain DISTINCT.</summary>
    public ImmutableArray<Expression> DistinctOn { get; init; } = [];

    public IntoClause? Into { get; init; }
    public Expression? Where { get; init; }
    public ImmutableArray<GroupingElement> GroupBy { get; init; } = [];

    /// <summary><c>GROUP BY DISTINCT</c></summary>
    public bool IsGroupByDistinct { get; init; }

    public Expression? Having { get; init; }
    public ImmutableArray<WindowSpecification> Windows { get; init; } = [];
}

public sealed record ValuesQuery(ImmutableArray<ImmutableArray<Expression>> Rows, int Position) : Query(Position);

public sealed record SetOperationQuery(SetOperator Operator, bool IsAll, Query Left, Query Right, int Position) : Query(Position);

public enum SetOperator
{
    Union,
    Intersect,
    Except,
}

/// <summary>An output column of SELECT or RETURNING.</summary>
/// <param name="Alias">As written after AS; null when none was.</param>
public sealed record SelectTarget(Expression Value, string? Alias, int Position) : Node(Position);

/// <summary>One key of ORDER BY.</summary>
/// <param name="Using">The operator of <c>USING</c>; then <paramref name="Descending"/> says nothing.</param>
/// <param name="NullsFirst">Null when not written: last for ascending, first for descending.</param>
public sealed record SortItem(Expression Value, bool Descending, OperatorName? Using, bool? NullsFirst, int Position) : Node(Position);

/// <summary>One element of GROUP BY.</summary>
public abstract record GroupingElement(int Position) : Node(Position);

public sealed record GroupingKey(Expression Value, int Position) : GroupingElement(Position);

/// <summary><c>()</c></summary>
public sealed record EmptyGroupingSet(int Position) : GroupingElement(Position);

/// <summary><c>ROLLUP (…)</c>, <c>CUBE (…)</c>; a <see cref="RowConstructor"/> inside is one unit.</summary>
public sealed record RollupOrCube(bool IsCube, ImmutableArray<Expression> Items, int Position) : GroupingElement(Position);

/// <summary><c>GROUPING SETS (…)</c></summary>
public sealed record GroupingSets(ImmutableArray<GroupingElement> Sets, int Position) : GroupingElement(Position);

/// <summary><c>FOR UPDATE OF …</c></summary>
/// <param name="Tables">Empty: all tables of the query.</param>
public sealed record LockingClause(LockStrength Strength, ImmutableArray<QualifiedName> Tables, LockWait Wait, int Position) : Node(Position);

public enum LockStrength
{
    KeyShare,
    Share,
    NoKeyUpdate,
    Update,
}

public enum LockWait
{
    Block,
    SkipLocked,
    NoWait,
}

/// <summary><c>INTO [TEMP | UNLOGGED] table</c>: SELECT INTO.</summary>
public sealed record IntoClause(QualifiedName Table, TablePersistence Persistence, int Position) : Node(Position);

public sealed record WithClause(bool IsRecursive, ImmutableArray<CommonTableExpression> Tables, int Position) : Node(Position);

/// <param name="Materialized">Null when not written.</param>
/// <param name="Body">A <see cref="QueryStatement"/>, INSERT, UPDATE, DELETE (or MERGE).</param>
public sealed record CommonTableExpression(
    string Name, ImmutableArray<string> Columns, bool? Materialized, Statement Body, int Position) : Node(Position)
{
    public SearchClause? Search { get; init; }
    public CycleClause? Cycle { get; init; }
}

/// <summary><c>SEARCH DEPTH | BREADTH FIRST BY … SET column</c></summary>
public sealed record SearchClause(bool IsBreadthFirst, ImmutableArray<string> Columns, string SequenceColumn, int Position) : Node(Position);

/// <summary><c>CYCLE … SET mark TO value DEFAULT value USING path</c></summary>
public sealed record CycleClause(
    ImmutableArray<string> Columns, string MarkColumn, Expression? MarkValue, Expression? MarkDefault, string PathColumn, int Position)
    : Node(Position);
