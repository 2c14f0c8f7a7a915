using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>SELECT, VALUES, TABLE, set operations, and the clauses around them.</summary>
sealed class QueryRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>Whether a word follows that begins a query.</summary>
    public bool AtQueryWord => AtAny(K.Select, K.With, K.Table) || (At(K.Values) && NextIs(TokenKind.LeftParen));

    /// <summary>Whether a query in parentheses that ends here is more than an operand: it goes on, or closes another parenthesis.</summary>
    public bool AtQueryEnd
        => At(TokenKind.RightParen) || AtAny(K.Union, K.Intersect, K.Except, K.Order, K.Limit, K.Offset, K.Fetch, K.For);

    public Query Query()
    {
        StackGuard.Check();
        var with = OptionalWith();
        return Finish(SetOperations(Operand(), isIntersect: false), with);
    }

    /// <summary>A query whose WITH was read.</summary>
    public Query QueryAfter(WithClause? with) => Finish(SetOperations(Operand(), isIntersect: false), with);

    /// <summary>The rest of a query whose first operand, in parentheses, was read.</summary>
    public Query ContinueFrom(Query first) => Finish(SetOperations(first, isIntersect: false), null);

    /// <summary>A query in one or more parentheses.</summary>
    public Query InParentheses()
    {
        StackGuard.Check();
        Expect(TokenKind.LeftParen);
        var query = At(TokenKind.LeftParen) ? ContinueFrom(InParentheses()) : AtQueryWord ? Query() : throw Error();
        Expect(TokenKind.RightParen);
        return query;
    }

    // INTERSECT binds closer than UNION and EXCEPT; all go from left to right.
    Query SetOperations(Query left, bool isIntersect)
    {
        while (true)
        {
            var position = Position;
            SetOperator kind;
            if (At(K.Intersect)) kind = SetOperator.Intersect;
            else if (!isIntersect && At(K.Union)) kind = SetOperator.Union;
            else if (!isIntersect && At(K.Except)) kind = SetOperator.Except;
            else return left;
            Advance();

            var isAll = Accept(K.All);
            if (!isAll) Accept(K.Distinct);
            var right = Operand();
            if (kind != SetOperator.Intersect) right = SetOperations(right, isIntersect: true);
            left = new SetOperationQuery(kind, isAll, left, right, position);
        }
    }

    Query Operand()
    {
        var position = Position;
        switch (Tokens.Current.Keyword)
        {
            case K.Select:
                return Select();
            case K.Values:
                return Values();
            case K.Table:
                Advance();
                var table = Grammar.From.Relation();
                return new SelectQuery([new SelectTarget(new StarExpression([], position), null, position)], [table], position);
            default:
                return At(TokenKind.LeftParen) ? InParentheses() : throw Error();
        }
    }

    ValuesQuery Values()
    {
        var position = Expect(K.Values);
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<Expression>>();
        do
        {
            Expect(TokenKind.LeftParen);
            var row = ImmutableArray.CreateBuilder<Expression>(rows.Count > 0 ? rows[0].Length : 4);
            do row.Add(Grammar.Expressions.Expression());
            while (Accept(TokenKind.Comma));
            Expect(TokenKind.RightParen);
            rows.Add(row.DrainToImmutable());
        }
        while (Accept(TokenKind.Comma));
        return new ValuesQuery(rows.DrainToImmutable(), position);
    }

    SelectQuery Select()
    {
        var position = Expect(K.Select);
        var isDistinct = Accept(K.Distinct);
        ImmutableArray<Expression> distinctOn = [];
        if (!isDistinct) Accept(K.All);
        else if (Accept(K.On)) distinctOn = InParens(Grammar.Expressions.Expressions);

        ImmutableArray<SelectTarget> targets = isDistinct || !AtEndOfTargets ? Targets() : [];
        var into = At(K.Into) ? Into() : null;
        ImmutableArray<FromItem> from = Accept(K.From) ? Grammar.From.Items() : [];
        var where = OptionalWhere();
        var (groupBy, isGroupByDistinct) = GroupBy();
        return new SelectQuery(targets, from, position)
        {
            IsDistinct = isDistinct,
            DistinctOn = distinctOn,
            Into = into,
            Where = where,
            GroupBy = groupBy,
            IsGroupByDistinct = isGroupByDistinct,
            Having = Accept(K.Having) ? Grammar.Expressions.Expression() : null,
            Windows = Grammar.Windows.OptionalClause(),
        };
    }

    bool AtEndOfTargets => At(TokenKind.End) || At(TokenKind.Semicolon) || At(TokenKind.RightParen)
        || AtAny(K.From, K.Into, K.Where, K.Group, K.Having, K.Window, K.Order, K.Limit, K.Offset, K.Fetch, K.For, K.Union, K.Intersect,
            K.Except, K.On, K.Returning, K.With);

    public ImmutableArray<SelectTarget> Targets() => List(Target);

    SelectTarget Target()
    {
        var position = Position;
        if (Accept(TokenKind.Star)) return new SelectTarget(new StarExpression([], position), null, position);

        var value = Grammar.Expressions.Expression();
        if (Accept(K.As)) return new SelectTarget(value, Label(), position);
        var isLabel = At(TokenKind.Identifier) || (At(TokenKind.Keyword) && Keywords.IsBareLabel(Tokens.Current.Keyword));
        return new SelectTarget(value, isLabel ? TakeName() : null, position);
    }

    /// <summary>Optional RETURNING.</summary>
    public ImmutableArray<SelectTarget> OptionalReturning() => Accept(K.Returning) ? Targets() : [];

    /// <summary>Optional WHERE.</summary>
    public Expression? OptionalWhere() => Accept(K.Where) ? Grammar.Expressions.Expression() : null;

    IntoClause Into()
    {
        var position = Expect(K.Into);
        var persistence = Grammar.Tables.Persistence();
        Accept(K.Table);
        return new IntoClause(Name(), persistence, position);
    }

    (ImmutableArray<GroupingElement> Elements, bool IsDistinct) GroupBy()
    {
        if (!Accept(K.Group)) return ([], false);
        Expect(K.By);
        var isDistinct = Accept(K.Distinct);
        if (!isDistinct) Accept(K.All);
        return (List(GroupingElement), isDistinct);
    }

    GroupingElement GroupingElement()
    {
        var position = Position;
        if (At(TokenKind.LeftParen) && NextIs(TokenKind.RightParen))
        {
            Advance();
            Advance();
            return new EmptyGroupingSet(position);
        }
        if ((At(K.Rollup) || At(K.Cube)) && NextIs(TokenKind.LeftParen))
        {
            var isCube = At(K.Cube);
            Advance();
            return new RollupOrCube(isCube, InParens(Grammar.Expressions.Expressions), position);
        }
        if (At(K.Grouping, K.Sets))
        {
            StackGuard.Check();
            Advance();
            Advance();
            return new GroupingSets(ListInParens(GroupingElement), position);
        }
        return new GroupingKey(Grammar.Expressions.Expression(), position);
    }

    /// <summary>Optional ORDER BY.</summary>
    public ImmutableArray<SortItem> OptionalOrderBy()
    {
        if (!Accept(K.Order)) return [];
        Expect(K.By);
        return List(SortItem);
    }

    SortItem SortItem()
    {
        var position = Position;
        var value = Grammar.Expressions.Expression();
        var usingOperator = Accept(K.Using) ? Grammar.Expressions.AnyOperator() : null;
        var descending = usingOperator is null && Accept(K.Desc);
        if (usingOperator is null && !descending) Accept(K.Asc);
        return new SortItem(value, descending, usingOperator, OptionalNulls(), position);
    }

    /// <summary>Optional NULLS FIRST or NULLS LAST.</summary>
    public bool? OptionalNulls()
    {
        if (Accept(K.Nulls, K.First)) return true;
        if (Accept(K.Nulls, K.Last)) return false;
        return null;
    }

    /// <summary>ORDER BY, LIMIT, OFFSET and FOR after a query; a query in parentheses may have some already.</summary>
    Query Finish(Query query, WithClause? with)
    {
        var orderBy = OptionalOrderBy();
        ImmutableArray<LockingClause> locking = At(K.For) ? Locking() : [];
        var limit = default(LimitClause);
        while (AtAny(K.Limit, K.Offset, K.Fetch))
            ReadLimit(ref limit);
        if (locking.Length == 0 && At(K.For)) locking = Locking();

        if (with is null && orderBy.Length == 0 && locking.Length == 0 && limit is { Count: null, Offset: null }) return query;
        if (orderBy.Length > 0 && query.OrderBy.Length > 0) throw Repeated("ORDER BY", orderBy[0].Position);
        if (limit.Offset is not null && query.Offset is not null) throw Repeated("OFFSET", limit.Offset.Position);
        if (limit.Count is not null && query.Limit is not null) throw Repeated("LIMIT", limit.Count.Position);
        if (with is not null && query.With is not null) throw Repeated("WITH", with.Position);

        var result = query with
        {
            With = with ?? query.With,
            OrderBy = orderBy.Length > 0 ? orderBy : query.OrderBy,
            Locking = [.. query.Locking, .. locking],
            Limit = limit.Count ?? query.Limit,
            WithTies = limit.WithTies || query.WithTies,
            Offset = limit.Offset ?? query.Offset,
        };
        if (limit.WithTies && result.OrderBy.Length == 0)
            throw PgError.Syntax("WITH TIES cannot be specified without ORDER BY clause");
        if (limit.WithTies && result.Locking.FirstOrDefault(l => l.Wait == LockWait.SkipLocked) is { } skip)
            throw PgError.Syntax("SKIP LOCKED and WITH TIES options cannot be used together", skip.Position);
        return result;
    }

    static PgError Repeated(string clause, int position) => PgError.Syntax($"multiple {clause} clauses not allowed", position);

    record struct LimitClause(Expression? Count, Expression? Offset, bool WithTies);

    void ReadLimit(ref LimitClause limit)
    {
        var start = Position;
        if (At(K.Offset) ? limit.Offset is not null : limit.Count is not null) throw Error();
        if (Accept(K.Offset))
        {
            limit.Offset = Grammar.Expressions.Expression();
            if (!Accept(K.Row)) Accept(K.Rows);
        }
        else if (Accept(K.Limit))
        {
            var position = Position;
            limit.Count = Accept(K.All) ? new NullConstant(position) : Grammar.Expressions.Expression();
            if (At(TokenKind.Comma))
                throw new PgError(SqlState.SyntaxError, "LIMIT #,# syntax is not supported")
                {
                    Hint = "Use separate LIMIT and OFFSET clauses.",
                    Position = start,
                };
        }
        else
            ReadFetch(ref limit);
    }

    void ReadFetch(ref LimitClause limit)
    {
        Expect(K.Fetch);
        if (!Accept(K.First)) Expect(K.Next);
        var position = Position;
        if (AtAny(K.Row, K.Rows))
            limit.Count = new IntegerConstant(1, position);
        else
            limit.Count = AtNumber ? PrimaryRules.Number(SignedNumber(), position) : Grammar.Primaries.Primary();
        if (!Accept(K.Row)) Expect(K.Rows);
        if (Accept(K.Only)) return;
        Expect(K.With, K.Ties);
        limit.WithTies = true;
    }

    ImmutableArray<LockingClause> Locking()
    {
        var position = Position;
        Advance();
        if (Accept(K.Read))
        {
            Expect(K.Only);
            return [];
        }

        var clauses = ImmutableArray.CreateBuilder<LockingClause>();
        clauses.Add(LockingAfterFor(position));
        while (At(K.For))
        {
            position = Position;
            Advance();
            clauses.Add(LockingAfterFor(position));
        }
        return clauses.DrainToImmutable();
    }

    LockingClause LockingAfterFor(int position)
    {
        LockStrength strength;
        if (Accept(K.Update)) strength = LockStrength.Update;
        else if (Accept(K.Share)) strength = LockStrength.Share;
        else if (Accept(K.Key))
        {
            Expect(K.Share);
            strength = LockStrength.KeyShare;
        }
        else
        {
            Expect(K.No, K.Key);
            Expect(K.Update);
            strength = LockStrength.NoKeyUpdate;
        }
        ImmutableArray<QualifiedName> tables = Accept(K.Of) ? List(Name) : [];
        var wait = LockWait.Block;
        if (Accept(K.Nowait)) wait = LockWait.NoWait;
        else if (Accept(K.Skip))
        {
            Expect(K.Locked);
            wait = LockWait.SkipLocked;
        }
        return new LockingClause(strength, tables, wait, position);
    }

    /// <summary>Optional WITH of common table expressions.</summary>
    public WithClause? OptionalWith()
    {
        if (!At(K.With)) return null;
        var position = Position;
        Advance();
        var isRecursive = Accept(K.Recursive);
        return new WithClause(isRecursive, List(CommonTable), position);
    }

    CommonTableExpression CommonTable()
    {
        var position = Position;
        var name = ColumnId();
        var columns = OptionalNamesInParens();
        Expect(K.As);
        bool? materialized = null;
        if (Accept(K.Materialized)) materialized = true;
        else if (Accept(K.Not))
        {
            Expect(K.Materialized);
            materialized = false;
        }
        Expect(TokenKind.LeftParen);
        var body = Grammar.Data.Preparable();
        Expect(TokenKind.RightParen);
        return new CommonTableExpression(name, columns, materialized, body, position)
        {
            Search = At(K.Search) ? Search() : null,
            Cycle = At(K.Cycle) ? Cycle() : null,
        };
    }

    SearchClause Search()
    {
        var position = Expect(K.Search);
        var isBreadth = Accept(K.Breadth);
        if (!isBreadth) Expect(K.Depth);
        Expect(K.First, K.By);
        var columns = List(ColumnId);
        Expect(K.Set);
        return new SearchClause(isBreadth, columns, ColumnId(), position);
    }

    CycleClause Cycle()
    {
        var position = Expect(K.Cycle);
        var columns = List(ColumnId);
        Expect(K.Set);
        var mark = ColumnId();
        Expression? value = null, otherwise = null;
        if (Accept(K.To))
        {
            value = Grammar.Primaries.Primary();
            Expect(K.Default);
            otherwise = Grammar.Primaries.Primary();
        }
        Expect(K.Using);
        return new CycleClause(columns, mark, value, otherwise, ColumnId(), position);
    }
}
