using PgVectorCompat.Engine.Binding;

namespace PgVectorCompat.Engine.Planning.Rules;

/// <summary>
/// <c>SELECT min(x), max(x) FROM t</c> with an index on x: each becomes <c>(SELECT x FROM t WHERE x IS NOT NULL ORDER BY x LIMIT 1)</c>, which
/// reads one end of the index.
/// </summary>
static class MinMaxByIndex
{
    public static BoundQuery Apply(BoundQuery query, Planner planner)
    {
        if (query is not BoundSelect { From: BoundTable { Sample: null } table, IsGrouped: true, GroupBy.IsEmpty: true, GroupingSets.Length: <= 1, Windows.IsEmpty: true } select)
            return query;
        var isPossible = true;
        var hasAny = false;
        foreach (var expression in Above(select))
        {
            BoundTree.Visit(expression, node =>
            {
                if (node is BoundAggregate aggregate)
                {
                    hasAny = true;
                    isPossible &= IsEnd(aggregate, table) && OrderedScanPlanner.HasIndex(planner, table, (BoundSelect)End(aggregate, table, select.Where).Query);
                    return false;
                }
                isPossible &= node is not (BoundColumn or BoundSubquery or BoundGrouping);
                return true;
            });
        }
        if (!hasAny || !isPossible)
            return query;

        BoundExpression? Replace(BoundExpression node) => node is BoundAggregate aggregate ? End(aggregate, table, select.Where) : null;
        return (BoundSelect)QueryTree.MapQuery(select with { From = null, Where = null }, expression => BoundTree.Rewrite(expression, Replace)) with
        {
            IsGrouped = false,
            GroupingSets = [],
            Where = select.Having is null ? null : BoundTree.Rewrite(select.Having, Replace),
            Having = null,
        };
    }

    static IEnumerable<BoundExpression> Above(BoundSelect select)
        => select.Targets.Select(target => target.Expression)
            .Concat(select.Having is null ? [] : [select.Having])
            .Concat(select.OrderBy.Select(key => key.Expression));

    static bool IsEnd(BoundAggregate aggregate, BoundTable table)
        => aggregate is { Function.Name: "min" or "max", IsDistinct: false, Filter: null, OrderWithin.IsEmpty: true, Arguments: [var argument] }
            && QueryTree.RelationIds(argument).SetEquals([table.Id]) && argument.Type == aggregate.Type;

    static BoundSubquery End(BoundAggregate aggregate, BoundTable table, BoundExpression? where)
    {
        var column = aggregate.Arguments[0];
        var isMax = aggregate.Function.Name == "max";
        var query = new BoundSelect
        {
            Targets = [new BoundTarget(column, aggregate.Function.Name)],
            From = table,
            Where = QueryTree.And([.. QueryTree.Conjuncts(where), new BoundNullTest(column, IsNot: true)]),
            OrderBy = [new BoundSortKey(column, isMax, isMax)],
            Limit = new BoundConstant(Types.Datum.Of(1L), Types.PgTypes.Int8),
        };
        return new BoundSubquery(SubqueryKind.Scalar, query, null, 0, aggregate.Type);
    }
}
