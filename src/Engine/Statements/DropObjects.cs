using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>DROP of everything that lives in a database.</summary>
static class DropObjects
{
    public static string Execute(DropStatement statement, StatementContext context)
    {
        if (statement.IsConcurrent)
            context.ForbidTransactionBlock("DROP INDEX CONCURRENTLY");
        var targets = new List<DropTarget>();
        foreach (var reference in statement.Objects)
            if (Find(statement, context, reference) is { } target && !targets.Contains(target))
                targets.Add(target);
        if (targets.Count > 0)
            Dropper.Drop(context, targets, statement.Behavior);
        return "DROP " + KindName(statement.Kind).ToUpperInvariant();
    }

    static DropTarget? Find(DropStatement statement, StatementContext context, ObjectReference reference) => statement.Kind switch
    {
        ObjectKind.Table => Relation<Relation>(statement, context, reference, relation => relation.Kind == RelationKind.Table, SqlState.UndefinedTable),
        ObjectKind.View => Relation<Relation>(statement, context, reference, relation => relation.Kind == RelationKind.View, SqlState.UndefinedTable),
        ObjectKind.MaterializedView => Relation<Relation>(statement, context, reference, relation => relation.Kind == RelationKind.MaterializedView, SqlState.UndefinedTable),
        ObjectKind.Sequence => Relation<SequenceDefinition>(statement, context, reference, _ => true, SqlState.UndefinedTable),
        ObjectKind.Index => Relation<IndexDefinition>(statement, context, reference, _ => true, SqlState.UndefinedObject),
        ObjectKind.Schema => Schema(statement, context, reference.Name.Name),
        ObjectKind.Extension => Extension(statement, context, reference.Name.Name),
        ObjectKind.Type or ObjectKind.Domain => TypeTarget(statement, context, reference),
        ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Aggregate or ObjectKind.Routine when statement.IfExists => MissingFunction(statement, context, reference),
        _ => MissingOther(statement, context, reference),
    };

    static WholeObject? Relation<T>(DropStatement statement, StatementContext context, ObjectReference reference, Func<T, bool> isRightKind, string missingState) where T : SchemaObject
    {
        var name = reference.Name;
        if (name.Schema is { } schema && context.Names.FindSchema(schema) == 0)
            return Missing(statement, context, CatalogErrors.UndefinedSchema(schema));
        var found = context.Names.FindRelation(name);
        if (found is null)
            return Missing(statement, context, new PgError(missingState, $"{KindName(statement.Kind)} \"{CatalogErrors.Written(name)}\" does not exist"));
        if (found is SystemTable system)
            throw new PgError(SqlState.InsufficientPrivilege, $"permission denied: \"{system.Name}\" is a system catalog");
        if (found is not T item || !isRightKind(item))
        {
            var actual = Actual((SchemaObject)found);
            throw new PgError(SqlState.WrongObjectType, $"\"{name.Name}\" is not {WithArticle(KindName(statement.Kind))}")
            {
                Hint = actual == "type" ? "Use DROP TYPE to remove a type." : $"Use DROP {actual.ToUpperInvariant()} to remove {WithArticle(actual)}.",
            };
        }
        RequireOwnerOfObjectOrSchema(context, item is IndexDefinition index ? context.Snapshot.Get<Relation>(index.Table) : item, item);
        if (item is IndexDefinition of)
            context.Lock(CatalogLocks.Relation(context.Database, of.Table), LockMode.AccessExclusive);
        context.Lock(CatalogLocks.Relation(context.Database, item.Oid), LockMode.AccessExclusive);
        if (context.Snapshot.Find<T>(item.Oid) is not { } locked)
            return Relation(statement, context, reference, isRightKind, missingState);
        ForbidPartOfAnother(context, locked);
        return new WholeObject(locked);
    }

    // The index of a constraint and the sequence of an identity column go only with their owner.
    static void ForbidPartOfAnother(StatementContext context, SchemaObject item)
    {
        DropTarget? owner = item switch
        {
            IndexDefinition { ConstraintOid: not 0 } index when context.Snapshot.Get<Relation>(index.Table) is var table
                => new TableConstraint(table, table.Constraints.First(constraint => constraint.Oid == index.ConstraintOid)),
            SequenceDefinition { IsIdentity: true } sequence => new TableColumn(context.Snapshot.Get<Relation>(sequence.OwnedBy), sequence.OwnedByColumn),
            _ => null,
        };
        if (owner is null)
            return;
        var names = new ObjectNames(context.Names);
        throw new PgError(SqlState.DependentObjectsStillExist, $"cannot drop {names.Describe(item)} because {names.Describe(owner)} requires it")
        {
            Hint = $"You can drop {names.Describe(owner)} instead.",
        };
    }

    static WholeObject? Schema(DropStatement statement, StatementContext context, string name)
    {
        if (context.Snapshot.FindSchema(name) is not { } schema)
            return Missing(statement, context, CatalogErrors.UndefinedSchema(name));
        schema = context.LockObject(schema, LockMode.AccessExclusive);
        Privileges.RequireOwner(context.Snapshot, context.Role, schema);
        if (schema.Oid is WellKnownOids.PgCatalog or WellKnownOids.InformationSchema or WellKnownOids.PgToast)
            throw new PgError(SqlState.DependentObjectsStillExist, $"cannot drop schema {name} because it is required by the database system");
        return new WholeObject(schema);
    }

