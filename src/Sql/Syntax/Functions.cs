using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>CREATE FUNCTION and CREATE PROCEDURE.</summary>
/// <param name="Returns">Null for procedures and when the OUT parameters say it.</param>
public sealed record CreateFunctionStatement(
    QualifiedName Name, bool IsProcedure, bool OrReplace, ImmutableArray<FunctionParameter> Parameters, TypeName? Returns,
    ImmutableArray<FunctionOption> Options, int Position) : Statement(Position)
{
    /// <summary><c>RETURNS TABLE (…)</c>: the columns are parameters of mode Table at the end.</summary>
    public bool ReturnsTable { get; init; }

    /// <summary>The body of <c>RETURN expression</c> (one statement) or <c>BEGIN ATOMIC … END</c>, as text.</summary>
    public string? SqlBody { get; init; }
}

public enum ParameterMode
{
    In,
    Out,
    InOut,
    Variadic,
    Table,
}

public sealed record FunctionParameter(string? Name, ParameterMode Mode, TypeName Type, Expression? Default, int Position) : Node(Position);

/// <summary>
/// One word of CREATE or ALTER FUNCTION: <c>as</c> (one or two texts), <c>language</c>, <c>transform</c>, <c>window</c>,
/// <c>volatility</c> (immutable, stable, volatile), <c>strict</c>, <c>security</c> (true: DEFINER), <c>leakproof</c>, <c>cost</c>, <c>rows</c>,
/// <c>support</c>, <c>parallel</c>, <c>set</c>.
/// </summary>
/// <param name="Values">Texts; for booleans <c>true</c> or <c>false</c>.</param>
public sealed record FunctionOption(string Name, ImmutableArray<string> Values, int Position) : Node(Position)
{
    /// <summary>Of <c>set</c>.</summary>
    public SetStatement? Setting { get; init; }
}

public sealed record AlterFunctionStatement(ObjectReference Function, ImmutableArray<FunctionOption> Options, int Position)
    : Statement(Position);

/// <param name="Language">Null: plpgsql.</param>
public sealed record DoStatement(string Body, string? Language, int Position) : Statement(Position);

public sealed record CallStatement(FunctionCall Call, int Position) : Statement(Position);
