using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>CREATE SCHEMA.</summary>
static class CreateSchema
{
    public static string Execute(CreateSchemaStatement statement, StatementContext context)
    {
        var owner = statement.Authorization is { } role ? Roles.Find(context, role) : context.Snapshot.Shared.FindRole(context.Role)!;
        var name = statement.Name ?? owner.Name;
        Privileges.Require(context.Snapshot, context.Role, context.Snapshot.Database, Rights.Create);
        if (owner.Oid != context.Role && !context.Snapshot.Shared.IsMember(context.Role, owner.Oid))
            throw new PgError(SqlState.InsufficientPrivilege, $"must be member of role \"{owner.Name}\"");
        if (name.StartsWith("pg_", StringComparison.Ordinal))
            throw new PgError(SqlState.ReservedName, $"unacceptable schema name \"{name}\"") { Detail = "The prefix \"pg_\" is reserved for system schemas." };
        context.Lock(CatalogLocks.NameOfType(context.Database, 0, name), LockMode.AccessExclusive);
        if (context.Snapshot.FindSchema(name) is not null)
        {
            if (!statement.IfNotExists)
                throw new PgError(SqlState.DuplicateSchema, $"schema \"{name}\" already exists");
            context.Notice($"schema \"{name}\" already exists, skipping", sqlState: SqlState.DuplicateSchema);
            return "CREATE SCHEMA";
        }
        context.Catalog.Put(new SchemaDefinition { Oid = context.Catalog.NewOid(), Name = name, Owner = owner.Oid });
        if (!statement.Elements.IsEmpty)
            AddElements(statement, name, context);
        return "CREATE SCHEMA";
    }

    // The elements see the new schema first.
    static void AddElements(CreateSchemaStatement statement, string name, StatementContext context)
    {
        var settings = context.Session.Settings;
        var path = settings["search_path"];
        settings.Put("search_path", $"{Identifier.Quote(name)}, {path}", isLocal: true);
        try
        {
            foreach (var element in statement.Elements)
                DefinitionStatements.Execute(InSchema(element, name), context);
        }
        finally
        {
            settings.Put("search_path", path, isLocal: true);
        }
    }

    static Statement InSchema(Statement element, string schema) => element switch
    {
        CreateTableStatement e => e with { Name = e.Name with { Schema = e.Name.Schema ?? schema } },
        CreateViewStatement e => e with { Name = e.Name with { Schema = e.Name.Schema ?? schema } },
        CreateSequenceStatement e => e with { Name = e.Name with { Schema = e.Name.Schema ?? schema } },
        CreateIndexStatement e => e with { Table = e.Table with { Name = e.Table.Name with { Schema = e.Table.Name.Schema ?? schema } } },
        _ => element,
    };
}
