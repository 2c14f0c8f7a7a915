using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Plans FOR UPDATE and kin over rows that still carry the columns of the tables to lock.</summary>
sealed class LockPlanner(Planner planner, OuterScope? outer)
{
    public PlanNode Plan(PlanNode input, ImmutableArray<BoundRowLock> locks, BoundFrom from, BoundExpression? where)
    {
        var conditions = QueryTree.Conjuncts(where).ToList();
        CollectInner(from, conditions);
        var compiler = planner.Compiler(input, outer);
        var recheck = QueryTree.And(conditions);
        var tables = QueryTree.Relations(from).OfType<BoundTable>().ToDictionary(table => table.Id);
        var locked = locks.Where(rowLock => tables.ContainsKey(rowLock.Relation)).Select(rowLock =>
        {
            var columns = planner.ColumnsUsed(rowLock.Relation);
            var access = planner.Context.Table(tables[rowLock.Relation].Table);
            return new LockedTable(
                access, access.Decoder(columns), rowLock.Mode, rowLock.Wait, input.Columns.IndexOf(new(rowLock.Relation, SystemColumns.Ctid)),
                [.. columns.Select(column => input.Columns.IndexOf(new(rowLock.Relation, column)))]);
        });
        return new LockRowsNode(input, [.. locked], compiler.CompileOptional(recheck))
        {
            Columns = input.Columns,
            Cost = input.Cost with { Total = input.Cost.Total + input.Cost.Rows * Costs.Tuple },
        };
    }

    static void CollectInner(BoundFrom from, List<BoundExpression> conditions)
    {
        if (from is not BoundJoin { Kind: JoinKind.Inner } join)
            return;
        conditions.AddRange(QueryTree.Conjuncts(join.Condition));
        CollectInner(join.Left, conditions);
        CollectInner(join.Right, conditions);
    }
}
