using System.Diagnostics;

namespace PgVectorCompat.Sql;

/// <summary>Queries, one clause a line.</summary>
sealed class QueryWriter(WriterSet writers)
{
    SqlText Text => writers.Text;

    /// <summary>A query inside another text: what it does to the indentation ends with it.</summary>
    public void Nested(Query query)
    {
        var indent = Text.Indent;
        Write(query);
        Text.Indent = indent;
    }

    public void Write(Query query)
    {
        StackGuard.Check();
        if (query.With is not null) Write(query.With);
        switch (query)
        {
            case SelectQuery select:
                Select(select);
                break;
            case ValuesQuery values:
                Begin("VALUES ");
                Text.AddList(values.Rows, row =>
                {
                    Text.Add("(").AddList(row, writers.Expressions.Write, ",").Add(")");
                });
                break;
            case SetOperationQuery operation:
                Operation(operation);
                break;
            default:
                throw new UnreachableException($"no text for {query.GetType().Name}");
        }
        Tail(query);
    }

    /// <summary>The first word of a query; the clauses that follow go back by as much as this goes in.</summary>
    void Begin(string word)
    {
        if (Text.IsIndented)
        {
            Text.Indent += SqlText.Step;
            Text.Add(" ");
        }
        Text.Add(word);
    }

    void Clause(string word, int plus = 0) => Text.Clause(word, -SqlText.Step, SqlText.Step, plus);

    void Select(SelectQuery select)
    {
        Begin("SELECT");
        if (select.IsDistinct) Text.Add(" DISTINCT");
        if (select.DistinctOn.Length > 0)
        {
            Text.Add(" ON (");
            writers.Expressions.List(select.DistinctOn);
            Text.Add(")");
        }
        if (select.Targets.Length > 0) Text.Add(" ");
        Items(select.Targets, Write);
        if (select.Into is { } into)
        {
            Text.Add(" INTO ").Add(into.Persistence switch { TablePersistence.Temporary => "TEMPORARY ", TablePersistence.Unlogged => "UNLOGGED ", _ => "" });
            Text.Add(SqlWriter.Write(into.Table));
        }
        From(" FROM ", select);
        if (select.Where is not null)
        {
            Clause(" WHERE ", 1);
            writers.Expressions.Write(select.Where);
        }
        if (select.GroupBy.Length > 0)
        {
            Clause(" GROUP BY ", 1);
            if (select.IsGroupByDistinct) Text.Add("DISTINCT ");
            Text.AddList(select.GroupBy, Write);
        }
        if (select.Having is not null)
        {
            Clause(" HAVING ");
            writers.Expressions.Write(select.Having);
        }
        if (select.Windows.Length == 0) return;
        Clause(" WINDOW ", 1);
        Text.AddList(select.Windows, window =>
        {
            Text.Add(Identifiers.Quote(window.Name!)).Add(" AS ");
            writers.Calls.Write(window);
        });
    }

    void From(string word, SelectQuery select)
    {
        if (select.From.Length == 0) return;
        Clause(word, 2);
        Items(select.From, writers.From.Write);
    }

