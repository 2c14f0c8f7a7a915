using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>CREATE, ALTER and DROP DATABASE. A database is a catalog of its own; its tables share the cluster's store.</summary>
static class DatabaseStatements
{
    public static string Create(CreateDatabaseStatement statement, StatementContext context)
    {
        context.ForbidTransactionBlock("CREATE DATABASE");
        var self = context.Snapshot.Shared.FindRole(context.Role)!;
        if (!self.IsSuperuser && !self.CanCreateDatabase)
            throw new PgError(SqlState.InsufficientPrivilege, "permission denied to create database");
        var options = Options(statement.Options);
        var owner = options.GetValueOrDefault("owner") is { } ownerName
            ? context.Snapshot.Shared.FindRole(ownerName) ?? throw CatalogErrors.UndefinedRole(ownerName)
            : self;
        if (!context.Snapshot.Shared.IsMember(context.Role, owner.Oid))
            throw new PgError(SqlState.InsufficientPrivilege, $"must be member of role \"{owner.Name}\"");
        var templateName = options.GetValueOrDefault("template") ?? "template1";
        context.Lock(CatalogLocks.NameOfShared("database " + statement.Name), LockMode.AccessExclusive);
        var template = context.LockObject(context.Snapshot.Shared.FindDatabase(templateName)
            ?? throw new PgError(SqlState.InvalidCatalogName, $"template database \"{templateName}\" does not exist"));
        if (!template.IsTemplate && !Privileges.IsOwner(context.Snapshot, context.Role, template))
            throw new PgError(SqlState.InsufficientPrivilege, $"permission denied to copy database \"{templateName}\"");
        CheckEncoding(options, statement.Options.FirstOrDefault(option => option.Name == "encoding")?.Position ?? 0);
        var collation = DatabaseLocale.Choose(options, template);
        Tablespaces.Require(options.GetValueOrDefault("tablespace"));
        if (context.Snapshot.Shared.FindDatabase(statement.Name) is not null)
            throw new PgError(SqlState.DuplicateDatabase, $"database \"{statement.Name}\" already exists");
        RequireUnused(context, template, $"source database \"{templateName}\" is being accessed by other users");

        var database = new DatabaseDefinition
        {
            Oid = context.Catalog.NewOid(),
            Name = statement.Name,
            Owner = owner.Oid,
            IsTemplate = Flag(options, "is_template") ?? false,
            AllowsConnections = Flag(options, "allow_connections") ?? true,
            ConnectionLimit = options.GetValueOrDefault("connection_limit") is { } limit ? int.Parse(limit) : -1,
            Collation = collation,
        };
        context.Catalog.Put(database);
        CopyObjects(context, template, database);
        return "CREATE DATABASE";
    }

    public static string Drop(DropStatement statement, StatementContext context)
    {
        context.ForbidTransactionBlock("DROP DATABASE");
        var name = statement.Objects[0].Name.Name;
        if (context.Snapshot.Shared.FindDatabase(name) is not { } found)
        {
            if (!statement.IfExists)
                throw CatalogErrors.UndefinedDatabase(name);
            context.Notice($"database \"{name}\" does not exist, skipping");
            return "DROP DATABASE";
        }
        var database = context.LockObject(found, Storage.LockMode.AccessExclusive);
        Privileges.RequireOwner(context.Snapshot, context.Role, database);
        if (database.IsTemplate)
            throw new PgError(SqlState.WrongObjectType, "cannot drop a template database");
        if (database.Oid == context.Database)
            throw new PgError(SqlState.ObjectInUse, "cannot drop the currently open database");
        if (statement.Force)
            context.TerminateSessionsIn(database.Oid);
        RequireUnused(context, database, $"database \"{name}\" is being accessed by other users");
        foreach (var item in context.Catalog.Catalog.Current(database.Oid).All<CatalogObject>())
        {
            if (item is Relation { HasRows: true } relation)
                context.Tables.Drop(relation);
            context.Catalog.DeleteFrom(database.Oid, item);
        }
        context.Catalog.Delete(database);
        return "DROP DATABASE";
    }

    public static string Alter(AlterDatabaseStatement statement, StatementContext context)
    {
        var database = OwnedDatabase(context, statement.Name);
        var options = Options(statement.Options);
        Tablespaces.Require(options.GetValueOrDefault("tablespace"));
        context.Catalog.Put(database with
        {
            IsTemplate = Flag(options, "is_template") ?? database.IsTemplate,
            AllowsConnections = Flag(options, "allow_connections") ?? database.AllowsConnections,
            ConnectionLimit = options.GetValueOrDefault("connection_limit") is { } limit ? int.Parse(limit) : database.ConnectionLimit,
        });
        return "ALTER DATABASE";
    }

