using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>CREATE and ALTER EXTENSION. What an extension brings is built in; installing it makes that visible in its schema.</summary>
static class ExtensionStatements
{
    public static string Create(CreateExtensionStatement statement, StatementContext context)
    {
        var name = statement.Name;
        context.Lock(CatalogLocks.NameOfType(context.Database, 0, "extension " + name), LockMode.AccessExclusive);
        if (context.Snapshot.FindExtension(name) is not null)
        {
            if (!statement.IfNotExists)
                throw CatalogErrors.DuplicateObject("extension", name);
            context.Notice($"extension \"{name}\" already exists, skipping", sqlState: SqlState.DuplicateObject);
            return "CREATE EXTENSION";
        }
        var known = KnownExtensions.Find(name)
            ?? throw new PgError(SqlState.FeatureNotSupported, $"extension \"{name}\" is not available")
            {
                Detail = "This server brings its extensions with it; pg_available_extensions lists them.",
                Hint = "The extension must first be installed on the system where PostgreSQL is running.",
            };
        var version = Option(statement, "new_version") ?? Option(statement, "version") ?? known.DefaultVersion;
        RequireVersion(known, version);
        var schema = Option(statement, "schema") is { } written
            ? context.Names.RequireSchema(written)
            : context.Names.Path.Creation is var first and not 0 ? first : throw new PgError(SqlState.InvalidSchemaName, "no schema has been selected to create in");
        Privileges.Require(context.Snapshot, context.Role, context.Snapshot.Database, Rights.Create);
        foreach (var type in known.TypeNames)
            CreationTarget.ClaimType(context, schema, type);
        context.Catalog.Put(new ExtensionDefinition
        {
            Oid = context.Catalog.NewOid(),
            Name = name,
            Schema = schema,
            Owner = context.Role,
            Version = version,
            Comment = known.Comment,
        });
        return "CREATE EXTENSION";
    }

    public static string Update(AlterExtensionUpdateStatement statement, StatementContext context)
    {
        var extension = context.LockObject(context.Snapshot.FindExtension(statement.Name) ?? throw CatalogErrors.UndefinedObject("extension", statement.Name));
        Privileges.RequireOwner(context.Snapshot, context.Role, extension);
        var known = KnownExtensions.Find(extension.Name)!;
        var version = statement.Version ?? known.DefaultVersion;
        if (version == extension.Version)
        {
            context.Notice($"version \"{version}\" of extension \"{extension.Name}\" is already installed");
            return "ALTER EXTENSION";
        }
        RequireVersion(known, version);
        context.Catalog.Put(extension with { Version = version });
        return "ALTER EXTENSION";
    }

    static void RequireVersion(KnownExtension known, string version)
    {
        if (!known.Versions.Contains(version))
            throw new PgError(SqlState.InvalidParameterValue, $"extension \"{known.Name}\" has no installation script nor update path for version \"{version}\"");
    }

    static string? Option(CreateExtensionStatement statement, string name) => statement.Options.FirstOrDefault(option => option.Name == name)?.Value?.Text;
}
