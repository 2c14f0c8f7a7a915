using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.SystemViews.CatalogFunctions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>Roles, databases and what else the whole cluster shares.</summary>
static class SharedTables
{
    const uint DefaultTablespace = 1663;

    public static readonly SystemTable[] All =
    [
        Table(WellKnownOids.PgDatabase, "pg_database",
            "oid oid, datname name, datdba oid, encoding int4, datlocprovider char, datistemplate bool, datallowconn bool, datconnlimit int4, datfrozenxid xid, datminmxid xid, " +
            "dattablespace oid, datcollate text, datctype text, daticulocale text, datcollversion text, datacl _text",
            names => names.Snapshot.Shared.Databases.Select(database => new[]
            {
                Oid(database.Oid), Text(database.Name), Oid(database.Owner), Int(SessionFunctions.Utf8), Char('c'), Bool(database.IsTemplate), Bool(database.AllowsConnections), Int(database.ConnectionLimit),
                Int(3), Int(1), Oid(DefaultTablespace), Text(database.Collation), Text(database.Collation), Null, Null, Acl(database, names),
            })),
        // As PostgreSQL: who is no superuser may not see it.
        Table(WellKnownOids.PgAuthid, "pg_authid",
            "oid oid, rolname name, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb bool, rolcanlogin bool, rolreplication bool, rolbypassrls bool, rolconnlimit int4, " +
            "rolpassword text, rolvaliduntil timestamptz",
            names => RequireSuperuser(names, "pg_authid").Roles.Select(role => new[]
            {
                Oid(role.Oid), Text(role.Name), Bool(role.IsSuperuser), Bool(role.Inherits), Bool(role.CanCreateRole), Bool(role.CanCreateDatabase), Bool(role.CanLogin), Bool(role.IsReplication),
                Bool(role.BypassesRowSecurity), Int(role.ConnectionLimit), Text(role.Password), Time(role.ValidUntil),
            })),
        View(12_000, "pg_roles",
            "rolname name, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb bool, rolcanlogin bool, rolreplication bool, rolconnlimit int4, rolpassword text, " +
            "rolvaliduntil timestamptz, rolbypassrls bool, rolconfig _text, oid oid",
            names => names.Snapshot.Shared.Roles.Select(role => new[]
            {
                Text(role.Name), Bool(role.IsSuperuser), Bool(role.Inherits), Bool(role.CanCreateRole), Bool(role.CanCreateDatabase), Bool(role.CanLogin), Bool(role.IsReplication),
                Int(role.ConnectionLimit), Text("********"), Time(role.ValidUntil), Bool(role.BypassesRowSecurity), Options(role.Settings), Oid(role.Oid),
            })),
        View(12_014, "pg_user", UserColumns, names => Users(names, "********")),
        View(12_005, "pg_shadow", UserColumns, Shadow),
        View(12_010, "pg_group", "groname name, grosysid oid, grolist _oid",
            names => names.Snapshot.Shared.Roles.Where(role => !role.CanLogin).Select(role => new[]
            {
                Text(role.Name), Oid(role.Oid), Oids(names.Snapshot.Shared.Roles.Where(other => other.MemberOf.Any(membership => membership.Role == role.Oid)).Select(other => other.Oid)),
            })),
        Table(1261, "pg_auth_members", "roleid oid, member oid, grantor oid, admin_option bool",
            names => names.Snapshot.Shared.Roles.SelectMany(role => role.MemberOf.Select(membership => new[] { Oid(membership.Role), Oid(role.Oid), Oid(membership.Grantor), Bool(membership.Admin) }))),
        Table(1213, "pg_tablespace", "oid oid, spcname name, spcowner oid, spcacl _text, spcoptions _text",
            _ => [Tablespace(DefaultTablespace, "pg_default"), Tablespace(1664, "pg_global")]),
        Table(2964, "pg_db_role_setting", "setdatabase oid, setrole oid, setconfig _text",
            names => names.Snapshot.Shared.Roles.Where(role => !role.Settings.IsEmpty).Select(role => new[] { Oid(0), Oid(role.Oid), Options(role.Settings) })
                .Concat(names.Snapshot.Shared.Databases.Where(database => !database.Settings.IsEmpty).Select(database => new[] { Oid(database.Oid), Oid(0), Options(database.Settings) }))
                .Concat(names.Snapshot.Shared.Databases.SelectMany(database => database.RoleSettings.Select(entry => new[] { Oid(database.Oid), Oid(entry.Key), Options(entry.Value) })))),
        Table(2396, "pg_shdescription", "objoid oid, classoid oid, description text",
            names => names.Snapshot.Shared.Databases.Concat<CatalogObject>(names.Snapshot.Shared.Roles).Where(item => item.Comment is not null)
                .Select(item => new[] { Oid(item.Oid), Oid(Comments.ClassOf(item)), Text(item.Comment) })),
    ];

    const string UserColumns
        = "usename name, usesysid oid, usecreatedb bool, usesuper bool, userepl bool, usebypassrls bool, passwd text, valuntil timestamptz, useconfig _text";

    static IEnumerable<Datum[]> Users(NameResolver names, string? passwordShown)
        => names.Snapshot.Shared.Roles.Where(role => role.CanLogin).Select(role => new[]
        {
            Text(role.Name), Oid(role.Oid), Bool(role.CanCreateDatabase), Bool(role.IsSuperuser), Bool(role.IsReplication), Bool(role.BypassesRowSecurity), Text(passwordShown ?? role.Password),
            Time(role.ValidUntil), Options(role.Settings),
        });

    static IEnumerable<Datum[]> Shadow(NameResolver names)
    {
        RequireSuperuser(names, "pg_shadow");
        return Users(names, null);
    }

    static SharedObjects RequireSuperuser(NameResolver names, string table)
        => Privileges.IsSuperuser(names.Snapshot, names.Role)
            ? names.Snapshot.Shared
            : throw new PgError(SqlState.InsufficientPrivilege, $"permission denied for table {table}");

    static Datum[] Tablespace(uint oid, string name) => [Oid(oid), Text(name), Oid(WellKnownOids.BootstrapSuperuser), Null, Null];
}
