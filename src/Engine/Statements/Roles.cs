using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Roles as statements name them.</summary>
static class Roles
{
    /// <summary>The role meant. Raises 42704; PUBLIC is no role.</summary>
    public static RoleDefinition Find(StatementContext context, RoleName name) => name.Kind switch
    {
        RoleNameKind.CurrentRole or RoleNameKind.CurrentUser => context.Snapshot.Shared.FindRole(context.Role)!,
        RoleNameKind.SessionUser => context.Snapshot.Shared.FindRole(context.SessionRole)!,
        RoleNameKind.Public => throw CatalogErrors.UndefinedRole("public").At(name.Position),
        _ => context.Snapshot.Shared.FindRole(name.Name) ?? throw CatalogErrors.UndefinedRole(name.Name),
    };

    /// <summary>The role's OID, <see cref="AclItem.Public"/> for PUBLIC.</summary>
    public static uint FindGrantee(StatementContext context, RoleName name) => name.Kind == RoleNameKind.Public ? AclItem.Public : Find(context, name).Oid;

    /// <summary>Raises 42939 for names that PostgreSQL keeps to itself.</summary>
    public static void ForbidReserved(string name)
    {
        if (name is "public" or "none")
            throw new PgError(SqlState.ReservedName, $"role name \"{name}\" is reserved");
        if (name.StartsWith("pg_", StringComparison.Ordinal))
            throw new PgError(SqlState.ReservedName, $"role name \"{name}\" is reserved") { Detail = "Role names starting with \"pg_\" are reserved." };
    }
}

/// <summary>ALTER … OWNER TO.</summary>
static class Ownership
{
    public static string Execute(AlterOwnerStatement statement, StatementContext context)
    {
        var target = ObjectFinder.Find(context, statement.Object);
        Privileges.RequireOwner(context.Snapshot, context.Role, target);
        Change(context, target, statement.NewOwner);
        return "ALTER " + DropObjects.KindName(statement.Object.Kind).ToUpperInvariant();
    }

    /// <summary>Gives an object (with a table's indexes and sequences) to another role.</summary>
    public static void Change(StatementContext context, CatalogObject target, RoleName newOwner)
    {
        var owner = Roles.Find(context, newOwner);
        if (!context.Snapshot.Shared.IsMember(context.Role, owner.Oid))
            throw new PgError(SqlState.InsufficientPrivilege, $"must be member of role \"{owner.Name}\"");
        if (target is SequenceDefinition { OwnedBy: not 0 } sequence)
            throw new PgError(SqlState.FeatureNotSupported, $"cannot change owner of sequence \"{sequence.Name}\"")
            {
                Detail = $"Sequence \"{sequence.Name}\" is linked to table \"{context.Snapshot.Get<Relation>(sequence.OwnedBy).Name}\".",
            };
        Put(context, target, owner.Oid);
    }

    /// <summary>Changes the owner without asking whether the role may.</summary>
    public static void Put(StatementContext context, CatalogObject target, uint owner)
    {
        var acl = target.Acl?.Select(item => item with
        {
            Grantor = item.Grantor == target.Owner ? owner : item.Grantor,
            Grantee = item.Grantee == target.Owner ? owner : item.Grantee,
        }).ToList();
        context.Catalog.Put(target with { Owner = owner, Acl = acl is null ? null : [.. acl] });
        if (target is not Relation table)
            return;
        foreach (var index in context.Snapshot.IndexesOf(table.Oid).ToList())
            context.Catalog.Put(index with { Owner = owner });
        foreach (var sequence in context.Snapshot.SequencesOf(table.Oid).ToList())
            Put(context, sequence, owner);
    }
}
