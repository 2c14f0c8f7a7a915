using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Chooses how one item joins what is there: hash join, nested loop with lookups in an index, or plain nested loop.</summary>
sealed class JoinPlanner(Planner planner, FromPlanner from)
{
    /// <param name="keepsOrder">Whether rows must come in the order of <paramref name="outer"/>: then hash joins, which may write rows aside, are out.</param>
    public PlanNode Join(JoinKind kind, PlanNode outer, JoinItem item, List<BoundExpression> conditions, OuterScope? scope, bool keepsOrder = false)
    {
        var candidates = new List<PlanNode>(3);
        if (item.Plan is { } inner)
        {
            var keys = HashKeys(outer, inner, conditions, out var rest);
            if (kind == JoinKind.Full && keys.Count > 0 && !keys.Exists(key => KeyTypes.CanFullJoin(key.Inner.Type)))
                throw UnsupportedFullJoin();
            if (keys.Count > 0 && !keepsOrder)
            {
                candidates.Add(HashJoin(kind, outer, inner, keys, rest, scope));
                if (kind == JoinKind.Inner && outer.Cost.Rows < inner.Cost.Rows)
                    candidates.Add(HashJoin(kind, inner, outer, [.. keys.Select(key => (key.Inner, key.Outer, key.Condition))], rest, scope));
            }
            else if (kind == JoinKind.Full)
            {
                return conditions.Count == 0 || IsConstant(conditions)
                    ? FullProduct(outer, inner, conditions, scope)
                    : throw UnsupportedFullJoin();
            }
            if (kind != JoinKind.Full && planner.Context.Switches.NestLoop || keys.Count == 0 || keepsOrder)
                candidates.Add(NestedLoop(kind, outer, MaterializeNode.Over(inner), [], conditions, scope, outer.Cost.Rows * inner.Cost.Rows));
            if (kind != JoinKind.Full && item.From is BoundTable && conditions.Count > 0 && Lookup(kind, outer, item, conditions, scope) is { } lookup)
                candidates.Add(lookup);
        }
        else
            candidates.Add(Lateral(kind, outer, item, conditions, scope));
        return candidates.MinBy(candidate => candidate.Cost.Total)!;
    }

    static PgError UnsupportedFullJoin()
        => new(SqlState.FeatureNotSupported, "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions");

    static bool IsConstant(List<BoundExpression> conditions) => conditions.TrueForAll(condition => QueryTree.RelationIds(condition).Count == 0);

    // Equalities with one side over the outer rows and the other over the inner ones.
    static List<(BoundExpression Outer, BoundExpression Inner, BoundExpression Condition)> HashKeys(
        PlanNode outer, PlanNode inner, List<BoundExpression> conditions, out List<BoundExpression> rest)
    {
        var keys = new List<(BoundExpression, BoundExpression, BoundExpression)>();
        rest = [];
        foreach (var condition in conditions)
        {
            if (condition is BoundCall { Operator.Strategy: 3, Arguments: [var left, var right] } && KeyTypes.CanHash(left.Type, right.Type) && !QueryTree.IsVolatile(condition))
            {
                if (IsOver(left, outer, inner) && IsOver(right, inner, outer))
                {
                    keys.Add((left, right, condition));
                    continue;
                }
                if (IsOver(right, outer, inner) && IsOver(left, inner, outer))
                {
                    keys.Add((right, left, condition));
                    continue;
                }
            }
            rest.Add(condition);
        }
        return keys;
    }

    // Whether an expression reads columns of one side and none of the other.
    static bool IsOver(BoundExpression expression, PlanNode side, PlanNode other)
    {
        var readsSide = false;
        var readsOther = false;
        QueryTree.Visit(expression, e =>
        {
            if (e is not BoundColumn column)
                return;
            readsSide |= side.Columns.Contains(new(column.Relation, column.Column));
            readsOther |= other.Columns.Contains(new(column.Relation, column.Column));
        });
        return readsSide && !readsOther;
    }

    PlanNode HashJoin(
        JoinKind kind, PlanNode outer, PlanNode inner, List<(BoundExpression Outer, BoundExpression Inner, BoundExpression Condition)> keys,
        List<BoundExpression> rest, OuterScope? scope)
    {
        var outerCompiler = planner.Compiler(outer, scope);
        var innerCompiler = planner.Compiler(inner, scope);
        ImmutableArray<PlanColumn> both = [.. outer.Columns, .. inner.Columns];
        var compiler = new ExpressionCompiler(planner, new RowLayout(both), scope);
        var condition = QueryTree.And(rest);
        var pairs = Math.Max(1, outer.Cost.Rows * inner.Cost.Rows * keys.Aggregate(1.0, (share, key) => share * EqualFraction(outer, inner, key.Outer, key.Inner)));
        var rows = kind is JoinKind.Semi or JoinKind.Anti
            ? MatchedRows(kind, outer, keys.Aggregate(planner.Estimates.Fraction(rest), (share, key) => share * planner.Estimates.MatchedFraction(key.Outer, key.Inner, inner.Cost.Rows)))
            : JoinRows(kind, outer, inner, pairs * planner.Estimates.Fraction(rest));
        return new HashJoinNode(
            kind, outer, inner, [.. keys.Select(key => outerCompiler.Compile(key.Outer))], [.. keys.Select(key => innerCompiler.Compile(key.Inner))],
            [.. keys.Select(key => key.Inner.Type.Codec)])
        {
            HashCondition = QueryTree.And([.. keys.Select(key => key.Condition)])!,
            Condition = condition,
            ConditionEvaluator = compiler.CompileOptional(condition),
            SubPlans = [.. outerCompiler.SubPlans, .. innerCompiler.SubPlans, .. compiler.SubPlans],
            Columns = kind is JoinKind.Semi or JoinKind.Anti ? outer.Columns : both,
            Cost = new(
                inner.Cost.Total + outer.Cost.Startup,
                outer.Cost.Total + inner.Cost.Total + inner.Cost.Rows * (Costs.Tuple + Costs.Operator * keys.Count) + outer.Cost.Rows * Costs.Operator * keys.Count
                    + pairs * Costs.Operator * rest.Count + rows * Costs.Tuple,
                rows, Width(kind, outer, inner)),
        };
    }

