using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>has_…_privilege, pg_has_role: whether a role may. The role may be left out (the current one), a name, or an OID; so may the object.</summary>
static class PrivilegeFunctions
{
    delegate CatalogObject? Finder(NameResolver names, Datum given, bool isName);

    public static FunctionTable Table => new(
    [
        .. Forms("has_table_privilege", Relation),
        .. Forms("has_sequence_privilege", Relation),
        .. Forms("has_any_column_privilege", Relation),
        .. Forms("has_schema_privilege", (names, given, isName) => isName ? names.Snapshot.Get<SchemaDefinition>(names.RequireSchema(given.AsString)) : names.Snapshot.Find<SchemaDefinition>(given.AsOid)),
        .. Forms("has_database_privilege", (names, given, isName) => isName
            ? names.Snapshot.Shared.FindDatabase(given.AsString) ?? throw CatalogErrors.UndefinedDatabase(given.AsString)
            : names.Snapshot.Shared.FindDatabase(given.AsOid)),
        .. Forms("has_type_privilege", (names, given, isName) => names.Snapshot.Database),
        .. Always("has_function_privilege"),
        .. Always("has_language_privilege"),
        .. Always("has_tablespace_privilege"),
        CatalogFunction.Lookup("acldefault", PgTypes.Text.Array!, [PgTypes.Char, PgTypes.Oid], (arguments, names)
            => SystemRows.Texts(Defaults((char)arguments[0].AsInt64, arguments[1].AsOid).Select(item => item.ToText(names.Snapshot.Shared)))),
        .. ColumnForms(),
        .. RoleForms(),
    ]);

    /// <summary>The privileges of an object of this kind that nothing was granted on.</summary>
    static IEnumerable<AclItem> Defaults(char kind, uint owner) => kind switch
    {
        'r' => [new(owner, owner, Rights.AllOnTable)],
        's' => [new(owner, owner, Rights.AllOnSequence)],
        'd' => [new(AclItem.Public, owner, Rights.Temporary | Rights.Connect), new(owner, owner, Rights.AllOnDatabase)],
        'f' => [new(AclItem.Public, owner, Rights.Execute), new(owner, owner, Rights.Execute)],
        'l' or 'T' => [new(AclItem.Public, owner, Rights.Usage), new(owner, owner, Rights.Usage)],
        'L' => [new(owner, owner, Rights.Select | Rights.Update)],
        'n' => [new(owner, owner, Rights.AllOnSchema)],
        't' => [new(owner, owner, Rights.Create)],
        'p' => [new(owner, owner, Rights.Set | Rights.AlterSystem)],
        'F' or 'S' => [new(owner, owner, Rights.Usage)],
        'c' => [],
        _ => throw new PgError(SqlState.InvalidParameterValue, $"unrecognized object type abbreviation: {kind}"),
    };

    static CatalogObject? Relation(NameResolver names, Datum given, bool isName)
    {
        if (!isName)
            return names.Snapshot.Find(given.AsOid) ?? Readable(SystemTables.Find(given.AsOid));
        var name = RelationNames.Parse(given.AsString);
        return names.FindRelation(name) switch
        {
            CatalogObject found => found,
            SystemTable system => Readable(system),
            _ => throw CatalogErrors.UndefinedRelation(name),
        };
    }

    // System tables are read by everybody and written by nobody.
    static SequenceDefinition? Readable(SystemTable? table) => table is null ? null : new SequenceDefinition
    {
        Oid = table.Oid,
        Name = table.Name,
        Schema = table.Schema,
        StateId = 0,
        Type = PgTypes.Int8,
        Acl = [new AclItem(AclItem.Public, WellKnownOids.BootstrapSuperuser, Rights.Select)],
    };

    static IEnumerable<Function> Forms(string name, Finder find)
    {
        foreach (var objectType in new[] { PgTypes.Text, PgTypes.Oid })
        {
            var isName = objectType == PgTypes.Text;
            yield return CatalogFunction.Lookup(name, PgTypes.Bool, [objectType, PgTypes.Text], (arguments, names)
                => Ask(names, names.Role, find(names, arguments[0], isName), arguments[1].AsString));
            yield return CatalogFunction.Lookup(name, PgTypes.Bool, [PgTypes.Name, objectType, PgTypes.Text], (arguments, names)
                => Ask(names, Role(names, arguments[0].AsString), find(names, arguments[1], isName), arguments[2].AsString));
            yield return CatalogFunction.Lookup(name, PgTypes.Bool, [PgTypes.Oid, objectType, PgTypes.Text], (arguments, names)
                => Ask(names, arguments[0].AsOid, find(names, arguments[1], isName), arguments[2].AsString));
        }
    }