    /// <summary>Items with commas, each after the first on a line of its own.</summary>
    void Items<T>(IEnumerable<T> items, Action<T> write)
    {
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst) Text.Add(Text.IsIndented ? "," : ", ").Clause("", -SqlText.Step, SqlText.Step, SqlText.ItemStep);
            isFirst = false;
            write(item);
        }
    }

    public void Write(SelectTarget target)
    {
        writers.Expressions.Write(target.Value);
        if (target.Alias is { } alias && !(target.Value is ColumnReference column && column.Name == alias))
            Text.Add(" AS ").Add(Identifiers.Quote(alias));
    }

    void Write(GroupingElement element)
    {
        switch (element)
        {
            case GroupingKey key:
                KeyOrGroup(key.Value);
                break;
            case EmptyGroupingSet:
                Text.Add("()");
                break;
            case RollupOrCube set:
                Text.Add(set.IsCube ? "CUBE(" : "ROLLUP(").AddList(set.Items, KeyOrGroup).Add(")");
                break;
            case GroupingSets sets:
                Text.Add("GROUPING SETS (").AddList(sets.Sets, Write).Add(")");
                break;
        }
    }

    // Only a row without the word ROW is a group of keys.
    void KeyOrGroup(Expression value)
    {
        if (value is not RowConstructor { IsExplicit: false } row)
        {
            writers.Expressions.Write(value);
            return;
        }
        Text.Add("(");
        writers.Expressions.List(row.Fields);
        Text.Add(")");
    }

    // Operations go from left to right; an operand that is an operation of another kind or on the right, or has clauses of its own, is in
    // parentheses.
    void Operation(SetOperationQuery operation)
    {
        var indent = Text.Indent;
        var leftIsSame = operation.Left is SetOperationQuery left && left.Operator == operation.Operator && left.IsAll == operation.IsAll;
        var word = operation.Operator switch { SetOperator.Union => "UNION", SetOperator.Intersect => "INTERSECT", _ => "EXCEPT" };
        var leftIsGroup = operation.Left is SetOperationQuery && (!leftIsSame || HasClauses(operation.Left));
        if (leftIsGroup)
            Group(operation.Left);
        else
        {
            Leaf(operation.Left);
            if (Text.IsIndented) Text.Clause("");
        }
        if (leftIsGroup || !Text.IsIndented) Text.Add(" ");
        Text.Add(operation.IsAll ? word + " ALL " : word + " ");
        if (operation.Right is SetOperationQuery)
            Group(operation.Right);
        else
        {
            Text.Clause("");
            Leaf(operation.Right);
        }
        Text.Indent = indent + (Text.IsIndented ? SqlText.Step : 0);
    }

    static bool HasClauses(Query query)
        => query.With is not null || query.OrderBy.Length > 0 || query.Limit is not null || query.Offset is not null || query.Locking.Length > 0;

    void Group(Query query)
    {
        Text.Add("(").Clause("", SqlText.Step);
        Nested(query);
        Text.Clause(")", -SqlText.Step);
    }

    void Leaf(Query query)
    {
        var inParens = query is not SetOperationQuery && HasClauses(query);
        if (inParens) Text.Add("(");
        Nested(query);
        if (inParens) Text.Add(")");
    }

    void Tail(Query query)
    {
        if (query.OrderBy.Length > 0)
        {
            Clause(" ORDER BY ", 1);
            Text.AddList(query.OrderBy, writers.Calls.Write);
        }
        if (query.Offset is not null)
        {
            Clause(" OFFSET ");
            writers.Expressions.Write(query.Offset);
        }
        if (query.Limit is not null) Limit(query.Limit, query.WithTies);
        foreach (var locking in query.Locking)
            Write(locking);
    }

    void Limit(Expression count, bool withTies)
    {
        if (withTies)
        {
            // After FETCH stands an operand; anything else needs parentheses, and a constant is one.
            Clause(" FETCH FIRST ");
            if (count is IntegerConstant { Value: >= 0 }) writers.Expressions.Write(count);
            else writers.Expressions.InParens(count);
            Text.Add(" ROWS WITH TIES");
            return;
        }
        Clause(" LIMIT ");
        if (count is NullConstant) Text.Add("ALL");
        else writers.Expressions.Write(count);
    }

    void Write(LockingClause locking)
    {
        Clause(locking.Strength switch
        {
            LockStrength.KeyShare => " FOR KEY SHARE",
            LockStrength.Share => " FOR SHARE",
            LockStrength.NoKeyUpdate => " FOR NO KEY UPDATE",
            _ => " FOR UPDATE",
        });
        if (locking.Tables.Length > 0) Text.Add(" OF ").AddList(locking.Tables, table => Text.Add(SqlWriter.Write(table)));
        Text.Add(locking.Wait switch { LockWait.NoWait => " NOWAIT", LockWait.SkipLocked => " SKIP LOCKED", _ => "" });
    }

    public void Write(WithClause with)
    {
        if (Text.IsIndented)
        {
            Text.Indent += SqlText.Step;
            Text.Add(" ");
        }
        Text.Add(with.IsRecursive ? "WITH RECURSIVE " : "WITH ").AddList(with.Tables, Write);
        if (!Text.IsIndented) Text.Add(" ");
        Text.Indent -= Text.IsIndented ? SqlText.Step : 0;
        Text.Clause("");
    }

    void Write(CommonTableExpression table)
    {
        Text.Add(Identifiers.Quote(table.Name));
        if (table.Columns.Length > 0) Text.Add("(").AddNames(table.Columns).Add(")");
        Text.Add(" AS ").Add(table.Materialized switch { true => "MATERIALIZED ", false => "NOT MATERIALIZED ", null => "" }).Add("(");
        Text.Clause("");
        var indent = Text.Indent;
        writers.Statements.Write(table.Body);
        Text.Indent = indent;
        Text.Clause("").Add(")");
        if (table.Search is { } search)
        {
            Text.Add(search.IsBreadthFirst ? " SEARCH BREADTH FIRST BY " : " SEARCH DEPTH FIRST BY ").AddNames(search.Columns);
            Text.Add(" SET ").Add(Identifiers.Quote(search.SequenceColumn));
        }
        if (table.Cycle is not { } cycle) return;
        Text.Add(" CYCLE ").AddNames(cycle.Columns).Add(" SET ").Add(Identifiers.Quote(cycle.MarkColumn));
        if (cycle.MarkValue is not null)
        {
            Text.Add(" TO ");
            writers.Expressions.Write(cycle.MarkValue);
            Text.Add(" DEFAULT ");
            writers.Expressions.Write(cycle.MarkDefault!);
        }
        Text.Add(" USING ").Add(Identifiers.Quote(cycle.PathColumn));
    }
}
