using System.Collections.Immutable;
using System.Globalization;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Operands: constants, names, parameters, everything in parentheses, CASE, ARRAY, ROW.</summary>
sealed class PrimaryRules(Grammar grammar) : Rules(grammar)
{
    public Expression Primary()
    {
        var position = Position;
        switch (Tokens.Current.Kind)
        {
            case TokenKind.Identifier:
                return NamedOperand();
            case TokenKind.Keyword:
                return Word(position);
            case TokenKind.Integer:
            case TokenKind.Decimal:
                var number = Number(Tokens.TextOf(Tokens.Current), position);
                Advance();
                return number;
            case TokenKind.String:
                return new StringConstant(StringLiteral(), position);
            case TokenKind.BitString:
            case TokenKind.HexString:
                var bits = (At(TokenKind.BitString) ? "b" : "x") + Tokens.StringOf(Tokens.Current);
                Advance();
                return new BitStringConstant(bits, position);
            case TokenKind.Parameter:
                var parameter = new ParameterExpression(ParameterNumber(), position);
                return Indirections(parameter);
            case TokenKind.LeftParen:
                return FromParentheses(position);
            default:
                throw Error();
        }
    }

    /// <summary>A number as the smallest of int4, int8 and numeric that holds it.</summary>
    public static Expression Number(ReadOnlySpan<char> text, int position)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign;
        if (int.TryParse(text, style, CultureInfo.InvariantCulture, out var small)) return new IntegerConstant(small, position);
        if (long.TryParse(text, style, CultureInfo.InvariantCulture, out var large)) return new BigintConstant(large, position);
        return new NumericConstant(text.ToString(), position);
    }

    int ParameterNumber()
    {
        if (!int.TryParse(Tokens.TextOf(Tokens.Current)[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw PgError.Syntax($"parameter number too large at or near \"{Tokens.TextOf(Tokens.Current)}\"", Position);
        Advance();
        return number;
    }

    Expression Word(int position)
    {
        switch (Tokens.Current.Keyword)
        {
            case K.Null:
                Advance();
                return new NullConstant(position);
            case K.True:
                Advance();
                return new BooleanConstant(true, position);
            case K.False:
                Advance();
                return new BooleanConstant(false, position);
            case K.Default:
                Advance();
                return new DefaultExpression(position);
            case K.Case:
                return Case();
            case K.Array:
                return Array(position);
            case K.Exists when NextIs(TokenKind.LeftParen):
                Advance();
                return new ExistsExpression(Grammar.Queries.InParentheses(), position);
            case K.Row when NextIs(TokenKind.LeftParen):
                return ExplicitRow(position);
        }
        if (Grammar.Types.AtConstantType && TypedConstant(position) is { } constant) return constant;
        return Grammar.Calls.AtSpecial ? Grammar.Calls.Special() : NamedOperand();
    }

    /// <summary><c>type 'text'</c> for SQL's own types; null, and nothing read, when it is no such constant.</summary>
    CastExpression? TypedConstant(int position)
    {
        var mark = Tokens.Index;
        var type = Grammar.Types.ConstantType(fieldsMayFollow: false);
        if (!At(TokenKind.String))
        {
            // int or time alone may be a column's name; with parentheses or further words only a constant could have followed.
            if (Tokens.Index != mark + 1) throw Error();
            Tokens.Rewind(mark);
            return null;
        }
        var textPosition = Position;
        var text = new StringConstant(StringLiteral(), textPosition);
        if (type.Name.Name == "interval" && type.Modifiers.Length == 0) type = Grammar.Types.WithIntervalFields(type);
        return new CastExpression(text, type, position);
    }

    /// <summary>What begins with a plain name: a column, a call, or <c>type 'text'</c> for any type.</summary>
    Expression NamedOperand()
    {
        var position = Position;
        ref readonly var first = ref Tokens.Current;
        var isColumn = IsColumnId(first);
        if (!isColumn && !IsTypeOrFunctionName(first)) throw Error();

        var mayCall = IsTypeOrFunctionName(first);
        var name = TakeName();
        ImmutableArray<string> names = [name];
        if (isColumn && At(TokenKind.Dot))
        {
            var parts = ImmutableArray.CreateBuilder<string>();
            parts.Add(name);
            while (At(TokenKind.Dot) && !NextIs(TokenKind.Star))
            {
                Advance();
                parts.Add(Label());
            }
            names = parts.DrainToImmutable();
            mayCall = true;
        }

        if (mayCall && At(TokenKind.LeftParen)) return CallOrConstant(names, position);
        if (mayCall && At(TokenKind.String))
        {
            var textPosition = Position;
            return new CastExpression(new StringConstant(StringLiteral(), textPosition), new TypeName(ToName(names, position), [], position), position);
        }
        if (!isColumn) throw Error();

        if (At(TokenKind.Dot))
        {
            Advance();
            Expect(TokenKind.Star);
            return new StarExpression(names, position);
        }
        return Indirections(new ColumnReference(names, position));
    }

    // vector(3) '[1,2,3]' looks like a call until the string.
    Expression CallOrConstant(ImmutableArray<string> names, int position)
    {
        var function = ToName(names, position);
        var call = Grammar.Calls.Arguments(function, position);
        if (!At(TokenKind.String)) return Grammar.Calls.Modifiers(call);
        if (call.IsStar || call.IsDistinct || call.IsVariadic || call.Arguments.Length == 0) throw Error();

        foreach (var argument in call.Arguments)
        {
            if (argument.Name is not null)
                throw PgError.Syntax("type modifier cannot have parameter name", argument.Position);
        }
        if (call.OrderBy.Length > 0) throw PgError.Syntax("type modifier cannot have ORDER BY", position);

        var textPosition = Position;
        var text = new StringConstant(StringLiteral(), textPosition);
        return new CastExpression(text, new TypeName(function, [.. call.Arguments.Select(a => a.Value)], position), position);
    }

    /// <summary>Any <c>.field</c>, <c>.*</c> and <c>[subscript]</c> after an operand.</summary>
    Expression Indirections(Expression operand)
    {
        while (true)
        {
            if (At(TokenKind.LeftBracket))
                operand = new SubscriptExpression(operand, Subscripts(), operand.Position);
            else if (!Accept(TokenKind.Dot))
                return operand;
            else if (Accept(TokenKind.Star))
                return new FieldStar(operand, operand.Position);
            else
                operand = new FieldSelection(operand, Label(), operand.Position);
        }
    }

    ImmutableArray<Subscript> Subscripts()
    {
        var subscripts = ImmutableArray.CreateBuilder<Subscript>();
        while (At(TokenKind.LeftBracket))
            subscripts.Add(OneSubscript());
        return subscripts.DrainToImmutable();
    }

    /// <summary><c>[n]</c> or <c>[a:b]</c>.</summary>
    public Subscript OneSubscript()
    {
        var position = Expect(TokenKind.LeftBracket);
        var lower = At(TokenKind.Colon) ? null : Grammar.Expressions.Expression();
        if (!Accept(TokenKind.Colon))
        {
            Expect(TokenKind.RightBracket);
            return new Subscript(null, lower, false, position);
        }
        var upper = At(TokenKind.RightBracket) ? null : Grammar.Expressions.Expression();
        Expect(TokenKind.RightBracket);
        return new Subscript(lower, upper, true, position);
    }

    Expression FromParentheses(int position)
    {
        var (query, items) = Parenthesized();
        if (query is not null) return Indirections(new ScalarSubquery(query, position));
        if (items.Length == 1) return Indirections(items[0]);

        var row = new RowConstructor(items, false, position);
        return At(K.Overlaps) ? Grammar.Calls.Overlaps(row) : row;
    }

    Expression ExplicitRow(int position)
    {
        Advance();
        Expect(TokenKind.LeftParen);
        ImmutableArray<Expression> fields = At(TokenKind.RightParen) ? [] : Grammar.Expressions.Expressions();
        Expect(TokenKind.RightParen);
        var row = new RowConstructor(fields, true, position);
        return At(K.Overlaps) ? Grammar.Calls.Overlaps(row) : row;
    }

    /// <summary>A row: <c>ROW(…)</c> or two and more expressions in parentheses.</summary>
    public RowConstructor Row()
    {
        var position = Position;
        if (At(K.Row)) return ExplicitRow(position) as RowConstructor ?? throw Error();
        var (query, items) = Parenthesized();
        return query is null && items.Length > 1 ? new RowConstructor(items, false, position) : throw Error();
    }

    /// <summary>
    /// What stands in parentheses: a query, perhaps in more parentheses, or a list of expressions. <c>((SELECT 1) + 1)</c> and
    /// <c>((SELECT 1) UNION …)</c> differ only after the inner parenthesis, so the inner part is read first and then decides.
    /// </summary>
    public (Query? Query, ImmutableArray<Expression> Items) Parenthesized()
    {
        StackGuard.Check();
        Expect(TokenKind.LeftParen);
        if (Grammar.Queries.AtQueryWord)
        {
            var query = Grammar.Queries.Query();
            Expect(TokenKind.RightParen);
            return (query, []);
        }
        if (!At(TokenKind.LeftParen)) return (null, ExpressionsToParen(Grammar.Expressions.Expression()));

        var position = Position;
        var (inner, items) = Parenthesized();
        if (inner is not null && Grammar.Queries.AtQueryEnd)
        {
            var query = Grammar.Queries.ContinueFrom(inner);
            Expect(TokenKind.RightParen);
            return (query, []);
        }
        Expression operand = inner is not null ? Indirections(new ScalarSubquery(inner, position))
            : items.Length == 1 ? Indirections(items[0])
            : new RowConstructor(items, false, position);
        if (operand is RowConstructor row && At(K.Overlaps)) operand = Grammar.Calls.Overlaps(row);
        return (null, ExpressionsToParen(Grammar.Expressions.ContinueFrom(operand)));
    }

    ImmutableArray<Expression> ExpressionsToParen(Expression first)
    {
        if (Accept(TokenKind.RightParen)) return [first];

        var items = ImmutableArray.CreateBuilder<Expression>();
        items.Add(first);
        while (Accept(TokenKind.Comma))
            items.Add(Grammar.Expressions.Expression());
        Expect(TokenKind.RightParen);
        return items.DrainToImmutable();
    }

    CaseExpression Case()
    {
        var position = Expect(K.Case);
        var operand = At(K.When) ? null : Grammar.Expressions.Expression();
        var branches = ImmutableArray.CreateBuilder<CaseBranch>();
        do
        {
            var branch = Expect(K.When);
            var when = Grammar.Expressions.Expression();
            Expect(K.Then);
            branches.Add(new CaseBranch(when, Grammar.Expressions.Expression(), branch));
        }
        while (At(K.When));
        var otherwise = Accept(K.Else) ? Grammar.Expressions.Expression() : null;
        Expect(K.End);
        return new CaseExpression(operand, branches.DrainToImmutable(), otherwise, position);
    }

    Expression Array(int position)
    {
        Advance();
        return At(TokenKind.LeftBracket) ? ArrayElements(position) : new ArraySubquery(Grammar.Queries.InParentheses(), position);
    }

    ArrayConstructor ArrayElements(int position)
    {
        StackGuard.Check();
        Expect(TokenKind.LeftBracket);
        ImmutableArray<Expression> elements = [];
        if (At(TokenKind.LeftBracket))
            elements = List<Expression>(() => ArrayElements(Position));
        else if (!At(TokenKind.RightBracket))
            elements = Grammar.Expressions.Expressions();
        Expect(TokenKind.RightBracket);
        return new ArrayConstructor(elements, position);
    }
}
