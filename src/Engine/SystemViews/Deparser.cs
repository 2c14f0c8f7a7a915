using System.Text;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Statements;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>Definitions as SQL, as pg_get_indexdef, pg_get_constraintdef and pg_get_viewdef print them.</summary>
public static partial class Deparser
{
    /// <summary><c>CREATE INDEX …</c>; pretty leaves out schemas that the path finds, and outer parentheses.</summary>
    public static string Index(IndexDefinition index, NameResolver names, bool pretty)
    {
        var table = names.Snapshot.Get<Relation>(index.Table);
        var tableName = pretty ? names.DisplayName(table) : Identifier.Quote(names.SchemaName(table.Schema), table.Name);
        var text = new StringBuilder("CREATE ").Append(index.IsUnique ? "UNIQUE " : "").Append("INDEX ").Append(Identifier.Quote(index.Name))
            .Append(" ON ").Append(tableName).Append(" USING ").Append(index.Method).Append(" (")
            .AppendJoin(", ", index.Keys.Select(key => IndexKey(key, index.Method, table, names, withOrder: true, pretty))).Append(')');
        if (!index.Included.IsEmpty)
            text.Append(" INCLUDE (").AppendJoin(", ", index.Included.Select(number => ColumnName(table, number))).Append(')');
        if (index.NullsNotDistinct)
            text.Append(" NULLS NOT DISTINCT");
        if (!index.Options.IsEmpty)
            text.Append(" WITH (").AppendJoin(", ", index.Options.Select(option => $"{option.Key}='{option.Value}'")).Append(')');
        if (index.Predicate is { } predicate)
            text.Append(" WHERE ").Append(Expression(predicate, names, pretty));
        return text.ToString();
    }

    /// <summary>One column of an index, from 1; included ones follow the keys. Empty when there is none.</summary>
    public static string IndexColumn(IndexDefinition index, int number, NameResolver names)
    {
        var table = names.Snapshot.Get<Relation>(index.Table);
        return number <= index.Keys.Length ? IndexKey(index.Keys[number - 1], index.Method, table, names, withOrder: false, pretty: true)
            : number <= index.Keys.Length + index.Included.Length ? ColumnName(table, index.Included[number - index.Keys.Length - 1])
            : "";
    }

    static string IndexKey(IndexKey key, string method, Relation table, NameResolver names, bool withOrder, bool pretty)
    {
        var text = key.Column != 0 ? ColumnName(table, key.Column) : Key(key.Expression!, names, pretty);
        if (!withOrder)
            return text;
        if (key.Collation is { } collation)
            text += $" COLLATE {Identifier.Quote(collation)}";
        if (key.OperatorClass is { } operatorClass)
            text += " " + ClassName(method, operatorClass, names);
        return text + (key.Descending, key.NullsFirst) switch
        {
            (true, true) => " DESC",
            (true, false) => " DESC NULLS LAST",
            (false, true) => " NULLS FIRST",
            _ => "",
        };
    }

    // With its schema when the bare name would not find it.
    static string ClassName(string method, string name, NameResolver names)
        => OperatorClasses.Find(method, name) is { } found && AccessMethods.IsInstalled(found, names.Snapshot) && AccessMethods.SchemaOf(found, names) is var schema && !names.Path.Contains(schema)
            ? Identifier.Quote(names.SchemaName(schema), name)
            : Identifier.Quote(name);

    // Only what looks like a function call needs no parentheses around it.
    static string Key(string stored, NameResolver names, bool pretty)
    {
        var text = StoredSql.Show(stored, names);
        if (pretty)
            text = PlainCast().Replace(text, "$1::");
        return Sql.SqlParser.ParseExpression(stored) is Sql.FunctionCall or Sql.CoalesceExpression or Sql.MinMaxExpression or Sql.NullIfExpression or Sql.ValueFunction ? text : $"({text})";
    }

