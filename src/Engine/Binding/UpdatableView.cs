using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>
/// Views that can be changed as if they were tables: over one table or such a view, without anything that would make one row of it of
/// several, or of none. The statement then works on the table, with the view's columns as names for its columns and the view's WHERE added.
/// </summary>
internal sealed class UpdatableView(BindingContext context)
{
    /// <summary>Why a view cannot be changed, in PostgreSQL's words; null when it can.</summary>
    public static string? Obstacle(Relation view, IBindingCatalog catalog, TypeSettings settings)
    {
        try
        {
            return new UpdatableView(new(catalog, settings, null)).Resolve(view, isCascaded: false, out var obstacle) is { } target && target.Columns.All(column => target.TableColumn(column) < 0)
                ? "Views that have no updatable columns are not automatically updatable."
                : obstacle;
        }
        catch (PgError)
        {
            // What it is over may be gone from reach.
            return "Views that do not select from a single table or view are not automatically updatable.";
        }
    }

    /// <summary>The table behind a view. Raises 55000 when it cannot be changed.</summary>
    /// <param name="verb">insert into, update, or delete from: for the message.</param>
    public ModificationTarget Resolve(Relation view, string verb)
    {
        if (Resolve(view, isCascaded: false, out var obstacle) is { } target) return target;
        var (gerund, trigger) = verb switch { "insert into" => ("inserting into", "INSERT"), "update" => ("updating", "UPDATE"), _ => ("deleting from", "DELETE") };
        throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"cannot {verb} view \"{view.Name}\"")
        {
            Detail = obstacle,
            Hint = $"To enable {gerund} the view, provide an INSTEAD OF {trigger} trigger or an unconditional ON {trigger} DO INSTEAD rule.",
        };
    }

    ModificationTarget? Resolve(Relation view, bool isCascaded, out string? obstacle)
    {
        var query = Sql.SqlParser.ParseQuery(view.ViewDefinition!);
        obstacle = ObstacleIn(query);
        if (obstacle is not null) return null;

        var select = (Sql.SelectQuery)query;
        var reference = (Sql.TableReference)select.From[0];
        var check = view.Options.GetValueOrDefault("check_option");
        isCascaded |= check == "cascaded";
        var below = context.Catalog.FindRelation(reference.Name) switch
        {
            Relation { Kind: RelationKind.Table } table => OfTable(table),
            Relation { Kind: RelationKind.View } inner => Resolve(inner, isCascaded, out obstacle),
            _ => null,
        };
        if (below is null)
        {
            obstacle ??= "Views that do not select from a single table or view are not automatically updatable.";
            return null;
        }

        var names = reference.Alias is { } alias
            ? below.Columns.Select((column, i) => i < alias.Columns.Length ? column with { Name = alias.Columns[i] } : column).ToImmutableArray()
            : below.Columns;
        var scope = new Scope(ScopeItems.Of(new(reference.Alias?.Name ?? reference.Name.Name, reference.Alias is null ? reference.Name.Schema : null, names, below.Table.Id, below.IsView ? null : below.Table.Table)), null) { Windows = [] };
        var expressions = new ExpressionBinder(context, scope);
        var targets = new TargetBinder(context, expressions, scope).Bind(select.Targets);
        obstacle = targets.Select(target => ObstacleIn(target.Expression)).FirstOrDefault(found => found is not null);
        if (obstacle is not null) return null;

        var condition = select.Where is null ? null : expressions.BindCondition(select.Where, "WHERE");
        var columns = view.LiveColumns.ToList();
        return new(below.Table, view, [.. targets.Select((target, i) => new ScopeColumn(columns[i].Name, target.Expression, view.Oid, columns[i].Number))])
        {
            Conditions = condition is null ? below.Conditions : [.. below.Conditions, condition],
            Checks = condition is not null && (isCascaded || check is not null) ? [.. below.Checks, (view.Name, condition)] : below.Checks,
        };
    }

    /// <summary>A table as it is, with a fresh id.</summary>
    public ModificationTarget OfTable(Relation table)
    {
        context.Touch(table.Oid, Storage.LockMode.RowExclusive);
        var bound = new FromBinder(context, new QueryBinder(context)).Table(table);
        return new(bound, table, ScopeRelation.Of(bound).Columns);
    }

    static string? ObstacleIn(Sql.Query query)
    {
        var what = query switch
        {
            { With: not null } => "Views containing WITH",
            { Limit: not null } or { Offset: not null } => "Views containing LIMIT or OFFSET",
            Sql.SetOperationQuery => "Views containing UNION, INTERSECT, or EXCEPT",
            Sql.SelectQuery { IsDistinct: true } => "Views containing DISTINCT",
            Sql.SelectQuery { GroupBy.IsEmpty: false } => "Views containing GROUP BY",
            Sql.SelectQuery { Having: not null } => "Views containing HAVING",
            Sql.SelectQuery { From: [Sql.TableReference { Sample: not null }] } => "Views containing TABLESAMPLE",
            Sql.SelectQuery { From: [Sql.TableReference] } => null,
            _ => "Views that do not select from a single table or view",
        };
        return what is null ? null : what + " are not automatically updatable.";
    }

    static string? ObstacleIn(BoundExpression target)
    {
        var what = BoundTree.Any(target, node => node is BoundAggregate) ? "aggregate functions"
            : BoundTree.Any(target, node => node is BoundWindowCall) ? "window functions"
            : BoundTree.Any(target, node => node is BoundSetCall) ? "set-returning functions" : null;
        return what is null ? null : $"Views that return {what} are not automatically updatable.";
    }
}