    static IEnumerable<Function> ColumnForms()
    {
        foreach (var objectType in new[] { PgTypes.Text, PgTypes.Oid })
            foreach (var columnType in new[] { PgTypes.Text, PgTypes.Int2 })
            {
                var isName = objectType == PgTypes.Text;
                yield return CatalogFunction.Lookup("has_column_privilege", PgTypes.Bool, [objectType, columnType, PgTypes.Text], (arguments, names)
                    => Ask(names, names.Role, Relation(names, arguments[0], isName), arguments[2].AsString));
                yield return CatalogFunction.Lookup("has_column_privilege", PgTypes.Bool, [PgTypes.Name, objectType, columnType, PgTypes.Text], (arguments, names)
                    => Ask(names, Role(names, arguments[0].AsString), Relation(names, arguments[1], isName), arguments[3].AsString));
            }
    }

    static IEnumerable<Function> Always(string name)
    {
        foreach (var objectType in new[] { PgTypes.Text, PgTypes.Oid })
        {
            yield return CatalogFunction.Lookup(name, PgTypes.Bool, [objectType, PgTypes.Text], (_, _) => Datum.True);
            yield return CatalogFunction.Lookup(name, PgTypes.Bool, [PgTypes.Name, objectType, PgTypes.Text], (_, _) => Datum.True);
        }
    }

    static IEnumerable<Function> RoleForms()
    {
        foreach (var roleType in new[] { PgTypes.Name, PgTypes.Oid })
        {
            uint Find(NameResolver names, Datum given) => roleType == PgTypes.Name ? Role(names, given.AsString) : given.AsOid;
            yield return CatalogFunction.Lookup("pg_has_role", PgTypes.Bool, [roleType, PgTypes.Text], (arguments, names)
                => HasRole(names, names.Role, Find(names, arguments[0]), arguments[1].AsString));
            yield return CatalogFunction.Lookup("pg_has_role", PgTypes.Bool, [PgTypes.Name, roleType, PgTypes.Text], (arguments, names)
                => HasRole(names, Role(names, arguments[0].AsString), Find(names, arguments[1]), arguments[2].AsString));
            yield return CatalogFunction.Lookup("pg_has_role", PgTypes.Bool, [PgTypes.Oid, roleType, PgTypes.Text], (arguments, names)
                => HasRole(names, arguments[0].AsOid, Find(names, arguments[1]), arguments[2].AsString));
        }
    }

    static Datum HasRole(NameResolver names, uint member, uint role, string privilege)
        => Datum.Of(privilege.ToUpperInvariant().StartsWith("USAGE", StringComparison.Ordinal)
            ? names.Snapshot.Shared.FindRole(member) is { IsSuperuser: true } || names.Snapshot.Shared.RolesOf(member, inheritedOnly: true).Contains(role)
            : names.Snapshot.Shared.IsMember(member, role));

    static uint Role(NameResolver names, string name)
        => name == "public" ? AclItem.Public : names.Snapshot.Shared.FindRole(name)?.Oid ?? throw CatalogErrors.UndefinedRole(name);

    /// <summary>Whether the role has any of the privileges of a list (<c>SELECT, INSERT WITH GRANT OPTION</c>).</summary>
    static Datum Ask(NameResolver names, uint role, CatalogObject? target, string list)
    {
        if (target is null)
            return Datum.Null;
        const string grantOption = " WITH GRANT OPTION";
        foreach (var item in list.Split(','))
        {
            var privilege = item.Trim();
            var isOption = privilege.EndsWith(grantOption, StringComparison.OrdinalIgnoreCase);
            var rights = Privileges.Parse(isOption ? privilege[..^grantOption.Length].Trim() : privilege);
            if ((Privileges.Granted(names.Snapshot, role, target, isOption) & rights) != 0)
                return Datum.True;
        }
        return Datum.False;
    }
}
