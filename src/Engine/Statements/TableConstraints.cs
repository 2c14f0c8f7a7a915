using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;
using Constraint = PgVectorCompat.Engine.Catalog.Constraint;

namespace PgVectorCompat.Engine.Statements;

/// <summary>ALTER TABLE's actions on constraints.</summary>
static class TableConstraints
{
    public static void Add(StatementContext context, Relation table, Sql.Constraint syntax)
    {
        var builder = new TableBuilder(context, table, isNew: false);
        builder.AddConstraint(syntax);
        Save(context, table, builder);
    }

    /// <summary>Checks the rows against what the builder added, then saves it.</summary>
    public static void Save(StatementContext context, Relation before, TableBuilder builder)
    {
        foreach (var number in builder.NewlyNotNull)
            if (number <= before.Columns.Length)
                RowChecks.RequireNoNulls(context, before, before.Column(number));
        builder.Save();
        foreach (var constraint in builder.ToValidate)
            RowChecks.Validate(context, builder.Relation, constraint);
    }

    public static void Alter(StatementContext context, Relation table, AlterConstraint action)
    {
        var constraint = Find(table, action.Name);
        if (constraint.Kind != ConstraintKind.ForeignKey)
            throw new PgError(SqlState.WrongObjectType, $"constraint \"{action.Name}\" of relation \"{table.Name}\" is not a foreign key constraint");
        Replace(context, table, constraint with { IsDeferrable = action.IsDeferrable, InitiallyDeferred = action.IsInitiallyDeferred });
    }

    public static void Validate(StatementContext context, Relation table, string name)
    {
        var constraint = Find(table, name);
        if (constraint.Kind is not ConstraintKind.ForeignKey and not ConstraintKind.Check)
            throw new PgError(SqlState.WrongObjectType, $"constraint \"{name}\" of relation \"{table.Name}\" is not a foreign key or check constraint");
        if (constraint.IsValidated)
            return;
        RowChecks.Validate(context, table, constraint);
        Replace(context, table, constraint with { IsValidated = true });
    }

    public static void Drop(StatementContext context, Relation table, DropConstraint action)
    {
        if (table.FindConstraint(action.Name) is { } constraint)
        {
            Dropper.Drop(context, [new TableConstraint(table, constraint)], action.Behavior);
            return;
        }
        if (!action.IfExists)
            throw CatalogErrors.UndefinedConstraint(action.Name, table.Name);
        context.Notice($"constraint \"{action.Name}\" of relation \"{table.Name}\" does not exist, skipping");
    }

    /// <summary>Renames a constraint, and the index behind it.</summary>
    public static void Rename(StatementContext context, Relation table, string name, string newName)
    {
        var constraint = Find(table, name);
        if (table.FindConstraint(newName) is not null)
            throw CatalogErrors.DuplicateConstraint(newName, table.Name);
        if (constraint.Kind is ConstraintKind.PrimaryKey or ConstraintKind.Unique)
        {
            CreationTarget.ClaimRelation(context, table.Schema, newName, withRowType: false);
            context.Catalog.Put(context.Snapshot.Get<IndexDefinition>(constraint.IndexOid) with { Name = newName });
        }
        Replace(context, table, constraint with { Name = newName });
    }

    public static Constraint Find(Relation table, string name) => table.FindConstraint(name) ?? throw CatalogErrors.UndefinedConstraint(name, table.Name);

    public static void Replace(StatementContext context, Relation table, Constraint constraint)
        => context.Catalog.Put(table with { Constraints = [.. table.Constraints.Select(other => other.Oid == constraint.Oid ? constraint : other)] });
}
