using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>
/// Locks, until the transaction ends, what a new or changed object newly refers to, as PostgreSQL's recordDependencyOn does. DROP takes the
/// lock that excludes this one before it looks for dependents, so neither can leave an object without what it needs.
/// </summary>
static class ReferenceLocks
{
    /// <summary>Raises 42704 when something that the object needs is gone, and what waiting for a lock raises.</summary>
    /// <param name="session">Whose transaction locks.</param>
    /// <param name="catalog">The transaction's catalog, with the object in it.</param>
    /// <param name="before">The object before the change: what that needed is safe already; null for a new one.</param>
    /// <param name="oid">The object; nothing happens when the statement has dropped it again.</param>
    public static void Take(Session session, CatalogTransaction catalog, CatalogObject? before, uint oid)
    {
        if (catalog.Snapshot.Find(oid) is not { } item)
            return;
        var known = before is null ? [] : Needs(catalog.Snapshot, before).ToHashSet();
        foreach (var need in Needs(catalog.Snapshot, item).ToList())
            if (known.Add(need))
                Lock(session, catalog, item, need);
        // Nobody else knows of a new relation; pg_locks shows that it is locked.
        if (before is null && item is Relation or IndexDefinition or SequenceDefinition)
            StatementLocks.Acquire(session, CatalogLocks.Of(session.DatabaseOid, item), LockMode.AccessExclusive);
    }

    /// <summary>What an object needs beside its own parts: objects and columns, the roles that own it or have been granted something, built-in ones left out.</summary>
    static IEnumerable<ObjectAddress> Needs(CatalogSnapshot snapshot, CatalogObject item)
    {
        foreach (var dependency in Dependencies.Of(snapshot, item))
            if (dependency.On.Oid != item.Oid && !IsPart(item, dependency.On.Oid) && dependency.On.Oid is not (WellKnownOids.PgCatalog or WellKnownOids.InformationSchema))
                yield return dependency.On;
        IEnumerable<uint> roles = [item.Owner, .. item.Acl is { } acl ? acl.SelectMany(entry => new[] { entry.Grantee, entry.Grantor }) : []];
        if (item is RoleDefinition member)
            roles = member.MemberOf.Select(membership => membership.Role);
        foreach (var role in roles)
            if (role >= WellKnownOids.FirstUserObject)
                yield return new(role);
    }

    static bool IsPart(CatalogObject item, uint oid) => item switch
    {
        Relation relation => oid == relation.RowTypeOid || relation.Constraints.Any(constraint => constraint.Oid == oid),
        IndexDefinition index => oid == index.ConstraintOid,
        TypeDefinition type => oid == type.ArrayTypeOid,
        // Its types depend on each other.
        ExtensionDefinition => PgTypes.Find(oid) is not null,
        _ => false,
    };

    static void Lock(Session session, CatalogTransaction catalog, CatalogObject item, ObjectAddress need)
    {
        if (Find(catalog.Snapshot, need) is not { } needed)
            throw Dropped(item, need, null);
        var tag = CatalogLocks.Of(session.DatabaseOid, needed);
        // Any lock of its own keeps DROP away.
        if (session.Cluster.Store.Locks.Holds(session.Block!.Transaction, tag))
            return;
        StatementLocks.Acquire(session, tag, LockMode.AccessShare);
        catalog.Refresh();
        if (Find(catalog.Snapshot, need) is null)
            throw Dropped(item, need, needed);
    }

    /// <summary>The object behind an address: a type's is its definition, its relation or its extension. Null when that, or the column, is gone.</summary>
    static CatalogObject? Find(CatalogSnapshot snapshot, ObjectAddress address) => snapshot.Find(address.Oid) switch
    {
        Relation relation when address.Column != 0 => relation.LiveColumns.Any(column => column.Number == address.Column) ? relation : null,
        { } found => found,
        null when snapshot.FindType(address.Oid) is { } type
            => snapshot.DefinitionOf(type) ?? (KnownExtensions.OwnerOf(type.Element ?? type) is { } extension ? snapshot.FindExtension(extension) : (CatalogObject?)null),
        null => null,
    };

    static PgError Dropped(CatalogObject item, ObjectAddress need, CatalogObject? was)
        => new(SqlState.UndefinedObject, was is RoleDefinition || need.Oid == item.Owner
            ? $"role {need.Oid} was concurrently dropped"
            : $"referenced {Kind(item, need, was)} was concurrently dropped");

    static string Kind(CatalogObject item, ObjectAddress need, CatalogObject? was) => was switch
    {
        SchemaDefinition => "schema",
        ExtensionDefinition when need.Oid == was.Oid => item is IndexDefinition ? "operator class" : "extension",
        Relation { Kind: not RelationKind.CompositeType } or IndexDefinition or SequenceDefinition when need.Oid == was.Oid => need.Column == 0 ? "relation" : "column",
        null when need.Column != 0 => "column",
        null when item is SchemaObject { Schema: var schema } && schema == need.Oid => "schema",
        _ => "type",
    };
}