    public static string AlterSettings(AlterDatabaseSetStatement statement, StatementContext context)
    {
        var database = OwnedDatabase(context, statement.Name);
        context.Catalog.Put(database with { Settings = SettingLists.Change(database.Settings, statement.Setting, context) });
        return "ALTER DATABASE";
    }

    public static void Rename(StatementContext context, string name, string newName)
    {
        var database = OwnedDatabase(context, name, LockMode.AccessExclusive);
        if (database.Oid == context.Database)
            throw new PgError(SqlState.FeatureNotSupported, "current database cannot be renamed");
        RequireUnused(context, database, $"database \"{name}\" is being accessed by other users");
        context.Lock(CatalogLocks.NameOfShared("database " + newName), LockMode.AccessExclusive);
        if (context.Snapshot.Shared.FindDatabase(newName) is not null)
            throw new PgError(SqlState.DuplicateDatabase, $"database \"{newName}\" already exists");
        context.Catalog.Put(database with { Name = newName });
    }

    /// <summary>The template's objects under the same OIDs, as PostgreSQL copies them. Tables with rows would need their files copied too.</summary>
    static void CopyObjects(StatementContext context, DatabaseDefinition template, DatabaseDefinition database)
    {
        var source = context.Catalog.Catalog.Current(template.Oid);
        foreach (var item in source.All<CatalogObject>())
        {
            if (item is Relation { HasRows: true })
                throw PgError.Unsupported("copying a template database that has tables");
            context.Catalog.PutInto(database.Oid, item is SequenceDefinition sequence ? sequence with { StateId = context.Catalog.NewOid() } : item);
        }
    }

    static DatabaseDefinition OwnedDatabase(StatementContext context, string name, LockMode mode = LockMode.ShareUpdateExclusive)
    {
        var database = context.LockObject(context.Snapshot.Shared.FindDatabase(name) ?? throw CatalogErrors.UndefinedDatabase(name), mode);
        Privileges.RequireOwner(context.Snapshot, context.Role, database);
        return database;
    }

    /// <summary>Raises 55006 when other sessions use the database and do not leave it within five seconds, as those who are just closing do.</summary>
    static void RequireUnused(StatementContext context, DatabaseDefinition database, string message)
    {
        const int tries = 50;
        var pause = TimeSpan.FromMilliseconds(100);
        var others = context.OtherSessionsIn(database.Oid);
        for (var i = 0; i < tries && others > 0; i++)
        {
            Interruption.Check();
            Thread.Sleep(pause);
            others = context.OtherSessionsIn(database.Oid);
        }
        if (others > 0)
            throw new PgError(SqlState.ObjectInUse, message)
            {
                Detail = others == 1 ? "There is 1 other session using the database." : $"There are {others} other sessions using the database.",
            };
    }

    static void CheckEncoding(Dictionary<string, string> options, int position)
    {
        if (options.GetValueOrDefault("encoding") is not { } encoding)
            return;
        var number = int.TryParse(encoding, out var given) ? given : SystemViews.CatalogFunctions.SessionFunctions.EncodingNumber(encoding);
        if (number < 0)
            throw new PgError(SqlState.UndefinedObject, $"{encoding} is not a valid encoding name") { Position = position };
        if (number != SystemViews.CatalogFunctions.SessionFunctions.Utf8)
            throw PgError.Unsupported($"database encoding \"{encoding}\"");
    }

    static Dictionary<string, string> Options(System.Collections.Immutable.ImmutableArray<Option> options)
    {
        var map = new Dictionary<string, string>();
        foreach (var option in options)
        {
            if (option.Name is not ("owner" or "template" or "encoding" or "locale" or "lc_collate" or "lc_ctype" or "locale_provider" or "icu_locale" or "strategy"
                or "collation_version" or "tablespace" or "allow_connections" or "connection_limit" or "is_template" or "oid"))
                throw PgError.Syntax($"option \"{option.Name}\" not recognized", option.Position);
            // DEFAULT is what leaving the option out means.
            if (option.Value is not { } value || (value.Kind == OptionValueKind.Name && value.Text == "default"))
                continue;
            if (!map.TryAdd(option.Name, value.Text))
                throw PgError.Syntax("conflicting or redundant options", option.Position);
        }
        return map;
    }

    static bool? Flag(Dictionary<string, string> options, string name) => options.GetValueOrDefault(name)?.ToLowerInvariant() switch
    {
        null => null,
        "true" or "on" or "1" => true,
        "false" or "off" or "0" => false,
        _ => throw PgError.Syntax($"{name} requires a Boolean value"),
    };
}
