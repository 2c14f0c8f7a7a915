using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>CREATE, ALTER and DROP ROLE, and membership.</summary>
static class RoleStatements
{
    public static string Create(CreateRoleStatement statement, StatementContext context)
    {
        Roles.ForbidReserved(statement.Name);
        var self = context.Snapshot.Shared.FindRole(context.Role)!;
        var role = Apply(context, new RoleDefinition { Oid = context.Catalog.NewOid(), Name = statement.Name, CanLogin = statement.IsUser }, statement.Options);
        if (!self.IsSuperuser && (!self.CanCreateRole || role.IsSuperuser || role.IsReplication || role.BypassesRowSecurity))
            throw new PgError(SqlState.InsufficientPrivilege, role.IsSuperuser ? "must be superuser to create superusers"
                : role.IsReplication ? "must be superuser to create replication users"
                : role.BypassesRowSecurity ? "must be superuser to create bypassrls users"
                : "permission denied to create role");
        context.Lock(CatalogLocks.NameOfShared("role " + statement.Name), LockMode.AccessExclusive);
        if (context.Snapshot.Shared.FindRole(statement.Name) is not null)
            throw CatalogErrors.DuplicateObject("role", statement.Name);
        context.Catalog.Put(role);
        foreach (var option in statement.Options)
        {
            if (option.Name == "inrole")
                foreach (var group in option.Roles)
                    AddMember(context, Roles.Find(context, group), Current(context, role), false);
            else if (option.Name is "role" or "admin")
                foreach (var member in option.Roles)
                    AddMember(context, role, Roles.Find(context, member), option.Name == "admin");
        }
        return "CREATE ROLE";
    }

    public static string Alter(AlterRoleStatement statement, StatementContext context)
    {
        var role = context.LockObject(Roles.Find(context, statement.Role));
        var onlyOwnPassword = role.Oid == context.Role && statement.Options.All(option => option.Name == "password");
        if (!onlyOwnPassword)
            RequireMayAlter(context, role);
        var changed = Apply(context, role, statement.Options);
        if (changed.IsSuperuser != role.IsSuperuser && !Privileges.IsSuperuser(context.Snapshot, context.Role))
            throw new PgError(SqlState.InsufficientPrivilege, "must be superuser to alter superuser roles or change superuser attribute");
        context.Catalog.Put(changed);
        foreach (var option in statement.Options.Where(option => option.Name == "role"))
            foreach (var member in option.Roles)
                AddMember(context, role, Roles.Find(context, member), false);
        return "ALTER ROLE";
    }

    public static string AlterSettings(AlterRoleSetStatement statement, StatementContext context)
    {
        if (statement.Role is null)
            throw PgError.Unsupported("ALTER ROLE ALL SET", statement.Position);
        var role = context.LockObject(Roles.Find(context, statement.Role));
        if (role.Oid != context.Role)
            RequireMayAlter(context, role);
        if (statement.Database is { } name)
        {
            var database = context.LockObject(context.Snapshot.Shared.FindDatabase(name) ?? throw CatalogErrors.UndefinedDatabase(name));
            var settings = SettingLists.Change(database.RoleSettings.GetValueOrDefault(role.Oid) ?? SettingLists.None, statement.Setting, context);
            context.Catalog.Put(database with { RoleSettings = settings.IsEmpty ? database.RoleSettings.Remove(role.Oid) : database.RoleSettings.SetItem(role.Oid, settings) });
        }
        else
        {
            context.Catalog.Put(role with { Settings = SettingLists.Change(role.Settings, statement.Setting, context) });
        }
        return "ALTER ROLE";
    }

    public static string AlterGroup(AlterGroupStatement statement, StatementContext context)
    {
        var group = Roles.Find(context, statement.Group);
        RequireMayAlter(context, group);
        foreach (var member in statement.Members)
        {
            if (statement.IsAdd)
                AddMember(context, group, Roles.Find(context, member), false);
            else
                RemoveMember(context, group, Roles.Find(context, member), adminOnly: false);
        }
        return "ALTER ROLE";
    }

    public static string Drop(DropRoleStatement statement, StatementContext context)
    {
        if (context.Snapshot.Shared.FindRole(context.Role) is not { IsSuperuser: true } and not { CanCreateRole: true })
            throw new PgError(SqlState.InsufficientPrivilege, "permission denied to drop role");
        foreach (var name in statement.Roles)
        {
            if (name.Kind != RoleNameKind.Named)
                throw new PgError(SqlState.InvalidParameterValue, "cannot use special role specifier in DROP ROLE");
            if (context.Snapshot.Shared.FindRole(name.Name) is not { } found)
            {
                if (!statement.IfExists)
                    throw CatalogErrors.UndefinedRole(name.Name);
                context.Notice($"role \"{name.Name}\" does not exist, skipping");
                continue;
            }
            var role = context.LockObject(found, LockMode.AccessExclusive);
            if (role.Oid == context.Role)
                throw new PgError(SqlState.ObjectInUse, "current user cannot be dropped");
            if (role.Oid == context.SessionRole)
                throw new PgError(SqlState.ObjectInUse, "session user cannot be dropped");
            if (role.Oid < WellKnownOids.FirstUserObject)
                throw new PgError(SqlState.DependentObjectsStillExist, $"cannot drop role {role.Name} because it is required by the database system");
            if (role.IsSuperuser && !Privileges.IsSuperuser(context.Snapshot, context.Role))
                throw new PgError(SqlState.InsufficientPrivilege, "must be superuser to drop superusers");
            var needs = RoleDependencies.Describe(context, role.Oid);
            if (needs.Count > 0)
                throw new PgError(SqlState.DependentObjectsStillExist, $"role \"{role.Name}\" cannot be dropped because some objects depend on it") { Detail = string.Join('\n', needs) };
            foreach (var member in context.Snapshot.Shared.Roles.Where(other => other.MemberOf.Any(membership => membership.Role == role.Oid)).ToList())
            {
                var locked = context.LockObject(member);
                context.Catalog.Put(locked with { MemberOf = locked.MemberOf.RemoveAll(membership => membership.Role == role.Oid) });
            }
            context.Catalog.Delete(role);
        }
        return "DROP ROLE";
    }

