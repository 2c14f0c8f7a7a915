using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>Calls, windows, and SQL's own syntaxes for functions.</summary>
sealed class CallWriter(WriterSet writers)
{
    SqlText Text => writers.Text;

    public void Write(FunctionCall call)
    {
        if (call.IsSqlSyntax && SqlSyntax(call)) return;

        Text.Add(call.IsSqlSyntax ? Identifiers.Quote(call.Function.Name) : SqlWriter.Write(call.Function)).Add("(");
        if (call.IsStar) Text.Add("*");
        if (call.IsDistinct) Text.Add("DISTINCT ");
        for (var i = 0; i < call.Arguments.Length; i++)
        {
            if (i > 0) Text.Add(", ");
            if (call.IsVariadic && i == call.Arguments.Length - 1) Text.Add("VARIADIC ");
            Write(call.Arguments[i]);
        }
        if (call.OrderBy.Length > 0)
        {
            Text.Add(call.IsWithinGroup ? ") WITHIN GROUP (ORDER BY " : " ORDER BY ");
            Text.AddList(call.OrderBy, Write);
        }
        Text.Add(")");

        if (call.Filter is not null)
        {
            Text.Add(" FILTER (WHERE ");
            writers.Expressions.Write(call.Filter);
            Text.Add(")");
        }
        if (call.Over is not null)
        {
            Text.Add(" OVER ");
            if (call.Over.Name is { } name) Text.Add(Identifiers.Quote(name));
            else Write(call.Over);
        }
    }

    void Write(FunctionArgument argument)
    {
        if (argument.Name is not null) Text.Add(Identifiers.Quote(argument.Name)).Add(" => ");
        writers.Expressions.Write(argument.Value);
    }

    public void Write(SortItem item)
    {
        writers.Expressions.Write(item.Value);
        if (item.Using is not null) Text.Add(" USING ").Add(item.Using.Schema is null ? item.Using.Name : ExpressionWriter.Name(item.Using));
        if (item.Descending) Text.Add(" DESC");
        if (item.NullsFirst is { } first && (item.Using is not null || first != item.Descending)) Text.Add(first ? " NULLS FIRST" : " NULLS LAST");
    }

    /// <summary>A window's parentheses.</summary>
    public void Write(WindowSpecification window)
    {
        Text.Add("(");
        var separator = "";
        if (window.Base is { } name)
        {
            Text.Add(Identifiers.Quote(name));
            separator = " ";
        }
        if (window.PartitionBy.Length > 0)
        {
            Text.Add(separator).Add("PARTITION BY ");
            writers.Expressions.List(window.PartitionBy);
            separator = " ";
        }
        if (window.OrderBy.Length > 0)
        {
            Text.Add(separator).Add("ORDER BY ").AddList(window.OrderBy, Write);
            separator = " ";
        }
        if (window.Frame is not null)
        {
            Text.Add(separator);
            Write(window.Frame);
        }
        Text.Add(")");
    }

    void Write(WindowFrame frame)
    {
        Text.Add(frame.Unit switch { FrameUnit.Range => "RANGE ", FrameUnit.Rows => "ROWS ", _ => "GROUPS " });
        if (frame.End is not null) Text.Add("BETWEEN ");
        Write(frame.Start);
        if (frame.End is not null)
        {
            Text.Add(" AND ");
            Write(frame.End);
        }
        Text.Add(frame.Exclusion switch
        {
            FrameExclusion.CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion.Group => " EXCLUDE GROUP",
            FrameExclusion.Ties => " EXCLUDE TIES",
            _ => "",
        });
    }

    void Write(FrameBound bound)
    {
        if (bound.Offset is not null) writers.Expressions.Write(bound.Offset);
        Text.Add(bound.Kind switch
        {
            FrameBoundKind.UnboundedPreceding => "UNBOUNDED PRECEDING",
            FrameBoundKind.Preceding => " PRECEDING",
            FrameBoundKind.CurrentRow => "CURRENT ROW",
            FrameBoundKind.Following => " FOLLOWING",
            _ => "UNBOUNDED FOLLOWING",
        });
    }

