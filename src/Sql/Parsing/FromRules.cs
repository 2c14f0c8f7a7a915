using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>FROM: tables, functions, subqueries, joins.</summary>
sealed class FromRules(Grammar grammar) : Rules(grammar)
{
    public ImmutableArray<FromItem> Items() => List(Item);

    /// <summary>One item with all its joins.</summary>
    public FromItem Item()
    {
        StackGuard.Check();
        return Joins(Source());
    }

    FromItem Joins(FromItem left)
    {
        while (AtJoin)
            left = Join(left);
        return left;
    }

    bool AtJoin => AtAny(K.Cross, K.Natural, K.Join, K.Inner, K.Left, K.Right, K.Full);

    JoinReference Join(FromItem left)
    {
        StackGuard.Check();
        var position = Position;
        if (Accept(K.Cross))
        {
            Expect(K.Join);
            return new JoinReference(JoinKind.Inner, left, Source(), position);
        }
        if (Accept(K.Natural))
        {
            var naturalKind = KindOfJoin();
            return new JoinReference(naturalKind, left, Source(), position) { IsNatural = true };
        }

        // a JOIN b JOIN c ON x ON y: joins without their condition belong to the right side.
        var kind = KindOfJoin();
        var right = Source();
        while (AtJoin)
            right = Join(right);
        var join = new JoinReference(kind, left, right, position);
        if (Accept(K.On)) return join with { Condition = Grammar.Expressions.Expression() };

        Expect(K.Using);
        var columns = NamesInParens();
        var aliasPosition = Position;
        var alias = Accept(K.As) ? new Alias(ColumnId(), [], aliasPosition) : null;
        return join with { Using = columns, UsingAlias = alias };
    }

    JoinKind KindOfJoin()
    {
        var kind = Tokens.Current.Keyword switch
        {
            K.Left => JoinKind.Left,
            K.Right => JoinKind.Right,
            K.Full => JoinKind.Full,
            _ => JoinKind.Inner,
        };
        if (kind != JoinKind.Inner)
        {
            Advance();
            Accept(K.Outer);
        }
        else
            Accept(K.Inner);
        Expect(K.Join);
        return kind;
    }

    FromItem Source()
    {
        var position = Position;
        var isLateral = Accept(K.Lateral);
        if (At(TokenKind.LeftParen))
        {
            if (isLateral) return Subquery(Grammar.Queries.InParentheses(), true, position);
            var (query, item) = Parenthesized();
            return query is not null ? Subquery(query, false, position) : item! with { Alias = OptionalAlias() };
        }
        if (Grammar.Calls.AtSpecial || At(K.Rows, K.From)) return Function(isLateral, position);
        if (At(K.Xmltable)) throw PgError.Unsupported("XMLTABLE", position);
        if (!At(K.Only) && AtFunction) return Function(isLateral, position);
        if (isLateral) throw Error();

        var table = Relation();
        var alias = OptionalAlias();
        return table with { Alias = alias, Sample = At(K.Tablesample) ? Sample() : null };
    }

    SubqueryReference Subquery(Query query, bool isLateral, int position)
    {
        var alias = OptionalAlias();
        if (alias is null)
            throw new PgError(SqlState.SyntaxError, query is ValuesQuery ? "VALUES in FROM must have an alias" : "subquery in FROM must have an alias")
            {
                Position = position,
                Hint = query is ValuesQuery
                    ? "For example, FROM (VALUES ...) [AS] foo."
                    : "For example, FROM (SELECT ...) [AS] foo.",
            };
        return new SubqueryReference(query, isLateral, position) { Alias = alias };
    }