    public static string Grant(GrantRoleStatement statement, StatementContext context)
    {
        foreach (var name in statement.Roles)
        {
            var role = context.Snapshot.Shared.FindRole(name) ?? throw CatalogErrors.UndefinedRole(name);
            if (!MayGrant(context, role))
                throw new PgError(SqlState.InsufficientPrivilege, role.IsSuperuser ? "must be superuser to alter superusers" : $"must have admin option on role \"{role.Name}\"");
            foreach (var grantee in statement.Members)
            {
                var member = Roles.Find(context, grantee);
                if (statement.IsGrant)
                    AddMember(context, role, member, statement.IsAdminOption);
                else
                    RemoveMember(context, role, member, statement.IsAdminOption);
            }
        }
        return statement.IsGrant ? "GRANT ROLE" : "REVOKE ROLE";
    }

    static void AddMember(StatementContext context, RoleDefinition role, RoleDefinition member, bool admin)
    {
        member = context.LockObject(member);
        if (context.Snapshot.Shared.RolesOf(role.Oid).Contains(member.Oid))
            throw new PgError("0LP01", $"role \"{role.Name}\" is a member of role \"{member.Name}\"");
        if (member.MemberOf.FirstOrDefault(membership => membership.Role == role.Oid) is { Role: not 0 } existing)
        {
            if (existing.Admin || !admin)
            {
                context.Notice($"role \"{member.Name}\" is already a member of role \"{role.Name}\"");
                return;
            }
            context.Catalog.Put(member with { MemberOf = member.MemberOf.Replace(existing, existing with { Admin = true }) });
            return;
        }
        context.Catalog.Put(member with { MemberOf = member.MemberOf.Add(new RoleMembership(role.Oid, admin, context.Role)) });
    }

    static void RemoveMember(StatementContext context, RoleDefinition role, RoleDefinition member, bool adminOnly)
    {
        member = context.LockObject(member);
        if (member.MemberOf.FirstOrDefault(membership => membership.Role == role.Oid) is not { Role: not 0 } existing)
        {
            context.Warning($"role \"{member.Name}\" is not a member of role \"{role.Name}\"");
            return;
        }
        context.Catalog.Put(member with
        {
            MemberOf = adminOnly ? member.MemberOf.Replace(existing, existing with { Admin = false }) : member.MemberOf.Remove(existing),
        });
    }

    static RoleDefinition Current(StatementContext context, RoleDefinition role) => context.Snapshot.Shared.FindRole(role.Oid)!;

    static bool MayGrant(StatementContext context, RoleDefinition role)
    {
        var self = context.Snapshot.Shared.FindRole(context.Role)!;
        return self.IsSuperuser || (!role.IsSuperuser && self.CanCreateRole) || self.MemberOf.Any(membership => membership.Role == role.Oid && membership.Admin);
    }

    static void RequireMayAlter(StatementContext context, RoleDefinition role)
    {
        var self = context.Snapshot.Shared.FindRole(context.Role)!;
        if (role.IsSuperuser && !self.IsSuperuser)
            throw new PgError(SqlState.InsufficientPrivilege, "must be superuser to alter superuser roles or change superuser attribute");
        if (!self.IsSuperuser && !self.CanCreateRole)
            throw new PgError(SqlState.InsufficientPrivilege, "permission denied");
    }

    static RoleDefinition Apply(StatementContext context, RoleDefinition role, System.Collections.Immutable.ImmutableArray<RoleOption> options)
    {
        if (options.GroupBy(option => option.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw PgError.Syntax("conflicting or redundant options", twice.Last().Position);
        foreach (var option in options)
        {
            role = option.Name switch
            {
                "superuser" => role with { IsSuperuser = option.Flag },
                "inherit" => role with { Inherits = option.Flag },
                "createrole" => role with { CanCreateRole = option.Flag },
                "createdb" => role with { CanCreateDatabase = option.Flag },
                "login" => role with { CanLogin = option.Flag },
                "replication" => role with { IsReplication = option.Flag },
                "bypassrls" => role with { BypassesRowSecurity = option.Flag },
                "connectionlimit" when option.Number < -1 => throw new PgError(SqlState.InvalidParameterValue, $"invalid connection limit: {option.Number}"),
                "connectionlimit" => role with { ConnectionLimit = option.Number },
                "password" => role with { Password = Password(context, option.Text) },
                "validuntil" => role with { ValidUntil = ValidUntil(context, option.Text!) },
                _ => role,
            };
        }
        return role;
    }

    static string? Password(StatementContext context, string? text)
    {
        // A client may have made the verifier; psql's \password does.
        if (text is "" || (text is not null && Protocol.ScramVerifier.TryParse(text)?.Fits("") == true))
        {
            context.Notice("empty string is not a valid password, clearing password");
            return null;
        }
        return text is null ? null : context.EncryptPassword(text);
    }

    static DateTimeOffset? ValidUntil(StatementContext context, string text)
    {
        var microseconds = PgTypes.TimestampTz.Codec.Parse(text, -1, context.Settings).AsInt64;
        // Infinity is no limit, which is how an absent one reads.
        if (microseconds == long.MaxValue)
            return null;
        return microseconds == long.MinValue ? DateTimeOffset.MinValue : Epoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
    }

    static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
