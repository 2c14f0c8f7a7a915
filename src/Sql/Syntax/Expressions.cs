using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>One expression as written.</summary>
public abstract record Expression(int Position) : Node(Position);

/// <summary>An integer that fits int4; a minus sign in front of a number is part of it.</summary>
public sealed record IntegerConstant(int Value, int Position) : Expression(Position);

/// <summary>An integer that fits int8 and not int4.</summary>
public sealed record BigintConstant(long Value, int Position) : Expression(Position);

/// <summary>Any other number: digits, point and exponent as written, with a leading minus sign if negated.</summary>
public sealed record NumericConstant(string Text, int Position) : Expression(Position);

/// <summary>A string of any quoting, unescaped: a constant of type unknown.</summary>
public sealed record StringConstant(string Value, int Position) : Expression(Position);

/// <summary><c>B'101'</c> as <c>b101</c>, <c>X'1F'</c> as <c>x1F</c>: what bit's input function takes.</summary>
public sealed record BitStringConstant(string Text, int Position) : Expression(Position);

public sealed record BooleanConstant(bool Value, int Position) : Expression(Position);

public sealed record NullConstant(int Position) : Expression(Position);

/// <summary><c>DEFAULT</c> in VALUES of an INSERT or on the right of SET.</summary>
public sealed record DefaultExpression(int Position) : Expression(Position);

/// <summary>A dotted name, one to four parts and more: <c>column</c>, <c>table.column</c>, <c>schema.table.column</c>, …</summary>
public sealed record ColumnReference(ImmutableArray<string> Names, int Position) : Expression(Position)
{
    /// <summary>The last part.</summary>
    public string Name => Names[^1];
}

/// <summary><c>*</c> (empty qualifier), <c>t.*</c>, <c>s.t.*</c>.</summary>
public sealed record StarExpression(ImmutableArray<string> Qualifier, int Position) : Expression(Position);

/// <summary><c>$n</c>, from 1.</summary>
public sealed record ParameterExpression(int Number, int Position) : Expression(Position);

/// <summary><c>(operand).field</c></summary>
public sealed record FieldSelection(Expression Operand, string Field, int Position) : Expression(Position);

/// <summary><c>(operand).*</c></summary>
public sealed record FieldStar(Expression Operand, int Position) : Expression(Position);

/// <summary><c>operand[1][2:3]</c>: all subscripts that follow each other.</summary>
public sealed record SubscriptExpression(Expression Operand, ImmutableArray<Subscript> Subscripts, int Position) : Expression(Position);

/// <summary>A step from a column to a part of it, in the targets of INSERT and UPDATE.</summary>
public abstract record Indirection(int Position) : Node(Position);

public sealed record FieldIndirection(string Field, int Position) : Indirection(Position);

/// <summary><c>[Upper]</c>, or the slice <c>[Lower:Upper]</c> whose bounds may be missing.</summary>
public sealed record Subscript(Expression? Lower, Expression? Upper, bool IsSlice, int Position) : Indirection(Position);

/// <summary>A prefix operator: <c>- x</c>, <c>@ x</c>.</summary>
/// <param name="Position">Of the operator.</param>
public sealed record UnaryOperator(OperatorName Operator, Expression Operand, int Position) : Expression(Position);

/// <summary>
/// An infix operator. LIKE, ILIKE and SIMILAR TO are here under their operators' names (<c>~~</c>, <c>!~~</c>, <c>~~*</c>,
/// <c>!~~*</c>, <c>~</c>, <c>!~</c>), ESCAPE as a call of <c>like_escape</c> or <c>similar_to_escape</c> on the right.
/// </summary>
/// <param name="Position">Of the operator.</param>
public sealed record BinaryOperator(OperatorName Operator, Expression Left, Expression Right, int Position) : Expression(Position);

/// <summary>Two or more terms.</summary>
public sealed record AndExpression(ImmutableArray<Expression> Terms, int Position) : Expression(Position);

/// <summary>Two or more terms.</summary>
public sealed record OrExpression(ImmutableArray<Expression> Terms, int Position) : Expression(Position);

public sealed record NotExpression(Expression Operand, int Position) : Expression(Position);

/// <summary><c>IS [NOT] NULL</c></summary>
public sealed record NullTest(Expression Operand, bool Negated, int Position) : Expression(Position);

