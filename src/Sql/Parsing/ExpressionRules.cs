using System.Collections.Immutable;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Expressions: operators by precedence climbing, with PostgreSQL's levels.</summary>
/// <remarks>
/// <code>
/// OR              left
/// AND             left
/// NOT             prefix
/// IS ISNULL       none      IS DISTINCT FROM cannot be chained
/// &lt; &gt; = &lt;= &gt;= &lt;&gt;   none      a &lt; b &lt; c is an error
/// BETWEEN IN LIKE none
/// other operators left      also OPERATOR(s.op) and prefix operators
/// + -             left
/// * / %           left
/// ^               left
/// AT TIME ZONE    left
/// COLLATE         left
/// + -             prefix
/// ::              left
/// </code>
/// PostgreSQL's <c>b_expr</c> is the same without what could swallow a following AND, NOT, IN or COLLATE.
/// </remarks>
sealed class ExpressionRules(Grammar grammar) : Rules(grammar)
{
    enum Level
    {
        /// <summary>Not an operator.</summary>
        Operand,
        Or,
        And,
        Not,
        Is,
        Comparison,
        Pattern,
        Other,
        Sum,
        Product,
        Power,
        At,
        Collate,
        Sign,
        Cast,
    }

    /// <summary>Any expression.</summary>
    public Expression Expression() => Climb(Level.Or, restricted: false);

    /// <summary>An expression without AND, OR, NOT, IN, LIKE, BETWEEN, IS NULL, COLLATE and AT outside parentheses.</summary>
    public Expression Restricted() => Climb(Level.Or, restricted: true);

    public ImmutableArray<Expression> Expressions() => List(Expression);

    Expression Climb(Level lowest, bool restricted)
    {
        StackGuard.Check();
        return Continue(Prefix(restricted), lowest, restricted);
    }

    /// <summary>The rest of an expression whose first operand was read.</summary>
    public Expression ContinueFrom(Expression operand) => Continue(operand, Level.Or, restricted: false);

    Expression Prefix(bool restricted)
    {
        var position = Position;
        switch (Tokens.Current.Kind)
        {
            case TokenKind.Minus:
                Advance();
                return Negate(Climb(Level.Sign, restricted), position);
            case TokenKind.Plus:
                Advance();
                return new UnaryOperator(new OperatorName(null, "+", position), Climb(Level.Sign, restricted), position);
            case TokenKind.Operator:
            case TokenKind.Keyword when At(K.Operator) && NextIs(TokenKind.LeftParen):
                var name = QualifiedOperator();
                return new UnaryOperator(name, Climb(Level.Other + 1, restricted), position);
            case TokenKind.Keyword when At(K.Not) && !restricted:
                Advance();
                return new NotExpression(Climb(Level.Not, restricted), position);
            default:
                return Grammar.Primaries.Primary();
        }
    }

    // A sign before a number is part of it, so that -2147483648 is an int4.
    static Expression Negate(Expression operand, int position) => operand switch
    {
        IntegerConstant { Value: var value } => value == int.MinValue
            ? new BigintConstant(-(long)value, position)
            : new IntegerConstant(-value, position),
        BigintConstant { Value: var value } => -value == int.MinValue
            ? new IntegerConstant(int.MinValue, position)
            : value == long.MinValue ? new NumericConstant("9223372036854775808", position) : new BigintConstant(-value, position),
        NumericConstant { Text: var text } => PrimaryRules.Number(text.StartsWith('-') ? text[1..] : "-" + text, position),
        _ => new UnaryOperator(new OperatorName(null, "-", position), operand, position),
    };

    Expression Continue(Expression left, Level lowest, bool restricted)
    {
        // The level whose operators cannot follow: an operator that takes no neighbour of its own level was just applied.
        var blocked = Level.Operand;
        while (true)
        {
            var level = LevelOf(restricted);
            if (level < lowest || level == Level.Operand) return left;
            if (level == blocked) throw Error();

            blocked = Level.Operand;
            var position = Position;
            switch (level)
            {
                case Level.Or or Level.And:
                    left = Connect(left, level);
                    break;
                case Level.Is:
                    if (IsTest(ref left, restricted)) blocked = level;
                    break;
                case Level.Pattern:
                    if (PatternTest(ref left)) blocked = level;
                    break;
                case Level.At:
                    Advance();
                    Expect(K.Time, K.Zone);
                    left = CallRules.SqlCall("timezone", position, Climb(Level.At + 1, restricted), left);
                    break;
                case Level.Collate:
                    Advance();
                    left = new CollateExpression(left, Name(), position);
                    break;
                case Level.Cast:
                    Advance();
                    left = new CastExpression(left, Grammar.Types.Type(), position);
                    break;
                default:
                    var name = AnyOperator();
                    if (QuantifiedTest(left, name, position) is { } test)
                    {
                        left = test;
                        break;
                    }
                    left = new BinaryOperator(name, left, Climb(level + 1, restricted), position);
                    if (level == Level.Comparison) blocked = level;
                    break;
            }
        }
    }

