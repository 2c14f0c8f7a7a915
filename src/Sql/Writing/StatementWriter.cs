using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>INSERT, UPDATE, DELETE, MERGE.</summary>
sealed class StatementWriter(WriterSet writers)
{
    SqlText Text => writers.Text;

    public void Write(Statement statement)
    {
        switch (statement)
        {
            case QueryStatement query:
                writers.Queries.Write(query.Query);
                break;
            case InsertStatement insert:
                Insert(insert);
                break;
            case UpdateStatement update:
                Update(update);
                break;
            case DeleteStatement delete:
                Delete(delete);
                break;
            case MergeStatement merge:
                Merge(merge);
                break;
            default:
                throw new ArgumentException($"{statement.GetType().Name} has no text", nameof(statement));
        }
    }

    void Begin(WithClause? with, string words)
    {
        if (with is not null) writers.Queries.Write(with);
        if (Text.IsIndented)
        {
            Text.Indent += SqlText.Step;
            Text.Add(" ");
        }
        Text.Add(words);
    }

    void Clause(string word) => Text.Clause(word, -SqlText.Step, SqlText.Step, 1);

    void Insert(InsertStatement insert)
    {
        Begin(insert.With, "INSERT INTO ");
        Text.Add(SqlWriter.Write(insert.Table.Name));
        if (insert.Table.Alias is { } alias) Text.Add(" AS ").Add(Identifiers.Quote(alias.Name));
        if (insert.Columns.Length > 0) Text.Add(" (").AddList(insert.Columns, Write).Add(")");
        Text.Add(Words(insert.Overriding));
        if (insert.Source is null) Text.Add(" DEFAULT VALUES");
        else
        {
            Text.Add(" ");
            writers.Queries.Nested(insert.Source);
        }
        if (insert.OnConflict is { } conflict) Write(conflict);
        Returning(insert.Returning);
    }

    static string Words(Overriding overriding) => overriding switch
    {
        Overriding.UserValue => " OVERRIDING USER VALUE",
        Overriding.SystemValue => " OVERRIDING SYSTEM VALUE",
        _ => "",
    };

    void Write(OnConflictClause conflict)
    {
        Clause(" ON CONFLICT");
        if (conflict.Target is { Constraint: { } constraint }) Text.Add(" ON CONSTRAINT ").Add(Identifiers.Quote(constraint));
        else if (conflict.Target is { } target)
        {
            Text.Add(" (").AddList(target.Elements, WriteElement).Add(")");
            Where(target.Where);
        }
        if (!conflict.IsUpdate)
        {
            Text.Add(" DO NOTHING");
            return;
        }
        Text.Add(" DO UPDATE SET ");
        Write(conflict.Assignments);
        Where(conflict.Where);
    }

    void Where(Expression? condition)
    {
        if (condition is null) return;
        Clause(" WHERE ");
        writers.Expressions.Write(condition);
    }

    void Returning(ImmutableArray<SelectTarget> targets)
    {
        if (targets.Length == 0) return;
        Clause(" RETURNING ");
        Text.AddList(targets, writers.Queries.Write);
    }

    void Update(UpdateStatement update)
    {
        Begin(update.With, "UPDATE ");
        writers.From.Table(update.Table);
        Text.Add(" SET ");
        Write(update.Assignments);
        Sources(" FROM ", update.From);
        Where(update.Where);
        Returning(update.Returning);
    }

    void Sources(string word, ImmutableArray<FromItem> items)
    {
        if (items.Length == 0) return;
        Clause(word);
        Text.AddList(items, writers.From.Write);
    }

    void Delete(DeleteStatement delete)
    {
        Begin(delete.With, "DELETE FROM ");
        writers.From.Table(delete.Table);
        Sources(" USING ", delete.Using);
        Where(delete.Where);
        Returning(delete.Returning);
    }

    void Write(ImmutableArray<Assignment> assignments) => Text.AddList(assignments, Write);

    void Write(Assignment assignment)
    {
        if (assignment is ColumnAssignment one)
        {
            Write(one.Target);
            Text.Add(" = ");
            writers.Expressions.Write(one.Value);
        }
        else if (assignment is MultiAssignment many)
        {
            Text.Add("(").AddList(many.Targets, Write).Add(") = ");
            writers.Expressions.Write(many.Source);
        }
    }

    void Write(AssignmentTarget target)
    {
        Text.Add(Identifiers.Quote(target.Column));
        foreach (var step in target.Path)
        {
            if (step is FieldIndirection field) Text.Add(".").Add(Identifiers.Quote(field.Field));
            else if (step is Subscript subscript) writers.Expressions.Write(subscript);
        }
    }

    void Merge(MergeStatement merge)
    {
        Begin(merge.With, "MERGE INTO ");
        writers.From.Table(merge.Target);
        Clause(" USING ");
        writers.From.Write(merge.Source);
        Text.Add(" ON ");
        writers.Expressions.Write(merge.Condition);
        foreach (var clause in merge.Clauses)
        {
            Clause(clause.IsMatched ? " WHEN MATCHED" : " WHEN NOT MATCHED");
            if (clause.Condition is not null)
            {
                Text.Add(" AND ");
                writers.Expressions.Write(clause.Condition);
            }
            Text.Add(" THEN ");
            Write(clause.Action);
        }
    }

    void Write(MergeAction action)
    {
        switch (action)
        {
            case MergeUpdate update:
                Text.Add("UPDATE SET ");
                Write(update.Assignments);
                break;
            case MergeInsert insert:
                Text.Add("INSERT");
                if (insert.Columns.Length > 0) Text.Add(" (").AddList(insert.Columns, Write).Add(")");
                Text.Add(Words(insert.Overriding));
                if (insert.Values.Length == 0)
                {
                    Text.Add(" DEFAULT VALUES");
                    break;
                }
                Text.Add(" VALUES (");
                writers.Expressions.List(insert.Values);
                Text.Add(")");
                break;
            default:
                Text.Add(action is MergeDelete ? "DELETE" : "DO NOTHING");
                break;
        }
    }

    /// <summary>A key of an index, with collation, operator class and order.</summary>
    public void WriteElement(IndexElement element)
    {
        if (element.Column is { } column) Text.Add(Identifiers.Quote(column));
        else if (element.Expression is FunctionCall { IsSqlSyntax: false } call) writers.Expressions.Write(call);
        else WriteKey(element.Expression!);
        if (element.Collation is not null) Text.Add(" COLLATE ").Add(SqlWriter.Write(element.Collation));
        if (element.OperatorClass is not null) Text.Add(" ").Add(SqlWriter.Write(element.OperatorClass));
        if (element.OperatorClassOptions.Length > 0) Text.Add(" (").AddList(element.OperatorClassOptions, Write).Add(")");
        if (element.Descending == true) Text.Add(" DESC");
        if (element.NullsFirst is { } first && first != (element.Descending == true)) Text.Add(first ? " NULLS FIRST" : " NULLS LAST");
    }

    // What brings its own parentheses needs no others.
    void WriteKey(Expression expression)
    {
        var text = SqlWriter.Write(expression);
        Text.Add(expression is BinaryOperator or UnaryOperator or AndExpression or OrExpression or NotExpression or CollateExpression
            ? text
            : $"({text})");
    }

    /// <summary><c>name=value</c> of an option list.</summary>
    public void Write(Option option)
    {
        Text.Add(Identifiers.Quote(option.Namespace, option.Name));
        if (option.Value is not { } value) return;
        Text.Add("=").Add(value.Kind == OptionValueKind.Number ? value.Text : Identifiers.QuoteLiteral(value.Text));
    }
}