    /// <summary>Writes the call in SQL's own syntax; false, and nothing written, if it has none.</summary>
    bool SqlSyntax(FunctionCall call)
    {
        ImmutableArray<Expression> a = [.. call.Arguments.Select(argument => argument.Value)];
        switch (call.Function.Name, a.Length)
        {
            case ("extract", 2):
                Text.Add("EXTRACT(");
                if (a[0] is StringConstant { Value: var field } && IsBareField(field))
                    Text.Add(field);
                else
                    writers.Expressions.Write(a[0]);
                return Rest((" FROM ", a[1]));
            case ("timezone", 2):
                Text.Add("(");
                writers.Expressions.Write(a[1]);
                return Rest((" AT TIME ZONE ", a[0]));
            case ("position", 2):
                Text.Add("POSITION(");
                writers.Expressions.InParens(a[1]);
                Text.Add(" IN ");
                writers.Expressions.InParens(a[0]);
                Text.Add(")");
                return true;
            case ("substring", 2):
                Text.Add("SUBSTRING(");
                writers.Expressions.Write(a[0]);
                return Rest((" FROM ", a[1]));
            case ("substring", 3):
                Text.Add("SUBSTRING(");
                writers.Expressions.Write(a[0]);
                return Rest((" FROM ", a[1]), (" FOR ", a[2]));
            case ("overlay", 3):
                Text.Add("OVERLAY(");
                writers.Expressions.Write(a[0]);
                return Rest((" PLACING ", a[1]), (" FROM ", a[2]));
            case ("overlay", 4):
                Text.Add("OVERLAY(");
                writers.Expressions.Write(a[0]);
                return Rest((" PLACING ", a[1]), (" FROM ", a[2]), (" FOR ", a[3]));
            case ("btrim" or "ltrim" or "rtrim", 1 or 2):
                Text.Add(call.Function.Name switch { "btrim" => "TRIM(BOTH", "ltrim" => "TRIM(LEADING", _ => "TRIM(TRAILING" });
                if (a.Length == 2)
                {
                    Text.Add(" ");
                    writers.Expressions.Write(a[1]);
                }
                return Rest((" FROM ", a[0]));
            case ("overlaps", 4):
                Text.Add("((");
                writers.Expressions.List([a[0], a[1]]);
                Text.Add(") OVERLAPS (");
                writers.Expressions.List([a[2], a[3]]);
                Text.Add("))");
                return true;
            case ("normalize", 1 or 2):
                Text.Add("NORMALIZE(");
                writers.Expressions.Write(a[0]);
                Text.Add(a.Length == 2 ? $", {Form(a[1])})" : ")");
                return true;
            case ("is_normalized", 1 or 2):
                Text.Add("(");
                writers.Expressions.InParens(a[0]);
                Text.Add(a.Length == 2 ? $" IS {Form(a[1])} NORMALIZED)" : " IS NORMALIZED)");
                return true;
            case ("pg_collation_for", 1):
                Text.Add("COLLATION FOR ");
                writers.Expressions.InParens(a[0]);
                return true;
            default:
                return false;
        }
    }

    static bool IsBareField(string field) => Keywords.Find(field) switch
    {
        Keyword.NoKeyword => Identifiers.Quote(field) == field,
        Keyword.Year or Keyword.Month or Keyword.Day or Keyword.Hour or Keyword.Minute or Keyword.Second => true,
        _ => false,
    };

    bool Rest(params ReadOnlySpan<(string Word, Expression Value)> parts)
    {
        foreach (var (word, value) in parts)
        {
            Text.Add(word);
            writers.Expressions.Write(value);
        }
        Text.Add(")");
        return true;
    }

    static string Form(Expression form) => ((StringConstant)form).Value;

    public static void Write(ValueFunction function, SqlText text)
    {
        text.Add(function.Kind switch
        {
            ValueFunctionKind.CurrentDate => "CURRENT_DATE",
            ValueFunctionKind.CurrentTime => "CURRENT_TIME",
            ValueFunctionKind.CurrentTimestamp => "CURRENT_TIMESTAMP",
            ValueFunctionKind.LocalTime => "LOCALTIME",
            ValueFunctionKind.LocalTimestamp => "LOCALTIMESTAMP",
            ValueFunctionKind.CurrentRole => "CURRENT_ROLE",
            ValueFunctionKind.CurrentUser => "CURRENT_USER",
            ValueFunctionKind.User => "USER",
            ValueFunctionKind.SessionUser => "SESSION_USER",
            ValueFunctionKind.CurrentCatalog => "CURRENT_CATALOG",
            _ => "CURRENT_SCHEMA",
        });
        if (function.Precision is { } precision) text.Add($"({precision})");
    }
}
