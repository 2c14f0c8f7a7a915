using System.Collections.Immutable;
using System.Diagnostics;

namespace PgVectorCompat.Sql;

/// <summary>Expressions; whatever has an operator stands in parentheses.</summary>
sealed class ExpressionWriter(WriterSet writers)
{
    SqlText Text => writers.Text;

    public void Write(Expression expression)
    {
        StackGuard.Check();
        switch (expression)
        {
            case IntegerConstant { Value: var value }:
                Text.Add(value >= 0 ? value.ToString() : $"'{value}'::integer");
                break;
            case BigintConstant { Value: var value }:
                Text.Add($"'{value}'::bigint");
                break;
            case NumericConstant { Text: var digits }:
                Text.Add(digits.StartsWith('-') || digits.All(char.IsAsciiDigit) ? $"'{digits}'::numeric" : digits);
                break;
            case StringConstant { Value: var value }:
                Text.Add(Identifiers.QuoteLiteral(value));
                break;
            case BitStringConstant { Text: var bits }:
                Text.Add(char.ToUpperInvariant(bits[0]) + Identifiers.QuoteLiteral(bits[1..]));
                break;
            case BooleanConstant { Value: var value }:
                Text.Add(value ? "true" : "false");
                break;
            case NullConstant:
                Text.Add("NULL");
                break;
            case DefaultExpression:
                Text.Add("DEFAULT");
                break;
            case ColumnReference column:
                Text.AddList(column.Names, name => Text.Add(Identifiers.Quote(name)), ".");
                break;
            case StarExpression star:
                foreach (var name in star.Qualifier)
                    Text.Add(Identifiers.Quote(name)).Add(".");
                Text.Add("*");
                break;
            case ParameterExpression { Number: var number }:
                Text.Add($"${number}");
                break;
            case FieldSelection field:
                InParens(field.Operand);
                Text.Add(".").Add(Identifiers.Quote(field.Field));
                break;
            case FieldStar star:
                InParens(star.Operand);
                Text.Add(".*");
                break;
            case SubscriptExpression subscript:
                Subscripted(subscript);
                break;
            case FunctionCall call:
                writers.Calls.Write(call);
                break;
            case ValueFunction function:
                CallWriter.Write(function, Text);
                break;
            case CastExpression cast:
                Cast(cast);
                break;
            case CaseExpression choice:
                Case(choice);
                break;
            case CoalesceExpression coalesce:
                Call("COALESCE", coalesce.Arguments);
                break;
            case NullIfExpression nullIf:
                Call("NULLIF", [nullIf.Left, nullIf.Right]);
                break;
            case MinMaxExpression minMax:
                Call(minMax.IsGreatest ? "GREATEST" : "LEAST", minMax.Arguments);
                break;
            case GroupingExpression grouping:
                Call("GROUPING", grouping.Arguments);
                break;
            case RowConstructor row:
                Call("ROW", row.Fields);
                break;
            case ArrayConstructor array:
                Text.Add("ARRAY[");
                List(array.Elements);
                Text.Add("]");
                break;
            case ArraySubquery array:
                Subquery("ARRAY", array.Subquery);
                break;
            case ScalarSubquery scalar:
                Subquery("", scalar.Subquery);
                break;
            case ExistsExpression exists:
                Subquery("EXISTS ", exists.Subquery);
                break;
            case CurrentOfExpression current:
                Text.Add("CURRENT OF ").Add(current.Cursor is { } cursor ? Identifiers.Quote(cursor) : $"${current.Parameter}");
                break;
            default:
                Text.Add("(");
                Operation(expression);
                Text.Add(")");
                break;
        }
    }

