using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>COMMENT ON. An empty text removes the comment, as NULL does.</summary>
static class CommentOn
{
    public static string Execute(CommentStatement statement, StatementContext context)
    {
        var text = statement.Text is "" ? null : statement.Text;
        var reference = statement.Object;
        switch (reference.Kind)
        {
            case ObjectKind.Column:
                var relation = RelationFinder.Find<Relation>(context, reference.Owner!, LockMode.ShareUpdateExclusive);
                Privileges.RequireOwner(context.Snapshot, context.Role, relation);
                var column = AlterColumn.Find(relation, reference.Name.Name);
                context.Catalog.Put(relation.WithColumn(column.Number, old => old with { Comment = text }));
                break;
            case ObjectKind.Constraint:
                var table = RelationFinder.Find<Relation>(context, reference.Owner!, LockMode.ShareUpdateExclusive);
                Privileges.RequireOwner(context.Snapshot, context.Role, table);
                if (table.FindConstraint(reference.Name.Name) is not { } constraint)
                    throw new PgError(SqlState.UndefinedObject, $"constraint \"{reference.Name.Name}\" for table \"{table.Name}\" does not exist");
                TableConstraints.Replace(context, table, constraint with { Comment = text });
                break;
            default:
                var target = ObjectFinder.Find(context, reference, LockMode.ShareUpdateExclusive);
                Privileges.RequireOwner(context.Snapshot, context.Role, target);
                context.Catalog.Put(target with { Comment = text });
                break;
        }
        return "COMMENT";
    }
}
