using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>
/// A call of a function, aggregate or window function. SQL's own syntaxes are calls of PostgreSQL's functions in
/// <c>pg_catalog</c> with <see cref="IsSqlSyntax"/> set: <c>extract</c>, <c>position</c>, <c>substring</c>, <c>overlay</c>,
/// <c>btrim</c>, <c>ltrim</c>, <c>rtrim</c>, <c>timezone</c>, <c>overlaps</c>, <c>normalize</c>, <c>is_normalized</c>,
/// <c>like_escape</c>, <c>similar_to_escape</c>.
/// </summary>
public sealed record FunctionCall(QualifiedName Function, ImmutableArray<FunctionArgument> Arguments, int Position) : Expression(Position)
{
    /// <summary><c>count(*)</c></summary>
    public bool IsStar { get; init; }

    public bool IsDistinct { get; init; }

    /// <summary>VARIADIC stands before the last argument.</summary>
    public bool IsVariadic { get; init; }

    /// <summary>ORDER BY inside the parentheses, or of WITHIN GROUP.</summary>
    public ImmutableArray<SortItem> OrderBy { get; init; } = [];

    public bool IsWithinGroup { get; init; }

    public Expression? Filter { get; init; }

    public WindowSpecification? Over { get; init; }

    /// <summary>Written in SQL's own syntax for this function, and deparsed so.</summary>
    public bool IsSqlSyntax { get; init; }
}

/// <param name="Name">Of <c>name =&gt; value</c> or <c>name := value</c>.</param>
public sealed record FunctionArgument(Expression Value, string? Name, int Position) : Node(Position);

/// <summary>A window: of a WINDOW clause, or after OVER.</summary>
/// <param name="Name">In <c>WINDOW name AS (…)</c> its name; in <c>OVER name</c> the window meant.</param>
/// <param name="Base">In <c>(base …)</c> the window copied.</param>
public sealed record WindowSpecification(
    string? Name, string? Base, ImmutableArray<Expression> PartitionBy, ImmutableArray<SortItem> OrderBy, WindowFrame? Frame, int Position)
    : Node(Position);

/// <param name="End">Null when the frame was written without BETWEEN: it ends at the current row.</param>
public sealed record WindowFrame(FrameUnit Unit, FrameBound Start, FrameBound? End, FrameExclusion Exclusion, int Position)
    : Node(Position);

/// <param name="Offset">Of <c>n PRECEDING</c> and <c>n FOLLOWING</c>.</param>
public sealed record FrameBound(FrameBoundKind Kind, Expression? Offset, int Position) : Node(Position);

public enum FrameUnit
{
    Range,
    Rows,
    Groups,
}

public enum FrameBoundKind
{
    UnboundedPreceding,
    Preceding,
    CurrentRow,
    Following,
    UnboundedFollowing,
}

public enum FrameExclusion
{
    NoOthers,
    CurrentRow,
    Group,
    Ties,
}