    Level LevelOf(bool restricted) => Tokens.Current.Kind switch
    {
        TokenKind.Keyword => LevelOfWord(restricted),
        TokenKind.Less or TokenKind.Greater or TokenKind.Equal or TokenKind.LessOrEqual or TokenKind.GreaterOrEqual or TokenKind.NotEqual
            => Level.Comparison,
        TokenKind.Operator => Level.Other,
        TokenKind.Plus or TokenKind.Minus => Level.Sum,
        TokenKind.Star or TokenKind.Slash or TokenKind.Percent => Level.Product,
        TokenKind.Caret => Level.Power,
        TokenKind.DoubleColon => Level.Cast,
        _ => Level.Operand,
    };

    Level LevelOfWord(bool restricted)
    {
        if (restricted)
        {
            return Tokens.Current.Keyword switch
            {
                K.Is => Level.Is,
                K.Operator when NextIs(TokenKind.LeftParen) => Level.Other,
                _ => Level.Operand,
            };
        }
        return Tokens.Current.Keyword switch
        {
            K.Or => Level.Or,
            K.And => Level.And,
            K.Is or K.Isnull or K.Notnull => Level.Is,
            K.Between or K.In or K.Like or K.Ilike => Level.Pattern,
            K.Similar when NextIs(K.To) => Level.Pattern,
            K.Not when Tokens.Peek(1).Keyword is K.Between or K.In or K.Like or K.Ilike or K.Similar => Level.Pattern,
            K.Operator when NextIs(TokenKind.LeftParen) => Level.Other,
            K.At when NextIs(K.Time) => Level.At,
            K.Collate => Level.Collate,
            _ => Level.Operand,
        };
    }

    // a AND b AND c is one node: long chains nest no deeper than short ones.
    Expression Connect(Expression first, Level level)
    {
        var word = level == Level.And ? K.And : K.Or;
        var position = Position;
        var terms = ImmutableArray.CreateBuilder<Expression>();
        terms.Add(first);
        while (Accept(word))
            terms.Add(Climb(level + 1, restricted: false));
        return level == Level.And
            ? new AndExpression(terms.DrainToImmutable(), position)
            : new OrExpression(terms.DrainToImmutable(), position);
    }

    /// <returns>Whether the test ends in an operand, so that no other IS may follow.</returns>
    bool IsTest(ref Expression left, bool restricted)
    {
        var position = Position;
        if (Accept(K.Isnull))
        {
            left = new NullTest(left, false, position);
            return false;
        }
        if (Accept(K.Notnull))
        {
            left = new NullTest(left, true, position);
            return false;
        }

        Expect(K.Is);
        var negated = Accept(K.Not);
        if (Accept(K.Distinct, K.From))
        {
            left = new DistinctTest(left, Climb(Level.Is + 1, restricted), negated, position);
            return true;
        }
        if (At(K.Document)) throw Types.PgError.Unsupported("IS DOCUMENT", position);
        if (restricted) throw Error();

        if (Accept(K.Null))
            left = new NullTest(left, negated, position);
        else if (Accept(K.True))
            left = new BooleanTest(left, true, negated, position);
        else if (Accept(K.False))
            left = new BooleanTest(left, false, negated, position);
        else if (Accept(K.Unknown))
            left = new BooleanTest(left, null, negated, position);
        else
            left = NormalizedTest(left, negated, position);
        return false;
    }

    Expression NormalizedTest(Expression left, bool negated, int position)
    {
        var form = CallRules.NormalForm(Tokens.Current.Keyword);
        var formPosition = Position;
        if (form is not null) Advance();
        Expect(K.Normalized);
        var call = form is null
            ? CallRules.SqlCall("is_normalized", position, left)
            : CallRules.SqlCall("is_normalized", position, left, new StringConstant(form, formPosition));
        return negated ? new NotExpression(call, position) : call;
    }