    /// <summary>What stands after CONSTRAINT name.</summary>
    public static string Constraint(Relation table, Constraint constraint, NameResolver names, bool pretty)
    {
        var text = new StringBuilder();
        string Columns(Relation of, IEnumerable<short> numbers) => string.Join(", ", numbers.Select(number => ColumnName(of, number)));
        switch (constraint.Kind)
        {
            case ConstraintKind.Check:
                text.Append("CHECK (").Append(Expression(constraint.Expression!, names, pretty)).Append(')');
                if (constraint.NoInherit)
                    text.Append(" NO INHERIT");
                break;
            case ConstraintKind.ForeignKey:
                var referenced = names.Snapshot.Get<Relation>(constraint.ReferencedTable);
                text.Append($"FOREIGN KEY ({Columns(table, constraint.Columns)}) REFERENCES {names.DisplayName(referenced)}({Columns(referenced, constraint.ReferencedColumns)})");
                if (constraint.MatchFull)
                    text.Append(" MATCH FULL");
                text.Append(Action(" ON UPDATE ", constraint.OnUpdate)).Append(Action(" ON DELETE ", constraint.OnDelete));
                if (!constraint.SetColumns.IsEmpty)
                    text.Append($" ({Columns(table, constraint.SetColumns)})");
                break;
            default:
                var index = names.Snapshot.Get<IndexDefinition>(constraint.IndexOid);
                text.Append(constraint.Kind == ConstraintKind.PrimaryKey ? "PRIMARY KEY " : "UNIQUE ").Append(index.NullsNotDistinct ? "NULLS NOT DISTINCT " : "")
                    .Append('(').Append(Columns(table, constraint.Columns)).Append(')');
                if (!index.Included.IsEmpty)
                    text.Append($" INCLUDE ({Columns(table, index.Included)})");
                if (!index.Options.IsEmpty)
                    text.Append(" WITH (").AppendJoin(", ", index.Options.Select(option => $"{option.Key}='{option.Value}'")).Append(')');
                break;
        }
        if (constraint.IsDeferrable)
            text.Append(" DEFERRABLE");
        if (constraint.InitiallyDeferred)
            text.Append(" INITIALLY DEFERRED");
        if (!constraint.IsValidated)
            text.Append(" NOT VALID");
        return text.ToString();
    }

    /// <summary>A domain's constraint, as <see cref="Constraint(Relation, Catalog.Constraint, NameResolver, bool)"/>.</summary>
    public static string DomainCheck(Constraint check, NameResolver names, bool pretty)
    {
        // VALUE is a keyword there; it is a column reference to the parser. Only what stands outside of quotes is one.
        var parts = Expression(check.Expression!, names, pretty).Split('\'');
        for (var i = 0; i < parts.Length; i += 2)
            parts[i] = System.Text.RegularExpressions.Regex.Replace(parts[i], "\\bvalue\\b", "VALUE");
        return $"CHECK ({string.Join('\'', parts)})" + (check.IsValidated ? "" : " NOT VALID");
    }

    /// <summary>A stored expression; pretty takes off the parentheses around all of it.</summary>
    public static string Expression(string stored, NameResolver names, bool pretty)
    {
        var text = StoredSql.Show(stored, names);
        if (!pretty) return text;
        // Pretty text leaves out the parentheses of a plain operand of a cast: name::text.
        text = PlainCast().Replace(text, "$1::");
        return IsParenthesized(text) ? text[1..^1] : text;
    }

    [System.Text.RegularExpressions.GeneratedRegex("""\((\w+|"[^"]+"|\d+(?:\.\d+)?)\)::""")]
    private static partial System.Text.RegularExpressions.Regex PlainCast();

    /// <summary>A view's query with a closing semicolon; pretty takes off the parentheses around whole conditions.</summary>
    public static string View(Relation view, NameResolver names, bool pretty = false)
    {
        var text = " " + StoredSql.ShowQuery(view.ViewDefinition!, names).TrimStart() + ";";
        return pretty ? string.Join('\n', text[..^1].Split('\n').Select(Plain)) + ";" : text;
    }

    static string Plain(string line)
    {
        foreach (var clause in new[] { "  WHERE ", " HAVING " })
            if (line.StartsWith(clause, StringComparison.Ordinal) && IsParenthesized(line[clause.Length..]))
                return clause + line[(clause.Length + 1)..^1];
        return line;
    }

    static bool IsParenthesized(string text)
    {
        if (text.Length < 2 || text[0] != '(' || text[^1] != ')')
            return false;
        var depth = 0;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            if (quote != '\0')
                quote = text[i] == quote ? '\0' : quote;
            else if (text[i] is '\'' or '"')
                quote = text[i];
            else if (text[i] == '(')
                depth++;
            else if (text[i] == ')' && --depth == 0 && i < text.Length - 1)
                return false;
        }
        return true;
    }

    static string ColumnName(Relation table, short number) => Identifier.Quote(table.Column(number).Name);

    static string Action(string when, ForeignKeyAction action) => action switch
    {
        ForeignKeyAction.Restrict => when + "RESTRICT",
        ForeignKeyAction.Cascade => when + "CASCADE",
        ForeignKeyAction.SetNull => when + "SET NULL",
        ForeignKeyAction.SetDefault => when + "SET DEFAULT",
        _ => "",
    };
}
