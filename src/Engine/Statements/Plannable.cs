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

    public static string Tag(Sql.Statement statement, long rows, long affected) => statement switch
    {
        Sql.InsertStatement => $"INSERT 0 {affected}",
        Sql.UpdateStatement => $"UPDATE {affected}",
        Sql.DeleteStatement => $"DELETE {affected}",
        _ => $"SELECT {rows}",
    };
}
