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
        QueryStatement { Query: SelectQuery { Into: { } into } select } e
            => CreateTableAs.Execute(new CreateTableAsStatement(into.Table, [], e with { Query = select with { Into = null } }, into.Position) { Persistence = into.Persistence }, context),
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
        ReindexStatement e => Reindex.Execute(e, context),
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
        => TryExecute(statement, context) ?? throw PgError.Unsupported(Tag(statement), statement.Position);

    /// <summary>The statement's name, as its command tag has it: for messages that are raised before it runs.</summary>
    public static string Tag(Statement statement) => statement switch
    {
        InsertStatement => "INSERT",
        UpdateStatement => "UPDATE",
        DeleteStatement => "DELETE",
        MergeStatement => "MERGE",
        TruncateStatement => "TRUNCATE TABLE",
        CreateTableAsStatement { IsMaterializedView: true } => "CREATE MATERIALIZED VIEW",
        CreateTableAsStatement => "CREATE TABLE AS",
        CreateEnumStatement or CreateCompositeTypeStatement => "CREATE TYPE",
        AddEnumValueStatement or RenameEnumValueStatement => "ALTER TYPE",
        AlterTableStatement e => "ALTER " + Words(e.Kind),
        DropStatement e => "DROP " + Words(e.Kind),
        DropRoleStatement => "DROP ROLE",
        RenameStatement e => "ALTER " + Words(e.Object.Kind is ObjectKind.Column or ObjectKind.Constraint ? e.RelationKind : e.Object.Kind),
        AlterSchemaStatement e => "ALTER " + Words(e.Object.Kind),
        AlterOwnerStatement e => "ALTER " + Words(e.Object.Kind),
        CommentStatement => "COMMENT",
        AlterDatabaseSetStatement => "ALTER DATABASE",
        AlterRoleSetStatement or AlterGroupStatement => "ALTER ROLE",
        AlterExtensionUpdateStatement or AlterExtensionContentsStatement => "ALTER EXTENSION",
        GrantStatement { IsGrant: false } => "REVOKE",
        GrantRoleStatement e => e.IsGrant ? "GRANT ROLE" : "REVOKE ROLE",
        _ => Spaced(statement.GetType().Name[..^"Statement".Length]).ToUpperInvariant(),
    };

    static string Words(ObjectKind kind) => DropObjects.KindName(kind).ToUpperInvariant();

    static string Spaced(string name) => string.Concat(name.Select((letter, i) => i > 0 && char.IsUpper(letter) ? " " + letter : letter.ToString()));
}
