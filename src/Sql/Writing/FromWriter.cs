using System.Collections.Immutable;
using System.Diagnostics;

namespace PgVectorCompat.Sql;

/// <summary>Items of FROM; joins stand in parentheses.</summary>
sealed class FromWriter(WriterSet writers)
{
    const int JoinStep = 4;

    SqlText Text => writers.Text;

    public void Write(FromItem item)
    {
        StackGuard.Check();
        switch (item)
        {
            case TableReference table:
                Table(table);
                break;
            case SubqueryReference subquery:
                writers.Expressions.Subquery(subquery.IsLateral ? "LATERAL " : "", subquery.Subquery);
                Write(subquery.Alias);
                break;
            case FunctionReference function:
                Function(function);
                break;
            case JoinReference join:
                Join(join);
                break;
            default:
                throw new UnreachableException($"no text for {item.GetType().Name}");
        }
    }

    /// <summary>A table with ONLY, alias and sample.</summary>
    public void Table(TableReference table)
    {
        if (!table.IncludesChildren) Text.Add("ONLY ");
        Text.Add(SqlWriter.Write(table.Name));
        Write(table.Alias);
        if (table.Sample is not { } sample) return;

        Text.Add(" TABLESAMPLE ").Add(SqlWriter.Write(sample.Method)).Add(" (");
        writers.Expressions.List(sample.Arguments);
        Text.Add(")");
        if (sample.Repeatable is null) return;
        Text.Add(" REPEATABLE ");
        writers.Expressions.InParens(sample.Repeatable);
    }

    void Write(Alias? alias)
    {
        if (alias is null) return;
        Text.Add(" ").Add(Identifiers.Quote(alias.Name));
        if (alias.Columns.Length > 0) Text.Add("(").AddNames(alias.Columns).Add(")");
    }

    void Function(FunctionReference function)
    {
        if (function.IsLateral) Text.Add("LATERAL ");
        if (function.IsRowsFrom)
        {
            Text.Add("ROWS FROM(").AddList(function.Functions, one =>
            {
                writers.Expressions.Write(one.Function);
                if (one.Columns.Length == 0) return;
                Text.Add(" AS ");
                Columns(one.Columns);
            }).Add(")");
        }
        else
            writers.Expressions.Write(function.Functions[0].Function);
        if (function.WithOrdinality) Text.Add(" WITH ORDINALITY");
        if (function.Columns.Length == 0)
        {
            Write(function.Alias);
            return;
        }
        Text.Add(" AS ");
        if (function.Alias is { } alias) Text.Add(Identifiers.Quote(alias.Name));
        Columns(function.Columns);
    }

    void Columns(ImmutableArray<ColumnDefinition> columns)
        => Text.Add("(").AddList(columns, column =>
        {
            Text.Add(Identifiers.Quote(column.Name)).Add(" ").Add(TypeWriter.Write(column.Type!));
            if (column.Collation is not null) Text.Add(" COLLATE ").Add(SqlWriter.Write(column.Collation));
        }).Add(")");

    void Join(JoinReference join)
    {
        Text.Add("(");
        Write(join.Left);
        var isCross = join is { Kind: JoinKind.Inner, IsNatural: false, Condition: null, Using.Length: 0 };
        Text.Clause(
            (join.IsNatural ? " NATURAL" : isCross ? " CROSS" : "")
            + join.Kind switch { JoinKind.Left => " LEFT", JoinKind.Right => " RIGHT", JoinKind.Full => " FULL", _ => "" }
            + " JOIN ",
            -SqlText.Step, SqlText.Step, JoinStep);
        Write(join.Right);
        if (join.Using.Length > 0)
        {
            Text.Add(" USING (").AddNames(join.Using).Add(")");
            if (join.UsingAlias is not null) Text.Add(" AS ").Add(Identifiers.Quote(join.UsingAlias.Name));
        }
        else if (join.Condition is not null)
        {
            Text.Add(" ON ");
            writers.Expressions.InParens(join.Condition);
        }
        Text.Add(")");
        Write(join.Alias);
    }
}
