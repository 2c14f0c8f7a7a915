using System.Collections.Immutable;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>
/// An expression in which every name is resolved and every node has a type. The binder makes these from syntax; the planner rewrites
/// them; <c>ExpressionCompiler</c> turns them into evaluators.
/// </summary>
/// <param name="Type">Type of the value.</param>
/// <param name="Typmod">Its modifier where it is known (columns, casts), else -1.</param>
public abstract record BoundExpression(PgType Type, int Typmod = -1)
{
    /// <summary>The modifier that values of one type share, of which any may be the result; -1 when they differ.</summary>
    protected static int CommonTypmod(IEnumerable<BoundExpression> values) => values.Select(value => value.Typmod).Distinct().Take(2).ToArray() is [var only] ? only : -1;
}

/// <summary>A value known now. A literal whose type is not yet known has type <c>unknown</c> and is text; coercion replaces it.</summary>
public sealed record BoundConstant(Datum Value, PgType Type, int Typmod = -1, int Position = 0) : BoundExpression(Type, Typmod);

/// <summary>A statement parameter, <paramref name="Number"/> from 1.</summary>
public sealed record BoundParameter(int Number, PgType Type, int Position = 0) : BoundExpression(Type);

/// <summary>
/// A column of a relation of this statement. Relation ids are unique over the whole statement, subqueries included, so the same
/// node serves for columns of outer queries: what a plan's input does not offer comes from outside.
/// </summary>
/// <param name="Relation">Id of the range-table entry.</param>
/// <param name="Column">Position among its output columns, from 0; system columns are negative (<see cref="SystemColumns"/>).</param>
/// <param name="Position">Where it is written, for errors; 0 when it is not.</param>
public sealed record BoundColumn(int Relation, int Column, string Name, PgType Type, int Typmod = -1, int Position = 0) : BoundExpression(Type, Typmod);

/// <summary>A function or operator applied to arguments of exactly its (resolved) argument types.</summary>
/// <param name="OperatorName">The operator's name when it was written as one, for printing and planning; else null.</param>
public sealed record BoundCall(Function Function, ImmutableArray<BoundExpression> Arguments, PgType Type, Operator? Operator = null, int Typmod = -1)
    : BoundExpression(Type, Typmod)
{
    /// <summary>Whether the function is that of the cast between the first argument's type and the call's.</summary>
    public bool IsCast => Operator is null && Arguments.Length > 0
        && BuiltinFunctions.CastsByTypes.TryGetValue((Arguments[0].Type.Oid, Type.Oid), out var cast) && cast.Function == Function;
}

/// <summary>AND or OR of two or more conditions.</summary>
public sealed record BoundLogical(bool IsAnd, ImmutableArray<BoundExpression> Operands) : BoundExpression(PgTypes.Bool);

public sealed record BoundNot(BoundExpression Operand) : BoundExpression(PgTypes.Bool);

/// <summary>IS [NOT] NULL; for a record every (or no) field must be null.</summary>
public sealed record BoundNullTest(BoundExpression Operand, bool IsNot) : BoundExpression(PgTypes.Bool);

/// <summary>IS [NOT] TRUE, FALSE or UNKNOWN; <paramref name="Expected"/> null means UNKNOWN.</summary>
public sealed record BoundBooleanTest(BoundExpression Operand, bool? Expected, bool IsNot) : BoundExpression(PgTypes.Bool);

/// <summary>IS [NOT] DISTINCT FROM, by the equality operator given.</summary>
public sealed record BoundDistinct(BoundExpression Left, BoundExpression Right, Function Equal, bool IsNot) : BoundExpression(PgTypes.Bool);

/// <summary>NULLIF(left, right).</summary>
public sealed record BoundNullIf(BoundExpression Left, BoundExpression Right, Function Equal) : BoundExpression(Left.Type, Left.Typmod);

/// <summary>CASE; with the simple form the conditions already compare. <paramref name="Default"/> null means NULL.</summary>
public sealed record BoundCase(ImmutableArray<(BoundExpression Condition, BoundExpression Result)> Branches, BoundExpression? Default, PgType Type)
    : BoundExpression(Type, Default is null ? -1 : CommonTypmod(Branches.Select(branch => branch.Result).Append(Default)));

public sealed record BoundCoalesce(ImmutableArray<BoundExpression> Arguments, PgType Type) : BoundExpression(Type, CommonTypmod(Arguments));

/// <summary>GREATEST or LEAST, by the type's default order.</summary>
public sealed record BoundMinMax(bool IsGreatest, ImmutableArray<BoundExpression> Arguments, PgType Type) : BoundExpression(Type, CommonTypmod(Arguments));

/// <summary>ARRAY[…]; elements that are arrays themselves add a dimension.</summary>
public sealed record BoundArray(ImmutableArray<BoundExpression> Elements, PgType Type, bool IsNested) : BoundExpression(Type, CommonTypmod(Elements));

/// <summary>ROW(…), or a whole row of a relation. Field names are those of <paramref name="FieldNames"/>.</summary>
public sealed record BoundRow(ImmutableArray<BoundExpression> Fields, ImmutableArray<string> FieldNames, PgType Type) : BoundExpression(Type);

/// <summary>(composite).field, by position from 0.</summary>
public sealed record BoundField(BoundExpression Operand, int Index, string Name, PgType Type, int Typmod = -1) : BoundExpression(Type, Typmod);

/// <summary>Subscripts of an array (or jsonb): <c>a[i]</c>, <c>a[i:j]</c>; a missing bound of a slice is null.</summary>
public sealed record BoundSubscript(BoundExpression Operand, ImmutableArray<(BoundExpression? Lower, BoundExpression? Upper, bool IsSlice)> Subscripts, PgType Type)
    : BoundExpression(Type, Operand.Typmod);

