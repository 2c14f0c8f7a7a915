using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>GRANT and REVOKE of privileges, REASSIGN OWNED, DROP OWNED.</summary>
static class GrantStatements
{
    public static string Execute(GrantStatement statement, StatementContext context)
    {
        if (statement.Kind is ObjectKind.Language or ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine && statement.AllInSchemas.IsEmpty)
            throw PgError.Unsupported($"GRANT on {DropObjects.KindName(statement.Kind)}", statement.Position);
        foreach (var target in Targets(statement, context))
        {
            var rights = Requested(statement, target);
            Change(statement, context, target, rights);
        }
        return statement.IsGrant ? "GRANT" : "REVOKE";
    }

    static List<CatalogObject> Targets(GrantStatement statement, StatementContext context)
    {
        if (statement.AllInSchemas.IsEmpty)
            return [.. statement.Objects.Select(reference => Target(context, reference))];
        var schemas = statement.AllInSchemas.Select(name => context.Names.RequireSchema(name)).ToHashSet();
        return statement.Kind switch
        {
            ObjectKind.Table => [.. context.Snapshot.All<Relation>().Where(relation => relation.Kind != RelationKind.CompositeType && schemas.Contains(relation.Schema))],
            ObjectKind.Sequence => [.. context.Snapshot.All<SequenceDefinition>().Where(sequence => schemas.Contains(sequence.Schema))],
            // No functions can be made in schemas yet.
            _ => [],
        };
    }

    // GRANT ON TABLE takes sequences too.
    static CatalogObject Target(StatementContext context, ObjectReference reference)
        => reference.Kind == ObjectKind.Table && context.Names.FindRelation(reference.Name) is SequenceDefinition sequence
            ? context.LockRelation(sequence, Storage.LockMode.ShareRowExclusive)
            : ObjectFinder.Find(context, reference, Storage.LockMode.ShareUpdateExclusive);

    static Rights Requested(GrantStatement statement, CatalogObject target)
    {
        var all = target switch
        {
            SequenceDefinition => Rights.AllOnSequence,
            Relation => Rights.AllOnTable,
            SchemaDefinition => Rights.AllOnSchema,
            DatabaseDefinition => Rights.AllOnDatabase,
            _ => Rights.Usage,
        };
        if (statement.Privileges.IsEmpty)
            return all;
        var rights = Rights.None;
        foreach (var privilege in statement.Privileges)
        {
            if (!privilege.Columns.IsEmpty)
                throw PgError.Unsupported("privileges on columns", privilege.Position);
            var right = privilege.Name == "all" ? all : Parse(privilege);
            if ((right & ~all) != 0)
                throw new PgError("0LP01", $"invalid privilege type {privilege.Name.ToUpperInvariant()} for {Privileges.KindInMessages(target)}");
            rights |= right;
        }
        return rights;
    }

    static Rights Parse(Privilege privilege)
    {
        try
        {
            return Privileges.Parse(privilege.Name);
        }
        catch (PgError)
        {
            throw PgError.Syntax($"unrecognized privilege type \"{privilege.Name}\"", privilege.Position);
        }
    }

    static void Change(GrantStatement statement, StatementContext context, CatalogObject target, Rights rights)
    {
        var snapshot = context.Snapshot;
        var grantor = Privileges.IsOwner(snapshot, context.Role, target) ? target.Owner : context.Role;
        var grantable = Privileges.Granted(snapshot, context.Role, target, withGrantOption: true);
        if ((grantable & rights) == 0)
        {
            Privileges.Require(snapshot, context.Role, target, rights);
            context.Warning(statement.IsGrant ? $"no privileges were granted for \"{target.Name}\"" : $"no privileges could be revoked for \"{target.Name}\"", "01007");
            return;
        }
        var acl = (target.Acl ?? [.. AclItem.Defaults(target)]).ToList();
        foreach (var grantee in statement.Grantees)
        {
            var role = Roles.FindGrantee(context, grantee);
            if (statement.IsGrant && statement.IsGrantOption && role == AclItem.Public)
                throw new PgError("0LP01", "grant options can only be granted to roles");
            Change(acl, statement, role, grantor, rights & grantable);
        }
        context.Catalog.Put(target with { Acl = [.. acl.Where(item => item.Rights != Rights.None)] });
    }

    static void Change(List<AclItem> acl, GrantStatement statement, uint grantee, uint grantor, Rights rights)
    {
        var at = acl.FindIndex(item => item.Grantee == grantee && item.Grantor == grantor);
        var item = at < 0 ? new AclItem(grantee, grantor, Rights.None) : acl[at];
        item = (statement.IsGrant, statement.IsGrantOption) switch
        {
            (true, var withOption) => item with { Rights = item.Rights | rights, GrantOptions = withOption ? item.GrantOptions | rights : item.GrantOptions },
            (false, true) => item with { GrantOptions = item.GrantOptions & ~rights },
            (false, false) => item with { Rights = item.Rights & ~rights, GrantOptions = item.GrantOptions & ~rights },
        };
        if (at < 0)
            acl.Add(item);
        else
            acl[at] = item;
    }

    public static string ReassignOwned(ReassignOwnedStatement statement, StatementContext context)
    {
        var to = Roles.Find(context, statement.NewOwner);
        foreach (var name in statement.Roles)
        {
            var from = Roles.Find(context, name);
            if (!context.Snapshot.Shared.IsMember(context.Role, from.Oid) || !context.Snapshot.Shared.IsMember(context.Role, to.Oid))
                throw new PgError(SqlState.InsufficientPrivilege, "permission denied to reassign objects");
            foreach (var item in RoleDependencies.Objects(context.Snapshot).Where(item => item.Owner == from.Oid).ToList())
                if (context.Snapshot.Find(item.Oid) is { } still && still.Owner == from.Oid)
                    Ownership.Put(context, still, to.Oid);
            foreach (var database in context.Snapshot.Shared.Databases.Where(database => database.Owner == from.Oid).ToList())
                Ownership.Put(context, database, to.Oid);
        }
        return "REASSIGN OWNED";
    }

    public static string DropOwned(DropOwnedStatement statement, StatementContext context)
    {
        foreach (var name in statement.Roles)
        {
            var role = Roles.Find(context, name);
            if (!context.Snapshot.Shared.IsMember(context.Role, role.Oid))
                throw new PgError(SqlState.InsufficientPrivilege, "permission denied to drop objects");
            var owned = RoleDependencies.Objects(context.Snapshot).Where(item => item.Owner == role.Oid && item is not IndexDefinition { ConstraintOid: not 0 } and not SequenceDefinition { IsIdentity: true })
                .Select(item => (DropTarget)new WholeObject(item)).ToList();
            if (owned.Count > 0)
                Dropper.Drop(context, owned, statement.Behavior);
            foreach (var item in RoleDependencies.Objects(context.Snapshot).Concat(context.Snapshot.Shared.Databases).Where(item => item.Acl is { } acl && acl.Any(entry => entry.Grantee == role.Oid)).ToList())
                context.Catalog.Put(item with { Acl = item.Acl!.Value.RemoveAll(entry => entry.Grantee == role.Oid) });
        }
        return "DROP OWNED";
    }
}
