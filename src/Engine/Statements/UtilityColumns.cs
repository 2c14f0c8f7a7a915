using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>What Describe says of utility statements.</summary>
internal static class UtilityColumns
{
    /// <summary>Columns of the statement's result; null when it returns no rows.</summary>
    public static IReadOnlyList<ResultColumn>? Of(Sql.Statement statement, Session session) => statement switch
    {
        Sql.ShowStatement { Name: null } => [new("name", PgTypes.Text), new("setting", PgTypes.Text), new("description", PgTypes.Text)],
        Sql.ShowStatement { Name: { } name } => [new(SettingStatements.ColumnName(name), PgTypes.Text)],
        Sql.ExplainStatement e => [new("QUERY PLAN", ExplainStatements.IsJson(e) ? PgTypes.Json : PgTypes.Text)],
        Sql.ExecuteStatement e => session.Statements.Get(e.Name).Columns,
        Sql.FetchStatement { IsMove: false } e => session.Portals.Find(e.Cursor)?.Statement.Columns,
        _ => null,
    };

    /// <summary>Types of the statement's parameters: those of the query inside EXPLAIN, DECLARE and kin.</summary>
    public static PgType[] Parameters(PreparedStatement prepared, Session session)
    {
        var inner = prepared.Statement switch
        {
            Sql.ExplainStatement e => e.Body,
            Sql.DeclareCursorStatement e => new Sql.QueryStatement(e.Query, e.Position),
            Sql.CreateTableAsStatement { Source: Sql.QueryStatement query } => query,
            _ => null,
        };
        if (inner is null || !Plannable.Is(inner))
            return [];
        var context = session.NewBindingContext(prepared.Declared);
        Plannable.Bind(inner, context);
        return context.ResolvedParameters();
    }
}
