using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>
/// Turns a bound expression back into syntax that shows what binding decided: constants with their types, implicit casts of arguments
/// written out, as PostgreSQL shows the defaults, checks and index expressions it has stored (<c>price &gt; (0)::numeric</c>).
/// </summary>
sealed class TypedSyntax(NameResolver names)
{
    /// <summary>An expression that has no such form; it is kept as it was written.</summary>
    sealed class NoFormException : Exception;

    /// <summary>The typed form of <paramref name="written"/>; the same where there is none, for example for SQL's own function syntax.</summary>
    public static Expression Of(Expression written, BoundExpression bound, NameResolver names)
    {
        var hasOwnSyntax = false;
        SyntaxRewriter.Visit(written, node => hasOwnSyntax |= node is ValueFunction or FunctionCall { IsSqlSyntax: true } or CollateExpression);
        if (hasOwnSyntax)
            return written;
        try
        {
            // A cast that the column's type asked for is not shown, unlike those that were written.
            return new TypedSyntax(names).Convert(written is CastExpression ? bound : WithoutCasts(bound));
        }
        catch (NoFormException)
        {
            return written;
        }
    }

    static BoundExpression WithoutCasts(BoundExpression bound) => bound switch
    {
        BoundTypmodCast e => WithoutCasts(e.Operand),
        BoundRelabel e => WithoutCasts(e.Operand),
        BoundIoCast e => WithoutCasts(e.Operand),
        BoundDomainCast e => WithoutCasts(e.Operand),
        BoundCall { IsCast: true } e => WithoutCasts(e.Arguments[0]),
        _ => bound,
    };

    Expression Convert(BoundExpression expression) => expression switch
    {
        BoundConstant e => Constant(e),
        BoundColumn { Column: >= 0 } e => new ColumnReference([e.Name], 0),
        BoundCall { Operator: { } op } e => e.Arguments.Length == 1
            ? new UnaryOperator(new OperatorName(null, op.Name, 0), Convert(e.Arguments[0]), 0)
            : new BinaryOperator(new OperatorName(null, op.Name, 0), Convert(e.Arguments[0]), Convert(e.Arguments[1]), 0),
        BoundCall { IsCast: true } e => Cast(e.Arguments[0], e.Type, e.Typmod),
        BoundCall { Function.IsVariadic: false } e => new FunctionCall(
            new QualifiedName(null, null, e.Function.Name, 0), [.. e.Arguments.Select(argument => new FunctionArgument(Convert(argument), null, 0))], 0),
        BoundLogical { IsAnd: true } e => new AndExpression(All(e.Operands), 0),
        BoundLogical e => new OrExpression(All(e.Operands), 0),
        BoundNot e => new NotExpression(Convert(e.Operand), 0),
        BoundNullTest e => new NullTest(Convert(e.Operand), e.IsNot, 0),
        BoundBooleanTest e => new BooleanTest(Convert(e.Operand), e.Expected, e.IsNot, 0),
        BoundDistinct e => new DistinctTest(Convert(e.Left), Convert(e.Right), e.IsNot, 0),
        BoundNullIf e => new NullIfExpression(Convert(e.Left), Convert(e.Right), 0),
        BoundCase e => new CaseExpression(null, [.. e.Branches.Select(branch => new CaseBranch(Convert(branch.Condition), Convert(branch.Result), 0))], e.Default is null ? null : Convert(e.Default), 0),
        BoundCoalesce e => new CoalesceExpression(All(e.Arguments), 0),
        BoundMinMax e => new MinMaxExpression(e.IsGreatest, All(e.Arguments), 0),
        BoundArray e => new ArrayConstructor(All(e.Elements), 0),
        BoundArrayComparison e => new QuantifiedArray(Convert(e.Left), new OperatorName(null, e.Operator.Name, 0), e.IsAll ? Quantifier.All : Quantifier.Any, Convert(e.Array), 0),
        BoundIoCast e => Cast(e.Operand, e.Type, e.Typmod),
        BoundRelabel e => Cast(e.Operand, e.Type, e.Typmod),
        BoundTypmodCast e => Cast(e.Source, e.Type, e.Typmod),
        BoundArrayCast e => Cast(e.Operand, e.Type, e.Typmod),
        _ => throw new NoFormException(),
    };

    ImmutableArray<Expression> All(ImmutableArray<BoundExpression> expressions) => [.. expressions.Select(Convert)];

    CastExpression Cast(BoundExpression operand, PgType type, int typmod) => new(Convert(operand), TypeNameOf(type, typmod), 0);

    TypeName TypeNameOf(PgType type, int typmod) => SqlParser.ParseType(names.FormatType(type, typmod));

    Expression Constant(BoundConstant constant)
    {
        var type = constant.Type;
        if (constant.Value.IsNull)
            return new CastExpression(new NullConstant(0), TypeNameOf(type, constant.Typmod), 0);
        var text = type.Codec.ToText(constant.Value, TypeSettings.Default);
        if (type == PgTypes.Bool)
            return new BooleanConstant(constant.Value.AsBool, 0);
        if (type == PgTypes.Int4)
            return new IntegerConstant(constant.Value.AsInt32, 0);
        if (type == PgTypes.Numeric && (char.IsAsciiDigit(text[0]) || text[0] == '-'))
            return new NumericConstant(text, 0);
        if (type == PgTypes.Unknown)
            return new StringConstant(text, 0);
        // Without the session's names a regclass is written as its OID, which is how it is stored.
        return new CastExpression(new StringConstant(text, 0), TypeNameOf(type, -1), 0);
    }
}
