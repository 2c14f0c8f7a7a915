using PgVectorCompat.Engine.Catalog;

namespace PgVectorCompat.Engine.Statements;

/// <summary>What keeps a role from being dropped (pg_shdepend): what it owns and what it was granted, in any database.</summary>
static class RoleDependencies
{
    /// <summary>One line each, as DROP ROLE's DETAIL has them.</summary>
    public static List<string> Describe(StatementContext context, uint role)
    {
        var names = new ObjectNames(context.Names);
        var lines = new List<string>();
        foreach (var database in context.Snapshot.Shared.Databases)
        {
            if (database.Owner == role)
                lines.Add($"owner of database {database.Name}");
            if (Grants(database, role))
                lines.Add($"privileges for database {database.Name}");
        }
        foreach (var item in Objects(context.Snapshot))
        {
            if (item.Owner == role && item is not IndexDefinition)
                lines.Add($"owner of {names.Describe(item)}");
            if (Grants(item, role))
                lines.Add($"privileges for {names.Describe(item)}");
        }
        foreach (var database in context.Snapshot.Shared.Databases.Where(database => database.Oid != context.Database))
        {
            // Another session may be dropping it.
            if (context.Catalog.Catalog.Find(database.Oid) is not { } catalog) continue;
            var count = Objects(catalog).Count(item => (item.Owner == role && item is not IndexDefinition) || Grants(item, role));
            if (count > 0)
                lines.Add($"{count} object{(count == 1 ? "" : "s")} in database {database.Name}");
        }
        return lines;
    }

    /// <summary>The objects of a database that have an owner.</summary>
    public static IEnumerable<CatalogObject> Objects(CatalogSnapshot snapshot) => snapshot.All<CatalogObject>();

    static bool Grants(CatalogObject item, uint role)
        => item.Owner != role && item.Acl is { } acl && acl.Any(entry => entry.Grantee == role || entry.Grantor == role);
}
