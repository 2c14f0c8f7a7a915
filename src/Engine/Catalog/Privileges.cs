using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>Who may do what: access control lists, ownership and membership, as PostgreSQL's aclchk has them.</summary>
public static class Privileges
{
    /// <summary>Whether the role owns the object: is its owner, a member of it, or a superuser.</summary>
    public static bool IsOwner(CatalogSnapshot snapshot, uint role, CatalogObject target)
        => IsSuperuser(snapshot, role) || OwningRoles(snapshot, role).Contains(target.Owner);

    public static bool IsSuperuser(CatalogSnapshot snapshot, uint role) => snapshot.Shared.FindRole(role)?.IsSuperuser ?? false;

    /// <summary>Whether the role has all of these rights on the object.</summary>
    public static bool Has(CatalogSnapshot snapshot, uint role, CatalogObject target, Rights rights)
        => (rights & ~Granted(snapshot, role, target, withGrantOption: false)) == 0;

    /// <summary>Whether the role has any of these rights on the object.</summary>
    public static bool HasAny(CatalogSnapshot snapshot, uint role, CatalogObject target, Rights rights)
        => (rights & Granted(snapshot, role, target, withGrantOption: false)) != 0;

    /// <summary>The rights the role has, or those it may grant on.</summary>
    public static Rights Granted(CatalogSnapshot snapshot, uint role, CatalogObject target, bool withGrantOption)
    {
        const Rights all = (Rights)0x3FFF;
        if (IsSuperuser(snapshot, role))
            return all;
        var roles = OwningRoles(snapshot, role);
        if (withGrantOption && roles.Contains(target.Owner))
            return all;
        var granted = Rights.None;
        foreach (var item in target.Acl ?? [.. AclItem.Defaults(target)])
            if (item.Grantee == AclItem.Public || roles.Contains(item.Grantee))
                granted |= withGrantOption ? item.GrantOptions : item.Rights;
        // The predefined roles that read and write everything.
        if (target is Relation or SequenceDefinition && roles.Contains(WellKnownOids.ReadAllData))
            granted |= Rights.Select;
        if (target is Relation && roles.Contains(WellKnownOids.WriteAllData))
            granted |= Rights.Insert | Rights.Update | Rights.Delete;
        if (target is SchemaDefinition && (roles.Contains(WellKnownOids.ReadAllData) || roles.Contains(WellKnownOids.WriteAllData)))
            granted |= Rights.Usage;
        return granted;
    }

    /// <summary>Raises 42501 <c>permission denied for …</c> unless the role has the rights.</summary>
    public static void Require(CatalogSnapshot snapshot, uint role, CatalogObject target, Rights rights)
    {
        if (!Has(snapshot, role, target, rights))
            throw new PgError(SqlState.InsufficientPrivilege, $"permission denied for {KindInMessages(target)} {target.Name}");
    }

    /// <summary>Raises 42501 unless the role may connect to the snapshot's database.</summary>
    public static void RequireConnect(CatalogSnapshot snapshot, uint role)
    {
        if (!Has(snapshot, role, snapshot.Database, Rights.Connect))
            throw new PgError(SqlState.InsufficientPrivilege, $"permission denied for database \"{snapshot.Database.Name}\"") { Detail = "User does not have CONNECT privilege." };
    }

    /// <summary>Raises 42501 <c>must be owner of …</c> unless the role owns the object.</summary>
    public static void RequireOwner(CatalogSnapshot snapshot, uint role, CatalogObject target)
    {
        if (!IsOwner(snapshot, role, target))
            throw new PgError(SqlState.InsufficientPrivilege, $"must be owner of {KindInMessages(target)} {target.Name}");
    }

    /// <summary>A privilege by its SQL name, any case. Raises 22023 for others.</summary>
    public static Rights Parse(string name) => name.ToUpperInvariant() switch
    {
        "SELECT" => Rights.Select,
        "INSERT" => Rights.Insert,
        "UPDATE" => Rights.Update,
        "DELETE" => Rights.Delete,
        "TRUNCATE" => Rights.Truncate,
        "REFERENCES" => Rights.References,
        "TRIGGER" => Rights.Trigger,
        "EXECUTE" => Rights.Execute,
        "USAGE" => Rights.Usage,
        "CREATE" => Rights.Create,
        "TEMP" or "TEMPORARY" => Rights.Temporary,
        "CONNECT" => Rights.Connect,
        "SET" => Rights.Set,
        "ALTER SYSTEM" => Rights.AlterSystem,
        _ => throw new PgError(SqlState.InvalidParameterValue, $"unrecognized privilege type: \"{name}\""),
    };

    /// <summary>What PostgreSQL calls the object in messages about permissions and dependencies.</summary>
    public static string KindInMessages(CatalogObject target) => target switch
    {
        Relation { Kind: RelationKind.View } => "view",
        Relation { Kind: RelationKind.MaterializedView } => "materialized view",
        Relation { Kind: RelationKind.CompositeType } => "type",
        Relation => "table",
        IndexDefinition => "index",
        SequenceDefinition => "sequence",
        SchemaDefinition => "schema",
        DatabaseDefinition => "database",
        TypeDefinition => "type",
        ExtensionDefinition => "extension",
        RoleDefinition => "role",
        _ => "object",
    };

    // Whoever owns the database is a member of pg_database_owner.
    static HashSet<uint> OwningRoles(CatalogSnapshot snapshot, uint role)
    {
        var roles = snapshot.Shared.RolesOf(role, inheritedOnly: true);
        if (snapshot.Shared.FindDatabase(snapshot.DatabaseOid) is { } database && roles.Contains(database.Owner))
            roles.Add(WellKnownOids.DatabaseOwner);
        return roles;
    }
}
