namespace PgVectorCompat.Sql;

/// <summary>
/// Turns syntax trees back into SQL, in the form of PostgreSQL's <c>pg_get_expr</c> and <c>pg_get_viewdef</c>: every operator in
/// parentheses, one clause a line. What it writes parses to a tree that it writes the same way.
/// </summary>
public static class SqlWriter
{
    /// <summary>The expression on one line.</summary>
    public static string Write(Expression expression) => On(isIndented: false, writer => writer.Expressions.Write(expression));

    /// <summary>The query as a view's definition, without a semicolon.</summary>
    public static string Write(Query query) => On(isIndented: true, writer => writer.Queries.Write(query));

    /// <summary>A query, INSERT, UPDATE, DELETE or MERGE.</summary>
    /// <exception cref="ArgumentException">Any other statement.</exception>
    public static string Write(Statement statement) => On(isIndented: true, writer => writer.Statements.Write(statement));

    /// <summary>The name, each part quoted when it must be.</summary>
    public static string Write(QualifiedName name)
        => (name.Catalog is null ? "" : Identifiers.Quote(name.Catalog) + ".") + Identifiers.Quote(name.Schema, name.Name);

    /// <summary>The type as <c>format_type</c> spells it.</summary>
    public static string Write(TypeName type) => TypeWriter.Write(type);

    /// <summary>A constraint as <c>pg_get_constraintdef</c> shows it; one of a column as one of a table when it names columns.</summary>
    public static string Write(Constraint constraint) => On(isIndented: false, writer => ConstraintWriter.Write(constraint, writer));

    /// <summary>A key of an index as <c>pg_get_indexdef</c> shows it, with collation, operator class and order.</summary>
    public static string Write(IndexElement element) => On(isIndented: false, writer => writer.Statements.WriteElement(element));

    static string On(bool isIndented, Action<WriterSet> write)
    {
        var writers = new WriterSet(new SqlText(isIndented));
        write(writers);
        return writers.Text.ToString();
    }
}

/// <summary>The writers that work on one text.</summary>
sealed class WriterSet
{
    public WriterSet(SqlText text)
    {
        Text = text;
        Expressions = new ExpressionWriter(this);
        Calls = new CallWriter(this);
        Queries = new QueryWriter(this);
        From = new FromWriter(this);
        Statements = new StatementWriter(this);
    }

    public SqlText Text { get; }
    public ExpressionWriter Expressions { get; }
    public CallWriter Calls { get; }
    public QueryWriter Queries { get; }
    public FromWriter From { get; }
    public StatementWriter Statements { get; }
}
