using System.Collections.Immutable;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>The objects that all databases of a cluster share: roles and databases. Immutable.</summary>
public sealed record SharedObjects
{
    public static readonly SharedObjects Empty = new();

    ImmutableDictionary<uint, CatalogObject> Objects { get; init; } = ImmutableDictionary<uint, CatalogObject>.Empty;
    ImmutableDictionary<string, uint> RoleNames { get; init; } = ImmutableDictionary<string, uint>.Empty;
    ImmutableDictionary<string, uint> DatabaseNames { get; init; } = ImmutableDictionary<string, uint>.Empty;

    public IEnumerable<RoleDefinition> Roles => Objects.Values.OfType<RoleDefinition>().OrderBy(role => role.Oid);
    public IEnumerable<DatabaseDefinition> Databases => Objects.Values.OfType<DatabaseDefinition>().OrderBy(database => database.Oid);

    public CatalogObject? Find(uint oid) => Objects.GetValueOrDefault(oid);
    public RoleDefinition? FindRole(uint oid) => Objects.GetValueOrDefault(oid) as RoleDefinition;
    public RoleDefinition? FindRole(string name) => RoleNames.TryGetValue(name, out var oid) ? FindRole(oid) : null;
    public DatabaseDefinition? FindDatabase(uint oid) => Objects.GetValueOrDefault(oid) as DatabaseDefinition;
    public DatabaseDefinition? FindDatabase(string name) => DatabaseNames.TryGetValue(name, out var oid) ? FindDatabase(oid) : null;

    /// <summary>Name of a role for people; PostgreSQL's <c>unknown (OID=n)</c> when it is gone.</summary>
    public string RoleName(uint oid) => FindRole(oid)?.Name ?? $"unknown (OID={oid})";

    /// <summary>Whether <paramref name="role"/> is <paramref name="other"/>, a member of it (directly or not), or a superuser.</summary>
    public bool IsMember(uint role, uint other) => FindRole(role) is { IsSuperuser: true } || RolesOf(role).Contains(other);

    /// <summary>The role itself and all roles it is a member of; those that a NOINHERIT role would have to SET ROLE to only if asked.</summary>
    public HashSet<uint> RolesOf(uint role, bool inheritedOnly = false)
    {
        var found = new HashSet<uint> { role };
        var waiting = new Queue<uint>(found);
        while (waiting.TryDequeue(out var next))
        {
            if (FindRole(next) is not { } definition || (inheritedOnly && !definition.Inherits))
                continue;
            foreach (var membership in definition.MemberOf)
                if (found.Add(membership.Role))
                    waiting.Enqueue(membership.Role);
        }
        return found;
    }

    internal SharedObjects With(CatalogObject item)
    {
        var without = Without(item.Oid);
        var changed = without with { Objects = without.Objects.SetItem(item.Oid, item) };
        return item is RoleDefinition
            ? changed with { RoleNames = changed.RoleNames.SetItem(item.Name, item.Oid) }
            : changed with { DatabaseNames = changed.DatabaseNames.SetItem(item.Name, item.Oid) };
    }

    internal SharedObjects Without(uint oid)
    {
        if (Find(oid) is not { } old)
            return this;
        var changed = this with { Objects = Objects.Remove(oid) };
        return old is RoleDefinition
            ? changed with { RoleNames = changed.RoleNames.Remove(old.Name) }
            : changed with { DatabaseNames = changed.DatabaseNames.Remove(old.Name) };
    }
}
