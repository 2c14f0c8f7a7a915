using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>ALTER … RENAME TO and SET SCHEMA.</summary>
static class RenameStatements
{
    public static string Rename(RenameStatement statement, StatementContext context)
    {
        var reference = statement.Object;
        var tag = "ALTER " + DropObjects.KindName(reference.Kind is ObjectKind.Column or ObjectKind.Constraint ? statement.RelationKind : reference.Kind).ToUpperInvariant();
        var relationName = reference.Kind is ObjectKind.Column or ObjectKind.Constraint ? reference.Owner! : reference.Name;
        if (statement.IfExists && IsRelation(reference.Kind) && context.Names.FindRelation(relationName) is null)
        {
            context.Notice($"relation \"{CatalogErrors.Written(relationName)}\" does not exist, skipping");
            return tag;
        }
        switch (reference.Kind)
        {
            case ObjectKind.Column: RenameColumn(context, relationName, reference.Name.Name, statement.NewName); break;
            case ObjectKind.Constraint: RenameConstraint(context, relationName, reference.Name.Name, statement.NewName); break;
            case ObjectKind.Database: DatabaseStatements.Rename(context, reference.Name.Name, statement.NewName); break;
            case ObjectKind.Role: RenameRole(context, reference.Name.Name, statement.NewName); break;
            case ObjectKind.Schema: RenameSchema(context, reference, statement.NewName); break;
            case ObjectKind.DomainConstraint: RenameDomainConstraint(context, reference, statement.NewName); break;
            case ObjectKind.Type or ObjectKind.Domain: RenameType(context, reference, statement.NewName); break;
            default: RenameRelation(context, reference, statement.NewName); break;
        }
        return tag;
    }

    public static string SetSchema(AlterSchemaStatement statement, StatementContext context)
    {
        var tag = "ALTER " + DropObjects.KindName(statement.Object.Kind).ToUpperInvariant();
        if (statement.IfExists && context.Names.FindRelation(statement.Object.Name) is null)
        {
            context.Notice($"relation \"{CatalogErrors.Written(statement.Object.Name)}\" does not exist, skipping");
            return tag;
        }
        var target = (SchemaObject)ObjectFinder.Find(context, statement.Object);
        Privileges.RequireOwner(context.Snapshot, context.Role, target);
        var schema = target is TypeDefinition
            ? context.Names.RequireSchema(statement.NewSchema)
            : CreationTarget.LockSchema(context, () => context.Names.RequireSchema(statement.NewSchema));
        CreationTarget.RequireCreate(context, schema);
        if (target is SequenceDefinition { OwnedBy: not 0 } sequence)
            throw new PgError(SqlState.FeatureNotSupported, "cannot move an owned sequence into another schema")
            {
                Detail = $"Sequence \"{sequence.Name}\" is linked to table \"{context.Snapshot.Get<Relation>(sequence.OwnedBy).Name}\".",
            };
        if (target.Schema == schema)
            return tag;
        if (target is Relation or SequenceDefinition or IndexDefinition)
        {
            if (!CreationTarget.TryClaimRelation(context, schema, target.Name))
                throw new PgError(SqlState.DuplicateTable, $"relation \"{target.Name}\" already exists in schema \"{statement.NewSchema}\"");
        }
        else if (target is TypeDefinition)
        {
            CreationTarget.ClaimType(context, schema, target.Name);
        }
        ChangeNames(context, target, () =>
        {
            context.Catalog.Put(target with { Schema = schema });
            if (target is not Relation table)
                return;
            foreach (var index in context.Snapshot.IndexesOf(table.Oid).ToList())
                context.Catalog.Put(index with { Schema = schema });
            foreach (var owned in context.Snapshot.SequencesOf(table.Oid).ToList())
                context.Catalog.Put(owned with { Schema = schema });
        });
        return tag;
    }

    static bool IsRelation(ObjectKind kind)
        => kind is ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Index or ObjectKind.Sequence or ObjectKind.Column or ObjectKind.Constraint;