    // Where nothing is known of the values each row of the larger side meets one of the smaller.
    double EqualFraction(PlanNode outer, PlanNode inner, BoundExpression left, BoundExpression right)
        => planner.Estimates.IsKnown(left) || planner.Estimates.IsKnown(right)
            ? planner.Estimates.EqualFraction(left, right)
            : 1 / Math.Max(1, Math.Max(outer.Cost.Rows, inner.Cost.Rows));

    static double JoinRows(JoinKind kind, PlanNode outer, PlanNode inner, double pairs) => kind switch
    {
        JoinKind.Left => Math.Max(pairs, outer.Cost.Rows),
        JoinKind.Full => Math.Max(pairs, outer.Cost.Rows + inner.Cost.Rows),
        JoinKind.Semi or JoinKind.Anti => MatchedRows(kind, outer, Math.Min(1, pairs / Math.Max(1, outer.Cost.Rows))),
        _ => Math.Max(1, pairs),
    };

    static double MatchedRows(JoinKind kind, PlanNode outer, double share)
        => Math.Max(1, outer.Cost.Rows * (kind == JoinKind.Semi ? share : 1 - share));

    static int Width(JoinKind kind, PlanNode outer, PlanNode inner)
        => outer.Cost.Width + (kind is JoinKind.Semi or JoinKind.Anti ? 0 : inner.Cost.Width);

    PlanNode NestedLoop(
        JoinKind kind, PlanNode outer, PlanNode inner, ImmutableArray<SlotBinding> bindings, List<BoundExpression> conditions, OuterScope? scope, double pairs)
    {
        ImmutableArray<PlanColumn> both = [.. outer.Columns, .. inner.Columns];
        var compiler = new ExpressionCompiler(planner, new RowLayout(both), scope);
        var condition = QueryTree.And(conditions);
        var rows = JoinRows(kind, outer, inner, pairs * planner.Estimates.Fraction(conditions));
        var rescan = inner is MaterializeNode ? inner.Cost.Rows * Costs.Operator : inner.Cost.Total;
        return new NestedLoopNode(kind, outer, inner, bindings)
        {
            Condition = condition,
            ConditionEvaluator = compiler.CompileOptional(condition),
            SubPlans = compiler.SubPlans,
            Columns = kind is JoinKind.Semi or JoinKind.Anti ? outer.Columns : both,
            Cost = new(
                outer.Cost.Startup + inner.Cost.Startup,
                outer.Cost.Total + inner.Cost.Total + Math.Max(0, outer.Cost.Rows - 1) * rescan + pairs * (Costs.Tuple + Costs.Operator * conditions.Count),
                rows, Width(kind, outer, inner)),
        };
    }

    // The inner table searched through an index with values of the outer row.
    PlanNode? Lookup(JoinKind kind, PlanNode outer, JoinItem item, List<BoundExpression> conditions, OuterScope? scope)
    {
        var innerScope = new OuterScope(planner.Statement, new RowLayout(outer.Columns), scope);
        var inner = new RelationPlanner(planner).PlanIndexOnly((BoundTable)item.From, [.. item.Conditions, .. conditions], innerScope);
        return inner is null ? null : NestedLoop(kind, outer, inner, innerScope.Bindings, [], scope, outer.Cost.Rows * inner.Cost.Rows);
    }

    PlanNode Lateral(JoinKind kind, PlanNode outer, JoinItem item, List<BoundExpression> conditions, OuterScope? scope)
    {
        if (kind is JoinKind.Full or JoinKind.Right)
            throw new PgError(SqlState.InvalidColumnReference, "The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
        var innerScope = new OuterScope(planner.Statement, new RowLayout(outer.Columns), scope);
        var inner = from.Plan(item.From, item.Conditions, innerScope);
        return NestedLoop(kind, outer, inner, innerScope.Bindings, conditions, scope, outer.Cost.Rows * inner.Cost.Rows);
    }

    // FULL JOIN on a condition without columns: every row meets every row, or none does. One shared key value makes it a hash join.
    PlanNode FullProduct(PlanNode outer, PlanNode inner, List<BoundExpression> conditions, OuterScope? scope)
    {
        BoundExpression one = new BoundConstant(Datum.Of(1L), PgTypes.Int4);
        var condition = conditions.Count > 0 ? QueryTree.And(conditions)! : new BoundConstant(Datum.True, PgTypes.Bool);
        return HashJoin(JoinKind.Full, outer, inner, [(one, one, condition)], conditions, scope);
    }
}
