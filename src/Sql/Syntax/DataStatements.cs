using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>One statement.</summary>
public abstract record Statement(int Position) : Node(Position);

/// <summary>A statement that PostgreSQL has and this server does not run.</summary>
/// <param name="Feature">Its leading words, such as <c>CREATE TRIGGER</c>.</param>
public sealed record UnsupportedStatement(string Feature, int Position) : Statement(Position);

/// <summary>SELECT, VALUES, TABLE as a statement.</summary>
public sealed record QueryStatement(Query Query, int Position) : Statement(Position);

/// <param name="Columns">Empty: all columns, or as many as the source has.</param>
/// <param name="Source">Null for DEFAULT VALUES.</param>
public sealed record InsertStatement(
    TableReference Table, ImmutableArray<AssignmentTarget> Columns, Query? Source, int Position) : Statement(Position)
{
    public WithClause? With { get; init; }
    public Overriding Overriding { get; init; }
    public OnConflictClause? OnConflict { get; init; }
    public ImmutableArray<SelectTarget> Returning { get; init; } = [];
}

public enum Overriding
{
    None,
    UserValue,
    SystemValue,
}

/// <summary>A column to assign, and the part of it: <c>a</c>, <c>a.b</c>, <c>a[1]</c>.</summary>
public sealed record AssignmentTarget(string Column, ImmutableArray<Indirection> Path, int Position) : Node(Position);

/// <param name="Assignments">Empty with <paramref name="IsUpdate"/> false: DO NOTHING.</param>
public sealed record OnConflictClause(
    ConflictTarget? Target, bool IsUpdate, ImmutableArray<Assignment> Assignments, Expression? Where, int Position) : Node(Position);

/// <summary>Either the elements that an index must have (with the predicate of a partial one), or a constraint's name.</summary>
public sealed record ConflictTarget(ImmutableArray<IndexElement> Elements, Expression? Where, string? Constraint, int Position)
    : Node(Position);

/// <summary>One entry of SET.</summary>
public abstract record Assignment(int Position) : Node(Position);

public sealed record ColumnAssignment(AssignmentTarget Target, Expression Value, int Position) : Assignment(Position);

/// <summary><c>(a, b) = source</c>: a <see cref="RowConstructor"/>, a <see cref="ScalarSubquery"/>, or any expression of a row type.</summary>
public sealed record MultiAssignment(ImmutableArray<AssignmentTarget> Targets, Expression Source, int Position) : Assignment(Position);

public sealed record UpdateStatement(
    TableReference Table, ImmutableArray<Assignment> Assignments, ImmutableArray<FromItem> From, Expression? Where, int Position)
    : Statement(Position)
{
    public WithClause? With { get; init; }
    public ImmutableArray<SelectTarget> Returning { get; init; } = [];
}

public sealed record DeleteStatement(TableReference Table, ImmutableArray<FromItem> Using, Expression? Where, int Position)
    : Statement(Position)
{
    public WithClause? With { get; init; }
    public ImmutableArray<SelectTarget> Returning { get; init; } = [];
}

public sealed record MergeStatement(
    TableReference Target, FromItem Source, Expression Condition, ImmutableArray<MergeClause> Clauses, int Position) : Statement(Position)
{
    public WithClause? With { get; init; }
}

/// <summary><c>WHEN [NOT] MATCHED [AND condition] THEN action</c></summary>
public sealed record MergeClause(bool IsMatched, Expression? Condition, MergeAction Action, int Position) : Node(Position);

public abstract record MergeAction(int Position) : Node(Position);

public sealed record MergeUpdate(ImmutableArray<Assignment> Assignments, int Position) : MergeAction(Position);

public sealed record MergeDelete(int Position) : MergeAction(Position);

/// <param name="Values">Empty for DEFAULT VALUES.</param>
public sealed record MergeInsert(
    ImmutableArray<AssignmentTarget> Columns, Overriding Overriding, ImmutableArray<Expression> Values, int Position) : MergeAction(Position);

public sealed record MergeDoNothing(int Position) : MergeAction(Position);

public sealed record TruncateStatement(
    ImmutableArray<TableReference> Tables, bool RestartIdentity, DropBehavior Behavior, int Position) : Statement(Position);

/// <summary>COPY. One of <see cref="Table"/> and <see cref="Query"/> is set.</summary>
/// <param name="Columns">Empty: all columns.</param>
/// <param name="Query">A <see cref="QueryStatement"/>, or INSERT, UPDATE, DELETE with RETURNING.</param>
/// <param name="FileName">Null for STDIN and STDOUT; the command after PROGRAM.</param>
/// <param name="Options">Named as in the parenthesised form (<c>format</c>, <c>delimiter</c>, <c>force_quote</c>, …), whichever was written.</param>
public sealed record CopyStatement(
    QualifiedName? Table, ImmutableArray<string> Columns, Statement? Query, bool IsFrom, string? FileName, bool IsProgram,
    ImmutableArray<Option> Options, Expression? Where, int Position) : Statement(Position);
