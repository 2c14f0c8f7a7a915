using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Calls of functions, and SQL's own syntaxes for some of them.</summary>
sealed class CallRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>A call that SQL's own syntax stands for.</summary>
    public static FunctionCall SqlCall(string name, int position, params ReadOnlySpan<Expression> arguments)
    {
        var list = ImmutableArray.CreateBuilder<FunctionArgument>(arguments.Length);
        foreach (var argument in arguments)
            list.Add(new FunctionArgument(argument, null, argument.Position));
        return new FunctionCall(new QualifiedName(null, "pg_catalog", name, position), list.MoveToImmutable(), position) { IsSqlSyntax = true };
    }

    /// <summary>Whether a word follows that begins a call in SQL's own syntax; those with parentheses may else be columns.</summary>
    public bool AtSpecial => Tokens.Current.Keyword switch
    {
        K.CurrentDate or K.CurrentTime or K.CurrentTimestamp or K.Localtime or K.Localtimestamp or K.CurrentRole or K.CurrentUser
            or K.User or K.SessionUser or K.CurrentCatalog or K.Cast => true,
        K.CurrentSchema => !NextIs(TokenKind.LeftParen),
        K.Collation => NextIs(K.For),
        K.Extract or K.Normalize or K.Overlay or K.Position or K.Substring or K.Treat or K.Trim or K.Nullif or K.Coalesce or K.Greatest
            or K.Least or K.Grouping or K.Xmlconcat or K.Xmlelement or K.Xmlexists or K.Xmlforest or K.Xmlparse or K.Xmlpi or K.Xmlroot
            or K.Xmlserialize => NextIs(TokenKind.LeftParen),
        _ => false,
    };

    /// <summary>The call at which <see cref="AtSpecial"/> is true.</summary>
    public Expression Special()
    {
        var position = Position;
        var word = Tokens.Current.Keyword;
        if (ValueFunctionOf(word) is { } kind)
        {
            Advance();
            var precision = kind is ValueFunctionKind.CurrentTime or ValueFunctionKind.CurrentTimestamp or ValueFunctionKind.LocalTime
                or ValueFunctionKind.LocalTimestamp && At(TokenKind.LeftParen) ? InParens(IntegerLiteral) : (int?)null;
            return new ValueFunction(kind, precision, position);
        }

        Advance();
        if (word == K.Collation)
        {
            Expect(K.For);
            return SqlCall("pg_collation_for", position, InParens(Grammar.Expressions.Expression));
        }

        Expect(TokenKind.LeftParen);
        var result = Body(word, position);
        Expect(TokenKind.RightParen);
        return result is FunctionCall call ? Modifiers(call) : result;
    }

    Expression Body(K word, int position) => word switch
    {
        K.Cast or K.Treat => Cast(word, position),
        K.Extract => Extract(position),
        K.Normalize => Normalize(position),
        K.Overlay => Overlay(position),
        K.Position => PositionOf(position),
        K.Substring => Substring(position),
        K.Trim => Trim(position),
        K.Nullif => NullIf(position),
        K.Coalesce => new CoalesceExpression(Grammar.Expressions.Expressions(), position),
        K.Greatest => new MinMaxExpression(true, Grammar.Expressions.Expressions(), position),
        K.Least => new MinMaxExpression(false, Grammar.Expressions.Expressions(), position),
        K.Grouping => new GroupingExpression(Grammar.Expressions.Expressions(), position),
        _ => throw PgError.Unsupported(Keywords.Word(word).ToUpperInvariant(), position),
    };

    Expression Cast(K word, int position)
    {
        var operand = Grammar.Expressions.Expression();
        Expect(K.As);
        var type = Grammar.Types.Type();
        return word == K.Cast
            ? new CastExpression(operand, type, position)
            : new FunctionCall(type.Name, [new FunctionArgument(operand, null, operand.Position)], position);
    }

    NullIfExpression NullIf(int position)
    {
        var left = Grammar.Expressions.Expression();
        Expect(TokenKind.Comma);
        return new NullIfExpression(left, Grammar.Expressions.Expression(), position);
    }

    FunctionCall Extract(int position)
    {
        var fieldPosition = Position;
        var field = AtAny(K.Year, K.Month, K.Day, K.Hour, K.Minute, K.Second) || At(TokenKind.Identifier) ? TakeName() : StringLiteral();
        Expect(K.From);
        return SqlCall("extract", position, new StringConstant(field, fieldPosition), Grammar.Expressions.Expression());
    }

    FunctionCall Normalize(int position)
    {
        var text = Grammar.Expressions.Expression();
        if (!Accept(TokenKind.Comma)) return SqlCall("normalize", position, text);
        var formPosition = Position;
        var form = NormalForm(Tokens.Current.Keyword) ?? throw Error();
        Advance();
        return SqlCall("normalize", position, text, new StringConstant(form, formPosition));
    }

    /// <summary>The Unicode normal form that a word names, or null.</summary>
    public static string? NormalForm(K word) => word switch
    {
        K.Nfc => "NFC",
        K.Nfd => "NFD",
        K.Nfkc => "NFKC",
        K.Nfkd => "NFKD",
        _ => null,
    };

    FunctionCall PositionOf(int position)
    {
        var part = Grammar.Expressions.Restricted();
        Expect(K.In);
        return SqlCall("position", position, Grammar.Expressions.Restricted(), part);
    }

    FunctionCall Overlay(int position)
    {
        if (At(TokenKind.RightParen)) return OrdinaryCall("overlay", [], position);
        var first = Argument();
        if (first.Name is not null || !Accept(K.Placing)) return OrdinaryCall("overlay", ArgumentsAfter(first), position);

        var placing = Grammar.Expressions.Expression();
        Expect(K.From);
        var from = Grammar.Expressions.Expression();
        return Accept(K.For)
            ? SqlCall("overlay", position, first.Value, placing, from, Grammar.Expressions.Expression())
            : SqlCall("overlay", position, first.Value, placing, from);
    }

    FunctionCall Substring(int position)
    {
        if (At(TokenKind.RightParen)) return OrdinaryCall("substring", [], position);
        var first = Argument();
        if (first.Name is null && Accept(K.From))
        {
            var from = Grammar.Expressions.Expression();
            return Accept(K.For)
                ? SqlCall("substring", position, first.Value, from, Grammar.Expressions.Expression())
                : SqlCall("substring", position, first.Value, from);
        }
        if (first.Name is null && Accept(K.For))
        {
            var length = Grammar.Expressions.Expression();
            if (Accept(K.From)) return SqlCall("substring", position, first.Value, Grammar.Expressions.Expression(), length);

            // FOR without FROM counts from 1; the cast keeps substring(text, pattern, escape) from matching.
            var type = new TypeName(new QualifiedName(null, "pg_catalog", "int4", length.Position), [], length.Position);
            return SqlCall("substring", position, first.Value, new IntegerConstant(1, length.Position), new CastExpression(length, type, length.Position));
        }
        if (first.Name is null && Accept(K.Similar))
        {
            var pattern = Grammar.Expressions.Expression();
            Expect(K.Escape);
            return SqlCall("substring", position, first.Value, pattern, Grammar.Expressions.Expression());
        }
        return OrdinaryCall("substring", ArgumentsAfter(first), position);
    }

    FunctionCall Trim(int position)
    {
        var name = "btrim";
        if (AtAny(K.Both, K.Leading, K.Trailing))
        {
            name = At(K.Leading) ? "ltrim" : At(K.Trailing) ? "rtrim" : "btrim";
            Advance();
        }
        if (Accept(K.From)) return SqlCall(name, position, [.. Grammar.Expressions.Expressions()]);

        var first = Grammar.Expressions.Expression();
        if (Accept(K.From)) return SqlCall(name, position, [.. Grammar.Expressions.Expressions(), first]);
        if (!Accept(TokenKind.Comma)) return SqlCall(name, position, first);
        return SqlCall(name, position, [first, .. Grammar.Expressions.Expressions()]);
    }

    /// <summary><c>(a, b) OVERLAPS (c, d)</c>; the left row was read.</summary>
    public FunctionCall Overlaps(RowConstructor left)
    {
        var position = Expect(K.Overlaps);
        var right = Grammar.Primaries.Row();
        if (left.Fields.Length != 2)
            throw PgError.Syntax("wrong number of parameters on left side of OVERLAPS expression", left.Position);
        if (right.Fields.Length != 2)
            throw PgError.Syntax("wrong number of parameters on right side of OVERLAPS expression", right.Position);
        return SqlCall("overlaps", position, left.Fields[0], left.Fields[1], right.Fields[0], right.Fields[1]);
    }

    static FunctionCall OrdinaryCall(string name, ImmutableArray<FunctionArgument> arguments, int position)
        => new(new QualifiedName(null, null, name, position), arguments, position);

    ImmutableArray<FunctionArgument> ArgumentsAfter(FunctionArgument first)
        => Accept(TokenKind.Comma) ? [first, .. List(Argument)] : [first];

    FunctionArgument Argument()
    {
        var position = Position;
        if (!IsTypeOrFunctionName(Tokens.Current) || !(NextIs(TokenKind.Arrow) || NextIs(TokenKind.ColonEqual)))
            return new FunctionArgument(Grammar.Expressions.Expression(), null, position);
        var name = TakeName();
        Advance();
        return new FunctionArgument(Grammar.Expressions.Expression(), name, position);
    }

    /// <summary>The parentheses of a call and what is in them.</summary>
    public FunctionCall Arguments(QualifiedName function, int position)
    {
        StackGuard.Check();
        Expect(TokenKind.LeftParen);
        var call = new FunctionCall(function, [], position);
        if (Accept(TokenKind.RightParen)) return call;
        if (At(TokenKind.Star) && NextIs(TokenKind.RightParen))
        {
            Advance();
            Advance();
            return call with { IsStar = true };
        }

        var isDistinct = Accept(K.Distinct);
        var isAll = !isDistinct && Accept(K.All);
        var arguments = ImmutableArray.CreateBuilder<FunctionArgument>();
        var isVariadic = false;
        do
        {
            isVariadic = !isDistinct && !isAll && Accept(K.Variadic);
            arguments.Add(Argument());
        }
        while (!isVariadic && Accept(TokenKind.Comma));
        var orderBy = Grammar.Queries.OptionalOrderBy();
        Expect(TokenKind.RightParen);
        return call with { Arguments = arguments.DrainToImmutable(), IsDistinct = isDistinct, IsVariadic = isVariadic, OrderBy = orderBy };
    }

    /// <summary>WITHIN GROUP, FILTER and OVER after a call.</summary>
    public FunctionCall Modifiers(FunctionCall call)
    {
        if (At(K.Within) && NextIs(K.Group)) call = WithinGroup(call);
        if (At(K.Filter) && NextIs(TokenKind.LeftParen))
        {
            Advance();
            Expect(TokenKind.LeftParen);
            Expect(K.Where);
            call = call with { Filter = Grammar.Expressions.Expression() };
            Expect(TokenKind.RightParen);
        }
        if (At(K.Over))
        {
            Advance();
            var position = Position;
            var window = At(TokenKind.LeftParen)
                ? Grammar.Windows.Specification(null, position)
                : new WindowSpecification(ColumnId(), null, [], [], null, position);
            call = call with { Over = window };
        }
        return call;
    }

    FunctionCall WithinGroup(FunctionCall call)
    {
        var position = Position;
        Advance();
        Advance();
        Expect(TokenKind.LeftParen);
        if (!At(K.Order)) throw Error();
        var orderBy = Grammar.Queries.OptionalOrderBy();
        Expect(TokenKind.RightParen);
        if (call.OrderBy.Length > 0) throw PgError.Syntax("cannot use multiple ORDER BY clauses with WITHIN GROUP", position);
        if (call.IsDistinct) throw PgError.Syntax("cannot use DISTINCT with WITHIN GROUP", position);
        if (call.IsVariadic) throw PgError.Syntax("cannot use VARIADIC with WITHIN GROUP", position);
        return call with { OrderBy = orderBy, IsWithinGroup = true };
    }

    static ValueFunctionKind? ValueFunctionOf(K word) => word switch
    {
        K.CurrentDate => ValueFunctionKind.CurrentDate,
        K.CurrentTime => ValueFunctionKind.CurrentTime,
        K.CurrentTimestamp => ValueFunctionKind.CurrentTimestamp,
        K.Localtime => ValueFunctionKind.LocalTime,
        K.Localtimestamp => ValueFunctionKind.LocalTimestamp,
        K.CurrentRole => ValueFunctionKind.CurrentRole,
        K.CurrentUser => ValueFunctionKind.CurrentUser,
        K.User => ValueFunctionKind.User,
        K.SessionUser => ValueFunctionKind.SessionUser,
        K.CurrentCatalog => ValueFunctionKind.CurrentCatalog,
        K.CurrentSchema => ValueFunctionKind.CurrentSchema,
        _ => null,
    };
}