    static void RenameRelation(StatementContext context, ObjectReference reference, string newName)
    {
        // ALTER TABLE renames every kind of relation. Only an index may be in use meanwhile.
        var target = reference.Kind is ObjectKind.Table or ObjectKind.Sequence
            ? RelationFinder.Find<SchemaObject>(context, reference.Name, LockMode.AccessExclusive)
            : (SchemaObject)ObjectFinder.Find(context, reference);
        RequireOwner(context, target);
        if (target is Relation { Kind: RelationKind.CompositeType })
            throw new PgError(SqlState.WrongObjectType, $"\"{target.Name}\" is a composite type") { Hint = "Use ALTER TYPE instead." };
        CreationTarget.ClaimRelation(context, target.Schema, newName, withRowType: target is Relation);
        ChangeNames(context, target, () => context.Catalog.Put(target with { Name = newName }));
        // A constraint is called as its index is.
        if (target is IndexDefinition { ConstraintOid: not 0 } index && context.Snapshot.Get<Relation>(index.Table) is var table)
            TableConstraints.Replace(context, table, table.Constraints.First(constraint => constraint.Oid == index.ConstraintOid) with { Name = newName });
    }

    static void RenameColumn(StatementContext context, QualifiedName name, string columnName, string newName)
    {
        var relation = RelationFinder.Find<Relation>(context, name, LockMode.AccessExclusive);
        Privileges.RequireOwner(context.Snapshot, context.Role, relation);
        var column = relation.FindColumn(columnName) ?? throw new PgError(SqlState.UndefinedColumn, $"column \"{columnName}\" does not exist");
        if (relation.FindColumn(newName) is not null)
            throw CatalogErrors.DuplicateColumn(newName, relation.Name);
        var address = new ObjectAddress(relation.Oid, column.Number);
        var views = new ViewColumnRenaming(context, relation, column, newName);
        string Renamed(string stored) => SqlWriter.Write(SyntaxRewriter.Rewrite(SqlParser.ParseExpression(stored), node
            => node is ColumnReference reference && reference.Name == columnName ? reference with { Names = reference.Names.SetItem(reference.Names.Length - 1, newName) } : node));
        foreach (var index in context.Snapshot.IndexesOf(relation.Oid).Where(index => index.References.Contains(address)).ToList())
            context.Catalog.Put(index with
            {
                Keys = [.. index.Keys.Select(key => key.Expression is null ? key : key with { Expression = Renamed(key.Expression) })],
                Predicate = index.Predicate is null ? null : Renamed(index.Predicate),
            });
        var number = relation.LiveColumns.TakeWhile(other => other.Number != column.Number).Count();
        context.Catalog.Put(relation with
        {
            ViewDefinition = relation.ViewDefinition is { } query
                ? SqlWriter.Write(OutputNames.Give(SqlParser.ParseQuery(query), [.. relation.LiveColumns.Select((other, i) => i == number ? newName : other.Name)])) : null,
            Columns = [.. relation.Columns.Select(other => other.Number == column.Number ? other with { Name = newName }
                : other is { IsGenerated: true, Default: { } expression } ? other with { Default = Renamed(expression) } : other)],
            Constraints = [.. relation.Constraints.Select(constraint => constraint.Expression is { } check && constraint.Columns.Contains(column.Number)
                ? constraint with { Expression = Renamed(check) } : constraint)],
        });
        views.Finish();
    }

    static void RenameConstraint(StatementContext context, QualifiedName name, string constraint, string newName)
    {
        var table = RelationFinder.Find<Relation>(context, name, LockMode.AccessExclusive);
        Privileges.RequireOwner(context.Snapshot, context.Role, table);
        TableConstraints.Rename(context, table, constraint, newName);
    }

    static void RenameDomainConstraint(StatementContext context, ObjectReference reference, string newName)
    {
        var name = reference.Owner!;
        var type = context.Names.FindType(name.Schema, name.Name) ?? throw CatalogErrors.UndefinedObject("type", CatalogErrors.Written(name));
        var domain = context.LockObject(context.Snapshot.Find<TypeDefinition>(type.Oid) ?? throw CatalogErrors.WrongKind(name.Name, "a domain"));
        Privileges.RequireOwner(context.Snapshot, context.Role, domain);
        var check = domain.Checks.FirstOrDefault(check => check.Name == reference.Name.Name)
            ?? throw new PgError(SqlState.UndefinedObject, $"constraint \"{reference.Name.Name}\" for domain {domain.Name} does not exist");
        context.Catalog.Put(domain with { Checks = domain.Checks.Replace(check, check with { Name = newName }) });
    }

