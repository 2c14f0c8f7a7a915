using PgVectorCompat.Engine.Binding;

namespace PgVectorCompat.Engine.Statements;

/// <summary>The statements that are bound and planned: queries, INSERT, UPDATE, DELETE. All others are utility statements.</summary>
public static class Plannable
{
    public static bool Is(Sql.Statement statement)
        => statement is Sql.QueryStatement { Query: not Sql.SelectQuery { Into: not null } } or Sql.InsertStatement or Sql.UpdateStatement or Sql.DeleteStatement;

    public static BoundQuery Bind(Sql.Statement statement, BindingContext context)
        => statement is Sql.QueryStatement query
            ? new QueryBinder(context).Bind(query.Query, null)
            : new ModificationBinder(context).Bind(statement, null);

    /// <summary>Whether clients get rows: every query, and data statements with RETURNING.</summary>
    public static bool ReturnsRows(BoundQuery query) => query is not BoundModification || !query.Targets.IsEmpty;

    /// <summary>The statement's name in messages.</summary>
    public static string Name(Sql.Statement statement) => statement switch
    {
        Sql.InsertStatement => "INSERT",
        Sql.UpdateStatement => "UPDATE",
        Sql.DeleteStatement => "DELETE",
        _ => "SELECT",
    };

    /// <summary>The command tag, with the rows that were given, or changed when none are given.</summary>
    public static string Tag(Sql.Statement statement, long rows) => statement switch
    {
        Sql.InsertStatement => $"INSERT 0 {rows}",
        Sql.UpdateStatement => $"UPDATE {rows}",
        Sql.DeleteStatement => $"DELETE {rows}",
        _ => $"SELECT {rows}",
    };
}
