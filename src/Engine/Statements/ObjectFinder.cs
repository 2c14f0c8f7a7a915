using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Finds and locks any object that COMMENT, GRANT, ALTER … OWNER, RENAME and SET SCHEMA name.</summary>
static class ObjectFinder
{
    /// <summary>The object, locked. Raises the error of its kind when there is none, 0A000 for kinds that are not in the catalog.</summary>
    /// <param name="mode">For tables and views: what COMMENT and GRANT change, readers and writers need not wait for.</param>
    public static CatalogObject Find(StatementContext context, ObjectReference reference, LockMode mode = LockMode.AccessExclusive) => reference.Kind switch
    {
        ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.ForeignTable => Relation(context, reference, mode),
        ObjectKind.Sequence => RelationFinder.Find<SequenceDefinition>(context, reference.Name, LockMode.ShareRowExclusive),
        ObjectKind.Index => RelationFinder.Find<IndexDefinition>(context, reference.Name, LockMode.ShareUpdateExclusive),
        ObjectKind.Schema => context.LockObject(context.Snapshot.FindSchema(reference.Name.Name) ?? throw CatalogErrors.UndefinedSchema(reference.Name.Name)),
        ObjectKind.Database => context.LockObject(context.Snapshot.Shared.FindDatabase(reference.Name.Name) ?? throw CatalogErrors.UndefinedDatabase(reference.Name.Name)),
        ObjectKind.Role => context.LockObject(context.Snapshot.Shared.FindRole(reference.Name.Name) ?? throw CatalogErrors.UndefinedRole(reference.Name.Name)),
        ObjectKind.Extension => context.LockObject(context.Snapshot.FindExtension(reference.Name.Name) ?? throw CatalogErrors.UndefinedObject("extension", reference.Name.Name)),
        ObjectKind.Type or ObjectKind.Domain => Type(context, reference.Type?.Name ?? reference.Name),
        _ => throw PgError.Unsupported($"this statement for {DropObjects.KindName(reference.Kind)} objects", reference.Position),
    };

    /// <summary>A table, view or materialized view, of the kind that was named. Raises 42P01, 42809.</summary>
    static Relation Relation(StatementContext context, ObjectReference reference, LockMode mode)
    {
        var relation = RelationFinder.Find<Relation>(context, reference.Name, mode);
        var fits = reference.Kind switch
        {
            ObjectKind.View => relation.Kind == RelationKind.View,
            ObjectKind.MaterializedView => relation.Kind == RelationKind.MaterializedView,
            ObjectKind.ForeignTable => false,
            _ => relation.Kind != RelationKind.CompositeType,
        };
        return fits ? relation : throw CatalogErrors.WrongKind(relation.Name, "a " + DropObjects.KindName(reference.Kind));
    }

    static CatalogObject Type(StatementContext context, QualifiedName name)
    {
        var type = context.Names.FindType(name.Schema, name.Name) ?? throw CatalogErrors.UndefinedObject("type", CatalogErrors.Written(name));
        return context.Snapshot.DefinitionOf(type) is { } definition
            ? context.LockObject<CatalogObject>(definition)
            : throw new PgError(SqlState.InsufficientPrivilege, $"must be owner of type {context.Names.FormatType(type)}");
    }
}