/// <summary><c>IS [NOT] TRUE | FALSE | UNKNOWN</c></summary>
/// <param name="Value">Null for UNKNOWN.</param>
public sealed record BooleanTest(Expression Operand, bool? Value, bool Negated, int Position) : Expression(Position);

/// <summary><c>IS [NOT] DISTINCT FROM</c>; not negated means DISTINCT.</summary>
public sealed record DistinctTest(Expression Left, Expression Right, bool Negated, int Position) : Expression(Position);

public sealed record BetweenExpression(
    Expression Operand, Expression Low, Expression High, bool Symmetric, bool Negated, int Position) : Expression(Position);

public sealed record InListExpression(
    Expression Operand, ImmutableArray<Expression> Items, bool Negated, int Position) : Expression(Position);

/// <summary>The operand is a <see cref="RowConstructor"/> when several columns are compared.</summary>
public sealed record InSubqueryExpression(Expression Operand, Query Subquery, bool Negated, int Position) : Expression(Position);

public enum Quantifier
{
    Any,
    All,
}

/// <summary><c>left operator ANY (array)</c></summary>
/// <param name="Position">Of the operator.</param>
public sealed record QuantifiedArray(
    Expression Left, OperatorName Operator, Quantifier Quantifier, Expression Array, int Position) : Expression(Position);

/// <summary><c>left operator ANY (SELECT …)</c></summary>
/// <param name="Position">Of the operator.</param>
public sealed record QuantifiedSubquery(
    Expression Left, OperatorName Operator, Quantifier Quantifier, Query Subquery, int Position) : Expression(Position);

public sealed record ExistsExpression(Query Subquery, int Position) : Expression(Position);

/// <summary><c>(SELECT …)</c> where a value is expected.</summary>
public sealed record ScalarSubquery(Query Subquery, int Position) : Expression(Position);

/// <summary><c>ARRAY[…]</c>; the inner lists of <c>ARRAY[[1],[2]]</c> are array constructors too.</summary>
public sealed record ArrayConstructor(ImmutableArray<Expression> Elements, int Position) : Expression(Position);

/// <summary><c>ARRAY(SELECT …)</c></summary>
public sealed record ArraySubquery(Query Subquery, int Position) : Expression(Position);

/// <summary><c>ROW(…)</c>, or two and more expressions in parentheses.</summary>
public sealed record RowConstructor(ImmutableArray<Expression> Fields, bool IsExplicit, int Position) : Expression(Position);

/// <summary><c>x::type</c>, <c>CAST(x AS type)</c>, <c>type 'text'</c>.</summary>
/// <param name="Position">Of <c>::</c>, of CAST, or of the type.</param>
public sealed record CastExpression(Expression Operand, TypeName Type, int Position) : Expression(Position);

public sealed record CollateExpression(Expression Operand, QualifiedName Collation, int Position) : Expression(Position);

/// <param name="Operand">Null for <c>CASE WHEN condition</c>.</param>
/// <param name="Default">Null when there is no ELSE.</param>
public sealed record CaseExpression(
    Expression? Operand, ImmutableArray<CaseBranch> Branches, Expression? Default, int Position) : Expression(Position);

public sealed record CaseBranch(Expression When, Expression Then, int Position) : Node(Position);

public sealed record CoalesceExpression(ImmutableArray<Expression> Arguments, int Position) : Expression(Position);

public sealed record NullIfExpression(Expression Left, Expression Right, int Position) : Expression(Position);

/// <summary><c>GREATEST(…)</c> or <c>LEAST(…)</c></summary>
public sealed record MinMaxExpression(bool IsGreatest, ImmutableArray<Expression> Arguments, int Position) : Expression(Position);

public sealed record GroupingExpression(ImmutableArray<Expression> Arguments, int Position) : Expression(Position);

/// <summary><c>WHERE CURRENT OF cursor</c>; one of the two is set.</summary>
public sealed record CurrentOfExpression(string? Cursor, int? Parameter, int Position) : Expression(Position);

/// <summary>Functions that SQL calls without parentheses.</summary>
/// <param name="Precision">Of the four time functions, when written.</param>
public sealed record ValueFunction(ValueFunctionKind Kind, int? Precision, int Position) : Expression(Position);

public enum ValueFunctionKind
{
    CurrentDate,
    CurrentTime,
    CurrentTimestamp,
    LocalTime,
    LocalTimestamp,
    CurrentRole,
    CurrentUser,
    User,
    SessionUser,
    CurrentCatalog,
    CurrentSchema,
}