    static void RenameRole(StatementContext context, string name, string newName)
    {
        Roles.ForbidReserved(newName);
        var role = context.LockObject(context.Snapshot.Shared.FindRole(name) ?? throw CatalogErrors.UndefinedRole(name));
        if (role.Oid == context.SessionRole)
            throw new PgError(SqlState.FeatureNotSupported, "session user cannot be renamed");
        if (!Privileges.IsSuperuser(context.Snapshot, context.Role) && (role.IsSuperuser || context.Snapshot.Shared.FindRole(context.Role) is not { CanCreateRole: true }))
            throw new PgError(SqlState.InsufficientPrivilege, "permission denied to rename role");
        context.Lock(CatalogLocks.NameOfShared("role " + newName), LockMode.AccessExclusive);
        if (context.Snapshot.Shared.FindRole(newName) is not null)
            throw CatalogErrors.DuplicateObject("role", newName);
        context.Catalog.Put(role with { Name = newName });
    }

    static void RenameSchema(StatementContext context, ObjectReference reference, string newName)
    {
        var schema = (SchemaDefinition)ObjectFinder.Find(context, reference);
        Privileges.RequireOwner(context.Snapshot, context.Role, schema);
        if (newName.StartsWith("pg_", StringComparison.Ordinal))
            throw new PgError(SqlState.ReservedName, $"unacceptable schema name \"{newName}\"") { Detail = "The prefix \"pg_\" is reserved for system schemas." };
        context.Lock(CatalogLocks.NameOfType(context.Database, 0, newName), LockMode.AccessExclusive);
        if (context.Snapshot.FindSchema(newName) is not null)
            throw new PgError(SqlState.DuplicateSchema, $"schema \"{newName}\" already exists");
        ChangeNames(context, schema, () => context.Catalog.Put(schema with { Name = newName }));
    }

    static void RenameType(StatementContext context, ObjectReference reference, string newName)
    {
        var target = (SchemaObject)ObjectFinder.Find(context, reference);
        Privileges.RequireOwner(context.Snapshot, context.Role, target);
        if (target is Relation { Kind: not RelationKind.CompositeType })
            throw new PgError(SqlState.WrongObjectType, $"{target.Name} is a table's row type") { Hint = "Use ALTER TABLE instead." };
        CreationTarget.ClaimType(context, target.Schema, newName);
        ChangeNames(context, target, () => context.Catalog.Put(target with { Name = newName }));
    }

    static void RequireOwner(StatementContext context, SchemaObject target)
        => Privileges.RequireOwner(context.Snapshot, context.Role, target is IndexDefinition index ? context.Snapshot.Get<Relation>(index.Table) : target);

    /// <summary>
    /// Makes a change of names, then brings the stored SQL that names the target up to date: it is read under the old names and
    /// written under the new ones.
    /// </summary>
    static void ChangeNames(StatementContext context, CatalogObject target, Action change)
    {
        var before = context.Names;
        change();
        var after = context.Snapshot;
        string? NewRelationName(QualifiedName name) => before.FindRelation(name) is SchemaObject found && after.Find<SchemaObject>(found.Oid) is { } now
            && (now.Name != name.Name || after.SchemaName(now.Schema) != name.Schema) ? Identifier.Quote(after.SchemaName(now.Schema), now.Name) : null;
        T Update<T>(T tree) where T : Node => SyntaxRewriter.Rewrite(tree, node => node switch
        {
            TableReference { Name.Schema: not null } table when NewRelationName(table.Name) is { } changed => table with
            {
                Name = RelationNames.Parse(changed),
                // Columns are qualified with the name the table had.
                Alias = table.Alias ?? new Alias(table.Name.Name, [], 0),
            },
            TypeName { Name: { Schema: { } schema } name } type when before.FindType(schema, name.Name) is { } found && after.DefinitionOf(found) is { } now
                => type with { Name = name with { Schema = after.SchemaName(now.Schema), Name = found.IsArray ? name.Name : now.Name } },
            FunctionCall { Function: { Schema: { } schema } name } call when target is SchemaDefinition renamed && schema == renamed.Name
                => call with { Function = name with { Schema = after.SchemaName(renamed.Oid) } },
            _ => node,
        });
        foreach (var view in after.All<Relation>().Where(relation => relation.ViewDefinition is not null).ToList())
        {
            var query = SqlParser.ParseQuery(view.ViewDefinition!);
            var text = SqlWriter.Write(Update(query));
            if (text != SqlWriter.Write(query))
                context.Catalog.Put(context.Snapshot.Get<Relation>(view.Oid) with { ViewDefinition = text });
        }
    }
}