    /// <summary>What has operators, without the parentheses around it.</summary>
    void Operation(Expression expression)
    {
        switch (expression)
        {
            case UnaryOperator unary:
                Text.Add(Name(unary.Operator)).Add(" ");
                Write(unary.Operand);
                break;
            case BinaryOperator binary:
                Infix(binary.Left, Name(binary.Operator), binary.Right);
                break;
            case AndExpression and:
                Text.AddList(and.Terms, Write, " AND ");
                break;
            case OrExpression or:
                Text.AddList(or.Terms, Write, " OR ");
                break;
            case NotExpression not:
                Text.Add("NOT ");
                Write(not.Operand);
                break;
            case NullTest test:
                Test(test.Operand, test.Negated, "NULL");
                break;
            case BooleanTest test:
                Test(test.Operand, test.Negated, test.Value switch { true => "TRUE", false => "FALSE", null => "UNKNOWN" });
                break;
            case DistinctTest { Negated: true } test:
                Text.Add("NOT ");
                Write(test with { Negated = false });
                break;
            case DistinctTest test:
                Infix(test.Left, "IS DISTINCT FROM", test.Right);
                break;
            case BetweenExpression between:
                Write(between.Operand);
                Text.Add(between.Negated ? " NOT BETWEEN " : " BETWEEN ").Add(between.Symmetric ? "SYMMETRIC " : "");
                Infix(between.Low, "AND", between.High);
                break;
            case InListExpression list:
                Write(list.Operand);
                Text.Add(list.Negated ? " NOT IN (" : " IN (");
                List(list.Items);
                Text.Add(")");
                break;
            case InSubqueryExpression test:
                Write(test.Operand);
                Subquery(test.Negated ? " NOT IN " : " IN ", test.Subquery);
                break;
            case QuantifiedArray test:
                Write(test.Left);
                Text.Add($" {Name(test.Operator)} {Word(test.Quantifier)} ");
                InParens(test.Array);
                break;
            case QuantifiedSubquery test:
                Write(test.Left);
                Subquery($" {Name(test.Operator)} {Word(test.Quantifier)} ", test.Subquery);
                break;
            case CollateExpression collate:
                Write(collate.Operand);
                Text.Add(" COLLATE ").Add(SqlWriter.Write(collate.Collation));
                break;
            default:
                throw new UnreachableException($"no text for {expression.GetType().Name}");
        }
    }

    /// <summary>The operator as it stands between operands.</summary>
    public static string Name(OperatorName name) => name.Schema is null ? name.Name : $"OPERATOR({Identifiers.Quote(name.Schema)}.{name.Name})";

    static string Word(Quantifier quantifier) => quantifier == Quantifier.Any ? "ANY" : "ALL";

    void Infix(Expression left, string between, Expression right)
    {
        Write(left);
        Text.Add(" ").Add(between).Add(" ");
        Write(right);
    }

    void Test(Expression operand, bool negated, string what)
    {
        Write(operand);
        Text.Add(negated ? " IS NOT " : " IS ").Add(what);
    }

    public void InParens(Expression expression)
    {
        Text.Add("(");
        Write(expression);
        Text.Add(")");
    }

    public void List(ImmutableArray<Expression> expressions) => Text.AddList(expressions, Write);

    void Call(string name, ImmutableArray<Expression> arguments)
    {
        Text.Add(name).Add("(");
        List(arguments);
        Text.Add(")");
    }

    /// <summary>A query in parentheses after <paramref name="before"/>.</summary>
    public void Subquery(string before, Query query)
    {
        Text.Add(before).Add("(");
        writers.Queries.Nested(query);
        Text.Add(")");
    }

    void Subscripted(SubscriptExpression expression)
    {
        if (expression.Operand is ColumnReference or ParameterExpression) Write(expression.Operand);
        else InParens(expression.Operand);
        foreach (var subscript in expression.Subscripts)
            Write(subscript);
    }

    public void Write(Subscript subscript)
    {
        Text.Add("[");
        if (subscript.Lower is not null) Write(subscript.Lower);
        if (subscript.IsSlice) Text.Add(":");
        if (subscript.Upper is not null) Write(subscript.Upper);
        Text.Add("]");
    }

    void Cast(CastExpression cast)
    {
        if (cast.Operand is StringConstant or NullConstant) Write(cast.Operand);
        else InParens(cast.Operand);
        Text.Add("::").Add(TypeWriter.Write(cast.Type));
    }

    void Case(CaseExpression choice)
    {
        Text.Clause("CASE", after: SqlText.ItemStep);
        if (choice.Operand is not null)
        {
            Text.Add(" ");
            Write(choice.Operand);
        }
        foreach (var branch in choice.Branches)
        {
            Word("WHEN ");
            Write(branch.When);
            Text.Add(" THEN ");
            Write(branch.Then);
        }
        if (choice.Default is not null)
        {
            Word("ELSE ");
            Write(choice.Default);
        }
        if (!Text.IsIndented) Text.Add(" ");
        Text.Clause("END", before: -SqlText.ItemStep);

        void Word(string word)
        {
            if (!Text.IsIndented) Text.Add(" ");
            Text.Clause(word);
        }
    }
}
