using PgVectorCompat.Engine.Binding;

namespace PgVectorCompat.Engine.Planning.Rules;

/// <summary>A LEFT JOIN whose added NULL rows a condition of WHERE would throw away again is an inner join.</summary>
static class OuterJoinReduction
{
    public static BoundQuery Apply(BoundQuery query, Planner planner)
    {
        if (query is not BoundSelect { From: BoundJoin from, Where: { } where } select)
            return query;
        var rejected = new HashSet<int>();
        foreach (var condition in QueryTree.Conjuncts(where))
            CollectStrict(condition, rejected, isTest: true);
        return rejected.Count == 0 ? query : select with { From = Reduce(from, rejected) };
    }

    static BoundFrom Reduce(BoundFrom from, HashSet<int> rejected)
    {
        if (from is not BoundJoin join)
            return from;
        var kind = join.Kind switch
        {
            JoinKind.Left when Overlaps(join.Right, rejected) => JoinKind.Inner,
            JoinKind.Right when Overlaps(join.Left, rejected) => JoinKind.Inner,
            JoinKind.Full => (Overlaps(join.Left, rejected), Overlaps(join.Right, rejected)) switch
            {
                (true, true) => JoinKind.Inner,
                (true, false) => JoinKind.Left,
                (false, true) => JoinKind.Right,
                _ => JoinKind.Full,
            },
            var same => same,
        };
        // Below a side that can still turn NULL, conditions from above say nothing.
        var left = kind is JoinKind.Inner or JoinKind.Left or JoinKind.Semi or JoinKind.Anti ? Reduce(join.Left, rejected) : join.Left;
        var right = kind is JoinKind.Inner or JoinKind.Right ? Reduce(join.Right, rejected) : join.Right;
        return join with { Kind = kind, Left = left, Right = right };
    }

    static bool Overlaps(BoundFrom from, HashSet<int> ids) => QueryTree.Relations(from).Any(relation => ids.Contains(relation.Id));

    // Relations of which a NULL row makes the expression NULL (or, for a whole condition, not true).
    static void CollectStrict(BoundExpression expression, HashSet<int> relations, bool isTest)
    {
        switch (expression)
        {
            case BoundColumn column:
                relations.Add(column.Relation);
                break;
            case BoundCall { Function: { IsStrict: true, ReturnsSet: false } } call:
                foreach (var argument in call.Arguments)
                    CollectStrict(argument, relations, isTest: false);
                break;
            case BoundRelabel relabel:
                CollectStrict(relabel.Operand, relations, isTest: false);
                break;
            case BoundArrayComparison { IsAll: false, Operator.Function.IsStrict: true } any:
                CollectStrict(any.Left, relations, isTest: false);
                break;
            case BoundNullTest { IsNot: true } test when isTest:
                CollectStrict(test.Operand, relations, isTest: false);
                break;
            case BoundNot not:
                CollectStrict(not.Operand, relations, isTest: false);
                break;
        }
    }
}
