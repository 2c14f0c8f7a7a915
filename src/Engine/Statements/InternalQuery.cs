using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Queries that definition statements make themselves, as SQL text: the shortest way to say what is to be checked or copied.</summary>
static class InternalQuery
{
    public static IEnumerable<Datum[]> Run(StatementContext context, string sql) => Run(context, SqlParser.ParseQuery(sql));

    public static IEnumerable<Datum[]> Run(StatementContext context, Query query)
    {
        var bound = new QueryBinder(context.NewBindingContext()).Bind(query, null);
        return context.Query(bound);
    }

    public static bool HasRows(StatementContext context, string sql) => Run(context, sql).Any();

    /// <summary>The table's name with its schema.</summary>
    public static string Name(StatementContext context, SchemaObject item) => Identifier.Quote(context.Names.SchemaName(item.Schema), item.Name);
}
