using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Runs the statements that change the catalog. Which file has which statement is what this table says.</summary>
public static class DefinitionStatements
{
    /// <summary>Runs a statement and returns its command tag; null when the statement is not one of these.</summary>
    public static string? TryExecute(Statement statement, StatementContext context) => statement switch
    {
        CreateTableStatement e => CreateTable.Execute(e, context),
        CreateTableAsStatement e => CreateTableAs.Execute(e, context),
        RefreshMaterializedViewStatement e => CreateTableAs.Refresh(e, context),
        AlterTableStatement e => AlterTable.Execute(e, context),
        CreateIndexStatement e => CreateIndex.Execute(e, context),
        CreateViewStatement e => CreateView.Execute(e, context),
        CreateSequenceStatement e => SequenceStatements.Create(e, context),
        AlterSequenceStatement e => SequenceStatements.Alter(e, context),
        CreateSchemaStatement e => CreateSchema.Execute(e, context),
        CreateEnumStatement e => TypeStatements.CreateEnum(e, context),
        AddEnumValueStatement e => TypeStatements.AddValue(e, context),
        RenameEnumValueStatement e => TypeStatements.RenameValue(e, context),
        CreateCompositeTypeStatement e => TypeStatements.CreateComposite(e, context),
        CreateDomainStatement e => TypeStatements.CreateDomain(e, context),
        AlterDomainStatement e => TypeStatements.AlterDomain(e, context),
        CreateExtensionStatement e => ExtensionStatements.Create(e, context),
        AlterExtensionUpdateStatement e => ExtensionStatements.Update(e, context),
        TruncateStatement e => TruncateTable.Execute(e, context),
        DropStatement { Kind: ObjectKind.Database } e => DatabaseStatements.Drop(e, context),
        DropStatement e => DropObjects.Execute(e, context),
        RenameStatement e => RenameStatements.Rename(e, context),
        AlterSchemaStatement e => RenameStatements.SetSchema(e, context),
        AlterOwnerStatement e => Ownership.Execute(e, context),
        CommentStatement e => CommentOn.Execute(e, context),
        CreateDatabaseStatement e => DatabaseStatements.Create(e, context),
        AlterDatabaseStatement e => DatabaseStatements.Alter(e, context),
        AlterDatabaseSetStatement e => DatabaseStatements.AlterSettings(e, context),
        CreateRoleStatement e => RoleStatements.Create(e, context),
        AlterRoleStatement e => RoleStatements.Alter(e, context),
        AlterRoleSetStatement e => RoleStatements.AlterSettings(e, context),
        AlterGroupStatement e => RoleStatements.AlterGroup(e, context),
        DropRoleStatement e => RoleStatements.Drop(e, context),
        GrantStatement e => GrantStatements.Execute(e, context),
        GrantRoleStatement e => RoleStatements.Grant(e, context),
        ReassignOwnedStatement e => GrantStatements.ReassignOwned(e, context),
        DropOwnedStatement e => GrantStatements.DropOwned(e, context),
        _ => null,
    };

    /// <summary>Runs a statement that must be one of these. Raises 0A000 otherwise.</summary>
    public static string Execute(Statement statement, StatementContext context)
        => TryExecute(statement, context) ?? throw PgError.Unsupported(statement.GetType().Name.Replace("Statement", "", StringComparison.Ordinal), statement.Position);
}