    static WholeObject? Extension(DropStatement statement, StatementContext context, string name)
    {
        if (context.Snapshot.FindExtension(name) is not { } extension)
            return Missing(statement, context, CatalogErrors.UndefinedObject("extension", name));
        extension = context.LockObject(extension, LockMode.AccessExclusive);
        Privileges.RequireOwner(context.Snapshot, context.Role, extension);
        return new WholeObject(extension);
    }

    static WholeObject? TypeTarget(DropStatement statement, StatementContext context, ObjectReference reference)
    {
        var name = reference.Type?.Name ?? reference.Name;
        if (name.Schema is { } schema && context.Names.FindSchema(schema) == 0)
            return Missing(statement, context, CatalogErrors.UndefinedSchema(schema));
        if (context.Names.FindType(name.Schema, name.Name) is not { } type)
            return Missing(statement, context, CatalogErrors.UndefinedObject("type", CatalogErrors.Written(name)));
        var definition = context.Snapshot.DefinitionOf(type);
        if (definition is null)
            throw KnownExtensions.OwnerOf(type) is { } extension && context.Snapshot.HasExtension(extension)
                ? new PgError(SqlState.DependentObjectsStillExist, $"cannot drop type {context.Names.FormatType(type)} because extension {extension} requires it")
                {
                    Hint = $"You can drop extension {extension} instead.",
                }
                : new PgError(SqlState.DependentObjectsStillExist, $"cannot drop type {context.Names.FormatType(type)} because it is required by the database system");
        if (type.IsArray)
            throw new PgError(SqlState.DependentObjectsStillExist, $"cannot drop type {context.Names.FormatType(type)} because type {context.Names.FormatType(type.Element!)} requires it")
            {
                Hint = $"You can drop type {context.Names.FormatType(type.Element!)} instead.",
            };
        if (definition is Relation { Kind: not RelationKind.CompositeType } relation)
            throw new PgError(SqlState.DependentObjectsStillExist, $"cannot drop type {context.Names.FormatType(type)} because {new ObjectNames(context.Names).Describe(relation)} requires it")
            {
                Hint = $"You can drop {new ObjectNames(context.Names).Describe(relation)} instead.",
            };
        if (statement.Kind == ObjectKind.Domain && type.Kind != TypeKind.Domain)
            throw CatalogErrors.WrongKind(CatalogErrors.Written(name), "a domain");
        RequireOwnerOfObjectOrSchema(context, definition, definition);
        return new WholeObject(context.LockObject(definition, LockMode.AccessExclusive));
    }

    static WholeObject? MissingFunction(DropStatement statement, StatementContext context, ObjectReference reference)
    {
        var arguments = string.Join(",", (reference.Arguments ?? []).Select(argument => argument is null ? "none" : context.Names.FormatType(context.Names.ResolveType(argument).Type)));
        context.Notice($"{KindName(statement.Kind)} {CatalogErrors.Written(reference.Name)}({arguments}) does not exist, skipping");
        return null;
    }

    // Kinds of objects that cannot be made here: IF EXISTS finds none.
    static WholeObject? MissingOther(DropStatement statement, StatementContext context, ObjectReference reference)
    {
        if (!statement.IfExists)
            throw PgError.Unsupported("DROP " + KindName(statement.Kind).ToUpperInvariant(), statement.Position);
        var of = reference.Owner is { } owner ? $" for relation \"{CatalogErrors.Written(owner)}\"" : "";
        context.Notice($"{KindName(statement.Kind)} \"{CatalogErrors.Written(reference.Name)}\"{of} does not exist, skipping");
        return null;
    }

    static WholeObject? Missing(DropStatement statement, StatementContext context, PgError error)
    {
        if (!statement.IfExists)
            throw error;
        context.Notice(error.Message + ", skipping");
        return null;
    }

    static void RequireOwnerOfObjectOrSchema(StatementContext context, CatalogObject owned, SchemaObject item)
    {
        if (!Privileges.IsOwner(context.Snapshot, context.Role, owned) && !Privileges.IsOwner(context.Snapshot, context.Role, context.Snapshot.Get<SchemaDefinition>(item.Schema)))
            Privileges.RequireOwner(context.Snapshot, context.Role, item);
    }

    static string Actual(SchemaObject item) => Privileges.KindInMessages(item);

    static string WithArticle(string kind) => ("aeiou".Contains(kind[0]) ? "an " : "a ") + kind;

    /// <summary>The words of an object kind in lower case: <c>materialized view</c>.</summary>
    public static string KindName(ObjectKind kind)
        => string.Concat(kind.ToString().Select((letter, i) => i > 0 && char.IsUpper(letter) ? " " + char.ToLowerInvariant(letter) : char.ToLowerInvariant(letter).ToString()));
}
