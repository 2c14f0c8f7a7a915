using System.Collections.Immutable;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>INSERT, UPDATE, DELETE, MERGE, TRUNCATE.</summary>
sealed class DataRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>Whether a statement follows that can be prepared, explained or be a common table expression.</summary>
    public bool AtPreparable => Grammar.Queries.AtQueryWord || At(TokenKind.LeftParen) || AtAny(K.Insert, K.Update, K.Delete, K.Merge);

    /// <summary>A query, INSERT, UPDATE, DELETE or MERGE.</summary>
    public Statement Preparable()
    {
        StackGuard.Check();
        var position = Position;
        var with = Grammar.Queries.OptionalWith();
        return Tokens.Current.Keyword switch
        {
            K.Insert => Insert(with, position),
            K.Update => Update(with, position),
            K.Delete => Delete(with, position),
            K.Merge => Merge(with, position),
            _ => new QueryStatement(Grammar.Queries.QueryAfter(with), position),
        };
    }

    InsertStatement Insert(WithClause? with, int position)
    {
        Expect(K.Insert, K.Into);
        var name = Name();
        var table = new TableReference(name, name.Position);
        if (Accept(K.As))
        {
            var aliasPosition = Position;
            table = table with { Alias = new Alias(ColumnId(), [], aliasPosition) };
        }

        ImmutableArray<AssignmentTarget> columns = [];
        var overriding = Overriding.None;
        Query? source = null;
        if (Accept(K.Default))
            Expect(K.Values);
        else
        {
            if (At(TokenKind.LeftParen) && !AtQueryInParens) columns = ListInParens(Target);
            overriding = OptionalOverriding();
            source = Grammar.Queries.Query();
        }
        return new InsertStatement(table, columns, source, position)
        {
            With = with,
            Overriding = overriding,
            OnConflict = At(K.On, K.Conflict) ? OnConflict() : null,
            Returning = Grammar.Queries.OptionalReturning(),
        };
    }

    bool AtQueryInParens
    {
        get
        {
            ref readonly var next = ref Tokens.Peek(1);
            return next.Kind == TokenKind.LeftParen || next.Keyword is K.Select or K.With or K.Table
                || (next.Keyword == K.Values && Tokens.Peek(2).Kind == TokenKind.LeftParen);
        }
    }

    Overriding OptionalOverriding()
    {
        if (!Accept(K.Overriding)) return Overriding.None;
        var isUser = Accept(K.User);
        if (!isUser) Expect(K.System);
        Expect(K.Value);
        return isUser ? Overriding.UserValue : Overriding.SystemValue;
    }

    AssignmentTarget Target()
    {
        var position = Position;
        var column = ColumnId();
        if (!At(TokenKind.Dot) && !At(TokenKind.LeftBracket)) return new AssignmentTarget(column, [], position);

        var path = ImmutableArray.CreateBuilder<Indirection>();
        while (true)
        {
            var step = Position;
            if (At(TokenKind.LeftBracket)) path.Add(Grammar.Primaries.OneSubscript());
            else if (Accept(TokenKind.Dot)) path.Add(new FieldIndirection(Label(), step));
            else return new AssignmentTarget(column, path.DrainToImmutable(), position);
        }
    }

    OnConflictClause OnConflict()
    {
        var position = Position;
        Expect(K.On, K.Conflict);
        var target = ConflictTarget();
        Expect(K.Do);
        if (Accept(K.Nothing)) return new OnConflictClause(target, false, [], null, position);

        Expect(K.Update, K.Set);
        return new OnConflictClause(target, true, Assignments(), Grammar.Queries.OptionalWhere(), position);
    }

    ConflictTarget? ConflictTarget()
    {
        var position = Position;
        if (Accept(K.On))
        {
            Expect(K.Constraint);
            return new ConflictTarget([], null, ColumnId(), position);
        }
        if (!At(TokenKind.LeftParen)) return null;
        return new ConflictTarget(ListInParens(Grammar.Indexes.Element), Grammar.Queries.OptionalWhere(), null, position);
    }

    ImmutableArray<Assignment> Assignments() => List(Assignment);

    Assignment Assignment()
    {
        var position = Position;
        if (!At(TokenKind.LeftParen))
        {
            var target = Target();
            Expect(TokenKind.Equal);
            return new ColumnAssignment(target, Grammar.Expressions.Expression(), position);
        }
        var targets = ListInParens(Target);
        Expect(TokenKind.Equal);
        return new MultiAssignment(targets, Grammar.Expressions.Expression(), position);
    }

    TableReference AliasedRelation()
    {
        var table = Grammar.From.Relation();
        var position = Position;
        if (Accept(K.As) || (AtColumnId && !At(K.Set))) return table with { Alias = new Alias(ColumnId(), [], position) };
        return table;
    }

    UpdateStatement Update(WithClause? with, int position)
    {
        Expect(K.Update);
        var table = AliasedRelation();
        Expect(K.Set);
        var assignments = Assignments();
        ImmutableArray<FromItem> from = Accept(K.From) ? Grammar.From.Items() : [];
        return new UpdateStatement(table, assignments, from, WhereOrCurrent(), position)
        {
            With = with,
            Returning = Grammar.Queries.OptionalReturning(),
        };
    }

    DeleteStatement Delete(WithClause? with, int position)
    {
        Expect(K.Delete, K.From);
        var table = AliasedRelation();
        ImmutableArray<FromItem> from = Accept(K.Using) ? Grammar.From.Items() : [];
        return new DeleteStatement(table, from, WhereOrCurrent(), position)
        {
            With = with,
            Returning = Grammar.Queries.OptionalReturning(),
        };
    }

    Expression? WhereOrCurrent()
    {
        if (!At(K.Where) || !NextIs(K.Current) || Tokens.Peek(2).Keyword != K.Of) return Grammar.Queries.OptionalWhere();
        Advance();
        var position = Position;
        Advance();
        Advance();
        if (!At(TokenKind.Parameter)) return new CurrentOfExpression(ColumnId(), null, position);
        var parameter = (ParameterExpression)Grammar.Primaries.Primary();
        return new CurrentOfExpression(null, parameter.Number, position);
    }

    MergeStatement Merge(WithClause? with, int position)
    {
        Expect(K.Merge, K.Into);
        var target = AliasedRelation();
        Expect(K.Using);
        var source = Grammar.From.Item();
        Expect(K.On);
        var condition = Grammar.Expressions.Expression();
        var clauses = ImmutableArray.CreateBuilder<MergeClause>();
        do clauses.Add(MergeClause());
        while (At(K.When));
        return new MergeStatement(target, source, condition, clauses.DrainToImmutable(), position) { With = with };
    }

    MergeClause MergeClause()
    {
        var position = Expect(K.When);
        var isMatched = !Accept(K.Not);
        Expect(K.Matched);
        var condition = Accept(K.And) ? Grammar.Expressions.Expression() : null;
        Expect(K.Then);
        return new MergeClause(isMatched, condition, MergeAction(isMatched), position);
    }

    MergeAction MergeAction(bool isMatched)
    {
        var position = Position;
        if (Accept(K.Do))
        {
            Expect(K.Nothing);
            return new MergeDoNothing(position);
        }
        if (isMatched && Accept(K.Delete)) return new MergeDelete(position);
        if (isMatched)
        {
            Expect(K.Update, K.Set);
            return new MergeUpdate(Assignments(), position);
        }

        Expect(K.Insert);
        ImmutableArray<AssignmentTarget> columns = OptionalListInParens(Target);
        if (columns.Length == 0 && Accept(K.Default))
        {
            Expect(K.Values);
            return new MergeInsert([], Overriding.None, [], position);
        }
        var overriding = OptionalOverriding();
        Expect(K.Values);
        return new MergeInsert(columns, overriding, InParens(Grammar.Expressions.Expressions), position);
    }

    public TruncateStatement Truncate()
    {
        var position = Expect(K.Truncate);
        Accept(K.Table);
        var tables = List(Grammar.From.Relation);
        var restart = Accept(K.Restart);
        if (restart || Accept(K.Continue)) Expect(K.Identity);
        return new TruncateStatement(tables, restart, Behavior(), position);
    }
}
