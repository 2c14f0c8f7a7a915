using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Finds and locks the existing objects that a definition statement names.</summary>
public static class RelationFinder
{
    /// <summary>The table, locked, owned by the role. Raises 42P01, 42809, 42501.</summary>
    public static Relation OwnedTable(StatementContext context, QualifiedName name, LockMode mode)
    {
        var relation = Find<Relation>(context, name, mode);
        if (relation.Kind != RelationKind.Table)
            throw CatalogErrors.WrongKind(relation.Name, "a table");
        Privileges.RequireOwner(context.Snapshot, context.Role, relation);
        return relation;
    }

    /// <summary>The relation of some kind, locked. Raises 42P01, 42809 when it is of another class.</summary>
    public static T Find<T>(StatementContext context, QualifiedName name, LockMode mode) where T : SchemaObject
    {
        while (true)
        {
            var found = context.Names.FindRelation(name) switch
            {
                T item => item,
                SystemTable system => throw new PgError(SqlState.InsufficientPrivilege, $"permission denied: \"{system.Name}\" is a system catalog"),
                SchemaObject other => throw CatalogErrors.WrongKind(other.Name, KindOf<T>()),
                _ => throw CatalogErrors.UndefinedRelation(name with { Position = 0 }),
            };
            context.Lock(CatalogLocks.Relation(context.Database, found.Oid), mode);
            // While the lock was waited for, the name may have moved to another relation.
            if (context.Names.FindRelation(name) is T after && after.Oid == found.Oid)
                return after;
        }
    }

    static string KindOf<T>() => typeof(T) == typeof(SequenceDefinition) ? "a sequence" : typeof(T) == typeof(IndexDefinition) ? "an index" : "a table";
}