    /// <summary>
    /// A parenthesis in FROM holds a query or a join; <c>((SELECT 1) UNION …)</c> and <c>((SELECT 1) a JOIN …)</c> differ only after
    /// the inner parenthesis.
    /// </summary>
    (Query? Query, FromItem? Item) Parenthesized()
    {
        StackGuard.Check();
        Expect(TokenKind.LeftParen);
        if (Grammar.Queries.AtQueryWord)
        {
            var query = Grammar.Queries.Query();
            Expect(TokenKind.RightParen);
            return (query, null);
        }

        FromItem item;
        if (At(TokenKind.LeftParen))
        {
            var position = Position;
            var (inner, innerItem) = Parenthesized();
            if (inner is not null && Grammar.Queries.AtQueryEnd)
            {
                var query = Grammar.Queries.ContinueFrom(inner);
                Expect(TokenKind.RightParen);
                return (query, null);
            }
            item = inner is not null ? Subquery(inner, false, position) : innerItem! with { Alias = OptionalAlias() };
            item = Joins(item);
        }
        else
            item = Item();

        // Only joins may stand in parentheses.
        if (item is not JoinReference) throw Error();
        Expect(TokenKind.RightParen);
        return (null, item);
    }

    bool AtFunction
    {
        get
        {
            var ahead = 1;
            while (Tokens.Peek(ahead).Kind == TokenKind.Dot)
                ahead += 2;
            return Tokens.Peek(ahead).Kind == TokenKind.LeftParen;
        }
    }

    FunctionReference Function(bool isLateral, int position)
    {
        var isRowsFrom = Accept(K.Rows, K.From);
        ImmutableArray<RowsFromFunction> functions = isRowsFrom ? ListInParens(RowsFromFunction) : [new RowsFromFunction(Call(), [], position)];
        var withOrdinality = Accept(K.With, K.Ordinality);
        var (alias, columns) = FunctionAlias();
        return new FunctionReference(functions, isLateral, position)
        {
            IsRowsFrom = isRowsFrom,
            WithOrdinality = withOrdinality,
            Alias = alias,
            Columns = columns,
        };
    }

    RowsFromFunction RowsFromFunction()
    {
        var position = Position;
        var call = Call();
        return new RowsFromFunction(call, Accept(K.As) ? ListInParens(ColumnOfFunction) : [], position);
    }

    Expression Call()
    {
        if (Grammar.Calls.AtSpecial) return Grammar.Calls.Special();
        var position = Position;
        return Grammar.Calls.Arguments(FunctionName(), position);
    }

    (Alias? Alias, ImmutableArray<ColumnDefinition> Columns) FunctionAlias()
    {
        var position = Position;
        var isAs = Accept(K.As);
        if (isAs && At(TokenKind.LeftParen)) return (null, ListInParens(ColumnOfFunction));
        if (!isAs && !AtColumnId) return (null, []);

        var name = ColumnId();
        if (!At(TokenKind.LeftParen)) return (new Alias(name, [], position), []);
        var isNames = Tokens.Peek(2).Kind is TokenKind.Comma or TokenKind.RightParen;
        return isNames
            ? (new Alias(name, NamesInParens(), position), [])
            : (new Alias(name, [], position), ListInParens(ColumnOfFunction));
    }

    ColumnDefinition ColumnOfFunction()
    {
        var position = Position;
        var name = ColumnId();
        var type = Grammar.Types.Type();
        return new ColumnDefinition(name, type, [], position) { Collation = Accept(K.Collate) ? Name() : null };
    }

    /// <summary>A table by name, with ONLY or a star.</summary>
    public TableReference Relation()
    {
        var position = Position;
        if (Accept(K.Only))
        {
            var only = At(TokenKind.LeftParen) ? InParens(Name) : Name();
            return new TableReference(only, only.Position) { IncludesChildren = false };
        }
        var name = Name();
        Accept(TokenKind.Star);
        return new TableReference(name, position);
    }

    /// <summary>Optional <c>[AS] name [(columns)]</c>.</summary>
    Alias? OptionalAlias()
    {
        var position = Position;
        if (!Accept(K.As) && !AtColumnId) return null;
        var name = ColumnId();
        return new Alias(name, OptionalNamesInParens(), position);
    }

    TableSample Sample()
    {
        var position = Expect(K.Tablesample);
        var method = FunctionName();
        var arguments = InParens(Grammar.Expressions.Expressions);
        var repeatable = Accept(K.Repeatable) ? InParens(Grammar.Expressions.Expression) : null;
        return new TableSample(method, arguments, repeatable, position);
    }
}