    /// <summary>BETWEEN, IN, LIKE and their kin.</summary>
    /// <returns>Whether the test ends in an operand, so that no other of its level may follow.</returns>
    bool PatternTest(ref Expression left)
    {
        var position = Position;
        var negated = Accept(K.Not);
        var word = Tokens.Current.Keyword;
        Advance();
        switch (word)
        {
            case K.In:
                left = In(left, negated, position);
                return false;
            case K.Between:
                left = Between(left, negated, position);
                return true;
            case K.Similar:
                Expect(K.To);
                break;
        }

        var name = new OperatorName(null, (word, negated) switch
        {
            (K.Like, false) => "~~",
            (K.Like, true) => "!~~",
            (K.Ilike, false) => "~~*",
            (K.Ilike, true) => "!~~*",
            (_, false) => "~",
            _ => "!~",
        }, position);

        if (word != K.Similar && QuantifiedTest(left, name, position) is { } test)
        {
            left = test;
            return false;
        }

        var pattern = Climb(Level.Pattern + 1, restricted: false);
        var escape = Accept(K.Escape) ? Climb(Level.Pattern + 1, restricted: false) : null;
        if (word == K.Similar)
            pattern = escape is null
                ? CallRules.SqlCall("similar_to_escape", position, pattern)
                : CallRules.SqlCall("similar_to_escape", position, pattern, escape);
        else if (escape is not null)
            pattern = CallRules.SqlCall("like_escape", position, pattern, escape);
        left = new BinaryOperator(name, left, pattern, position);
        return true;
    }

    BetweenExpression Between(Expression operand, bool negated, int position)
    {
        var symmetric = Accept(K.Symmetric);
        if (!symmetric) Accept(K.Asymmetric);
        var low = Restricted();
        Expect(K.And);
        var high = Climb(Level.Pattern + 1, restricted: false);
        return new BetweenExpression(operand, low, high, symmetric, negated, position);
    }

    Expression In(Expression operand, bool negated, int position)
    {
        var (query, items) = Grammar.Primaries.Parenthesized();
        return query is not null
            ? new InSubqueryExpression(operand, query, negated, position)
            : new InListExpression(operand, items, negated, position);
    }

    /// <summary>ANY, SOME or ALL after an operator, or null when something else follows.</summary>
    Expression? QuantifiedTest(Expression left, OperatorName name, int position)
    {
        if (!AtAny(K.Any, K.Some, K.All)) return null;
        var quantifier = At(K.All) ? Quantifier.All : Quantifier.Any;
        Advance();
        var (query, items) = Grammar.Primaries.Parenthesized();
        if (query is not null) return new QuantifiedSubquery(left, name, quantifier, query, position);
        if (items.Length != 1) throw Error();
        return new QuantifiedArray(left, name, quantifier, items[0], position);
    }

    /// <summary>Any operator but the word ones.</summary>
    public OperatorName AnyOperator()
    {
        var position = Position;
        if (At(K.Operator)) return QualifiedOperator();
        return new OperatorName(null, Symbol(), position);
    }

    /// <summary>An operator of the general kind, or OPERATOR(schema.name).</summary>
    public OperatorName QualifiedOperator()
    {
        var position = Position;
        if (!Accept(K.Operator)) return AnyOperator();

        Expect(TokenKind.LeftParen);
        var name = SchemaAndOperator() with { Position = position };
        Expect(TokenKind.RightParen);
        return name;
    }

    /// <summary><c>schema.symbol</c> or <c>symbol</c>.</summary>
    public OperatorName SchemaAndOperator()
    {
        var position = Position;
        List<string> schemas = [];
        while (AtColumnId)
        {
            schemas.Add(TakeName());
            Expect(TokenKind.Dot);
        }
        var symbol = Symbol();
        if (schemas.Count > 1)
            throw Types.PgError.Syntax($"improper qualified name (too many dotted names): {string.Join('.', schemas)}.{symbol}", position);
        return new OperatorName(schemas.Count == 1 ? schemas[0] : null, symbol, position);
    }

    string Symbol()
    {
        if (LevelOf(restricted: true) is Level.Operand or Level.Is or Level.Cast || At(TokenKind.Keyword)) throw Error();
        var symbol = At(TokenKind.NotEqual) ? "<>" : Tokens.TextOf(Tokens.Current).ToString();
        Advance();
        return symbol;
    }
}
