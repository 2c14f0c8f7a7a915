using System.Collections.Immutable;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>Fills the catalog of a new cluster: the first superuser, the standard databases, and their schemas.</summary>
public static class Bootstrap
{
    /// <param name="superuser">Name of the first role.</param>
    /// <param name="passwordVerifier">Its SCRAM verifier; null for no password.</param>
    /// <param name="extraDatabase">A database to make besides the standard ones; null for none.</param>
    public static void Run(ClusterCatalog catalog, string superuser, string? passwordVerifier, string? extraDatabase)
    {
        using var transaction = catalog.Store.Begin();
        var changes = new List<CatalogChange>();
        void Put(uint database, CatalogObject item)
        {
            transaction.PutCatalog(new CatalogKey(database, item.Oid), CatalogRecord.Write(item));
            changes.Add(new CatalogChange(database, item.Oid, item));
        }

        Put(ClusterCatalog.SharedDatabase, new RoleDefinition
        {
            Oid = WellKnownOids.BootstrapSuperuser,
            Name = superuser,
            IsSuperuser = true,
            CanCreateRole = true,
            CanCreateDatabase = true,
            CanLogin = true,
            IsReplication = true,
            BypassesRowSecurity = true,
            Password = passwordVerifier,
        });
        foreach (var (oid, name) in PredefinedRoles)
            Put(ClusterCatalog.SharedDatabase, new RoleDefinition { Oid = oid, Name = name });
        var databases = new List<DatabaseDefinition>
        {
            new()
            {
                Oid = WellKnownOids.Template1, Name = "template1", IsTemplate = true, Comment = "default template for new databases",
                Acl = TemplateAcl,
            },
            new()
            {
                Oid = WellKnownOids.Template0, Name = "template0", IsTemplate = true, AllowsConnections = false,
                Comment = "unmodifiable empty database", Acl = TemplateAcl,
            },
            new()
            {
                Oid = WellKnownOids.PostgresDatabase, Name = "postgres", Comment = "default administrative connection database",
            },
        };
        if (extraDatabase is not null && databases.All(database => database.Name != extraDatabase))
            databases.Add(new DatabaseDefinition { Oid = catalog.Oids.Next(), Name = extraDatabase });
        foreach (var database in databases)
        {
            Put(ClusterCatalog.SharedDatabase, database);
            foreach (var schema in StandardSchemas)
                Put(database.Oid, schema);
            Put(database.Oid, new ExtensionDefinition { Oid = PlPgSqlOid, Name = "plpgsql", Version = "1.0", Schema = WellKnownOids.PgCatalog, Comment = KnownExtensions.PlPgSql.Comment });
        }
        catalog.Commit(transaction, waitForFlush: true, changes);
    }

    const uint PlPgSqlOid = 13_600;

    /// <summary>The schemas of every new database. pg_catalog and information_schema hold what is built in, and nothing else.</summary>
    internal static readonly SchemaDefinition[] StandardSchemas =
    [
        new()
        {
            Oid = WellKnownOids.PgCatalog, Name = "pg_catalog", Comment = "system catalog schema",
            Acl = [new(WellKnownOids.BootstrapSuperuser, WellKnownOids.BootstrapSuperuser, Rights.AllOnSchema), new(AclItem.Public, WellKnownOids.BootstrapSuperuser, Rights.Usage)],
        },
        new() { Oid = WellKnownOids.PgToast, Name = "pg_toast", Comment = "reserved schema for TOAST tables" },
        new()
        {
            Oid = WellKnownOids.InformationSchema, Name = "information_schema",
            Acl = [new(WellKnownOids.BootstrapSuperuser, WellKnownOids.BootstrapSuperuser, Rights.AllOnSchema), new(AclItem.Public, WellKnownOids.BootstrapSuperuser, Rights.Usage)],
        },
        new()
        {
            Oid = WellKnownOids.Public, Name = "public", Comment = "standard public schema", Owner = WellKnownOids.DatabaseOwner,
            Acl = [new(WellKnownOids.DatabaseOwner, WellKnownOids.DatabaseOwner, Rights.AllOnSchema), new(AclItem.Public, WellKnownOids.DatabaseOwner, Rights.Usage)],
        },
    ];

    static readonly (uint Oid, string Name)[] PredefinedRoles =
    [
        (WellKnownOids.DatabaseOwner, "pg_database_owner"), (WellKnownOids.ReadAllData, "pg_read_all_data"), (WellKnownOids.WriteAllData, "pg_write_all_data"),
        (3373, "pg_monitor"), (3374, "pg_read_all_settings"), (3375, "pg_read_all_stats"), (3377, "pg_stat_scan_tables"),
        (4569, "pg_read_server_files"), (4570, "pg_write_server_files"), (4571, "pg_execute_server_program"), (4200, "pg_signal_backend"),
        (4544, "pg_checkpoint"),
    ];

    static readonly ImmutableArray<AclItem> TemplateAcl =
    [
        new(AclItem.Public, WellKnownOids.BootstrapSuperuser, Rights.Connect),
        new(WellKnownOids.BootstrapSuperuser, WellKnownOids.BootstrapSuperuser, Rights.AllOnDatabase),
    ];
}
