using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>One entry of FROM.</summary>
public abstract record FromItem(int Position) : Node(Position)
{
    public Alias? Alias { get; init; }
}

/// <summary>A table, view or CTE by name; also the target of INSERT, UPDATE, DELETE, MERGE.</summary>
public sealed record TableReference(QualifiedName Name, int Position) : FromItem(Position)
{
    /// <summary>False after ONLY: inheritance children are left out.</summary>
    public bool IncludesChildren { get; init; } = true;

    public TableSample? Sample { get; init; }
}

/// <summary><c>TABLESAMPLE method (arguments) REPEATABLE (seed)</c></summary>
public sealed record TableSample(QualifiedName Method, ImmutableArray<Expression> Arguments, Expression? Repeatable, int Position)
    : Node(Position);

public sealed record SubqueryReference(Query Subquery, bool IsLateral, int Position) : FromItem(Position);

/// <summary>A function in FROM, or several of <c>ROWS FROM (…)</c>.</summary>
public sealed record FunctionReference(ImmutableArray<RowsFromFunction> Functions, bool IsLateral, int Position) : FromItem(Position)
{
    public bool IsRowsFrom { get; init; }
    public bool WithOrdinality { get; init; }

    /// <summary><c>AS t (name type, …)</c></summary>
    public ImmutableArray<ColumnDefinition> Columns { get; init; } = [];
}

/// <param name="Function">Usually a <see cref="FunctionCall"/>; also what looks like one (CAST, COALESCE, CURRENT_DATE).</param>
/// <param name="Columns">Of <c>AS (name type, …)</c> inside ROWS FROM.</param>
public sealed record RowsFromFunction(Expression Function, ImmutableArray<ColumnDefinition> Columns, int Position) : Node(Position);

/// <summary>A join. A CROSS JOIN is an inner one without condition.</summary>
public sealed record JoinReference(JoinKind Kind, FromItem Left, FromItem Right, int Position) : FromItem(Position)
{
    public bool IsNatural { get; init; }
    public Expression? Condition { get; init; }

    /// <summary>The columns of USING.</summary>
    public ImmutableArray<string> Using { get; init; } = [];

    /// <summary><c>USING (…) AS alias</c></summary>
    public Alias? UsingAlias { get; init; }
}

public enum JoinKind
{
    Inner,
    Left,
    Right,
    Full,
}
