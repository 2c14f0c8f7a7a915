using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Sql;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Writes out the stars of a view's query, so that the view keeps its columns when its tables get more.</summary>
static class StarExpansion
{
    public static Query Expand(StatementContext context, Query query) => Expand(context, query, query.With);

    static Query Expand(StatementContext context, Query query, WithClause? with) => query switch
    {
        SetOperationQuery set => set with { Left = Expand(context, set.Left, set.Left.With ?? with), Right = Expand(context, set.Right, set.Right.With ?? with) },
        SelectQuery select when select.Targets.Any(target => target.Value is StarExpression) => ExpandTargets(context, select, with),
        _ => query,
    };

    static SelectQuery ExpandTargets(StatementContext context, SelectQuery select, WithClause? with)
    {
        var targets = ImmutableArray.CreateBuilder<SelectTarget>();
        foreach (var target in select.Targets)
        {
            if (target.Value is not StarExpression)
            {
                targets.Add(target);
                continue;
            }
            // Bound alone, the star shows what it stands for.
            var alone = new SelectQuery([target], select.From, select.Position) { With = with };
            var bound = (BoundSelect)new QueryBinder(context.NewBindingContext()).Bind(alone, null);
            var aliases = new Dictionary<int, string>();
            CollectAliases(bound.From, aliases);
            foreach (var column in bound.VisibleTargets)
                targets.Add(new SelectTarget(column.Expression is BoundColumn { Relation: var relation } source && aliases.TryGetValue(relation, out var alias)
                    ? new ColumnReference([alias, source.Name], 0)
                    : new ColumnReference([column.Name], 0), null, 0));
        }
        return select with { Targets = targets.ToImmutable() };
    }

    static void CollectAliases(BoundFrom? from, Dictionary<int, string> aliases)
    {
        if (from is BoundJoin join)
        {
            CollectAliases(join.Left, aliases);
            CollectAliases(join.Right, aliases);
        }
        else if (from is BoundRelation relation)
        {
            aliases[relation.Id] = relation.Alias;
        }
    }
}