/// <summary>left op ANY|ALL (array), the array's elements being of the operator's right type.</summary>
public sealed record BoundArrayComparison(Operator Operator, BoundExpression Left, BoundExpression Array, bool IsAll) : BoundExpression(PgTypes.Bool);

/// <summary>A comparison of rows, field by field: = and &lt;&gt; by equality, the others lexicographically.</summary>
public sealed record BoundRowComparison(string OperatorName, ImmutableArray<BoundExpression> Left, ImmutableArray<BoundExpression> Right, ImmutableArray<Operator> Operators, ImmutableArray<Operator> Equalities)
    : BoundExpression(PgTypes.Bool);

/// <summary>Cast through text: the source's output function, then the target's input function.</summary>
public sealed record BoundIoCast(BoundExpression Operand, PgType Type, int Typmod = -1, bool IsExplicit = true) : BoundExpression(Type, Typmod);

/// <summary>Same value, other type (binary-coercible).</summary>
public sealed record BoundRelabel(BoundExpression Operand, PgType Type, int Typmod = -1) : BoundExpression(Type, Typmod);

/// <summary>Length coercion: makes a value fit its type's modifier.</summary>
public sealed record BoundTypmodCast(BoundExpression Operand, int Typmod, bool IsExplicit) : BoundExpression(Operand.Type, Typmod)
{
    /// <summary>What the cast was written on: the step that only changes the type is part of the same cast.</summary>
    public BoundExpression Source => Operand switch
    {
        BoundCall { IsCast: true, Typmod: -1 } call => call.Arguments[0],
        BoundRelabel { Typmod: -1 } relabel => relabel.Operand,
        BoundIoCast { Typmod: -1 } cast => cast.Operand,
        _ => Operand,
    };
}

/// <summary>Array to array, element by element; <paramref name="Element"/> computes from a <see cref="BoundCaseInput"/>.</summary>
public sealed record BoundArrayCast(BoundExpression Operand, BoundExpression Element, PgType Type, int Typmod = -1) : BoundExpression(Type, Typmod);

/// <summary>Placeholder for the element inside a <see cref="BoundArrayCast"/> and the checked value inside a <see cref="BoundDomainCast"/> or simple CASE.</summary>
public sealed record BoundCaseInput(int Slot, PgType Type, int Typmod = -1) : BoundExpression(Type, Typmod);

/// <summary>Simple CASE's operand, computed once into the slot its branches read.</summary>
public sealed record BoundWithInput(int Slot, BoundExpression Input, BoundExpression Body) : BoundExpression(Body.Type, Body.Typmod);

/// <summary>Base type to domain: NOT NULL and CHECK conditions of the domain over a <see cref="BoundCaseInput"/>.</summary>
public sealed record BoundDomainCast(BoundExpression Operand, PgType Type, int Slot, bool NotNull, ImmutableArray<(string Name, BoundExpression Condition)> Checks)
    : BoundExpression(Type);

/// <summary>An aggregate over the rows of its query level.</summary>
/// <param name="OrderWithin">ORDER BY inside the call, or WITHIN GROUP's for ordered-set aggregates.</param>
public sealed record BoundAggregate(
    Function Function, ImmutableArray<BoundExpression> Arguments, PgType Type, bool IsStar, bool IsDistinct,
    ImmutableArray<BoundSortKey> OrderWithin, BoundExpression? Filter) : BoundExpression(Type);

/// <summary>GROUPING(…): bits of the grouping columns (as positions in the query's group list) that the current grouping set lacks.</summary>
public sealed record BoundGrouping(ImmutableArray<BoundExpression> Columns) : BoundExpression(PgTypes.Int4);

/// <summary>A window function call; <paramref name="Window"/> is its position in the query's window list.</summary>
public sealed record BoundWindowCall(Function Function, ImmutableArray<BoundExpression> Arguments, PgType Type, int Window, bool IsStar, BoundExpression? Filter)
    : BoundExpression(Type);

/// <summary>A set-returning function in a target list.</summary>
public sealed record BoundSetCall(Function Function, ImmutableArray<BoundExpression> Arguments, PgType Type) : BoundExpression(Type);

/// <summary>What a subquery in an expression yields.</summary>
public enum SubqueryKind { Scalar, Exists, Any, All, Array, Row }

/// <summary>
/// A subquery in an expression. For ANY and ALL, <paramref name="Test"/> compares the left side with the subquery's columns, which it
/// sees as columns of relation <paramref name="ResultRelation"/>.
/// </summary>
public sealed record BoundSubquery(SubqueryKind Kind, BoundQuery Query, BoundExpression? Test, int ResultRelation, PgType Type, int Typmod = -1)
    : BoundExpression(Type, Typmod);

/// <summary>DEFAULT in VALUES or SET, to be replaced by the target column's default.</summary>
public sealed record BoundDefault(int Position) : BoundExpression(PgTypes.Unknown);

/// <summary>One ORDER BY key. Order is the type's default B-tree order.</summary>
public sealed record BoundSortKey(BoundExpression Expression, bool Descending, bool NullsFirst);

/// <summary>Column numbers of system columns, as pg_attribute numbers them.</summary>
public static class SystemColumns
{
    public const int Ctid = -1;
    public const int Xmin = -2;
    public const int Cmin = -3;
    public const int Xmax = -4;
    public const int Cmax = -5;
    public const int TableOid = -6;

    public static string NameOf(int column) => column switch
    {
        Ctid => "ctid",
        Xmin => "xmin",
        Cmin => "cmin",
        Xmax => "xmax",
        Cmax => "cmax",
        TableOid => "tableoid",
        _ => throw new ArgumentOutOfRangeException(nameof(column)),
    };
}
