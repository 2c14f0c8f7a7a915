using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Plans one relation of FROM with the conditions on it.</summary>
sealed class RelationPlanner(Planner planner)
{
    StatementPlanning Statement => planner.Statement;

    public PlanNode Plan(BoundRelation relation, IReadOnlyList<BoundExpression> conditions, OuterScope? outer)
    {
        Statement.Names.Define(relation);
        return relation switch
        {
            BoundTable table => PlanTable(table, conditions, outer),
            BoundDerived derived => planner.Filter(Planner.Rename(planner.PlanRewritten(derived.Query, outer), derived.Id), conditions, outer),
            BoundSystemTable system => planner.Filter(PlanSystemTable(system), conditions, outer),
            BoundValues values => planner.Filter(PlanValues(values, outer), conditions, outer),
            BoundFunctionScan functions => planner.Filter(PlanFunctions(functions, outer), conditions, outer),
            BoundCteRef reference => planner.Filter(PlanCteReference(reference), conditions, outer),
            _ => throw new UnreachableException($"no plan for {relation.GetType().Name}"),
        };
    }

    PlanNode PlanTable(BoundTable table, IReadOnlyList<BoundExpression> conditions, OuterScope? outer)
    {
        var access = planner.Access(table);
        if (conditions.Count == 0 || table.Sample is not null)
            return SeqScan(table, access, conditions, outer);
        var paths = IndexPath.Searches(planner, table, access, conditions);
        var path = IndexPath.Cheapest(paths);
        // Nothing can cost less than one row by its key, not even the only page of a table.
        if (path is { FindsOneRow: true } && Statement.Context.Switches.IndexScan)
            return IndexScan(table, access, path, outer);
        var sequential = DistanceScanPlanner.Plan(planner, table, access, conditions, outer) ?? (PlanNode)SeqScan(table, access, conditions, outer);
        if (access.Indexes.IsEmpty)
            return sequential;
        PlanNode best = sequential;
        var cost = sequential.Cost.Total + Disabled(Statement.Context.Switches.SeqScan);
        if (path is not null && path.Cost.Total + Disabled(Statement.Context.Switches.IndexScan) is var byIndex && byIndex < cost)
        {
            var indexed = IndexScan(table, access, path, outer);
            best = indexed with { Cost = indexed.Cost with { Rows = sequential.Cost.Rows } };
            cost = byIndex;
        }
        return new BitmapPlanner(planner, table, access, outer).Plan(conditions, paths, sequential.Cost.Rows) is { } bitmap && bitmap.Cost.Total + Disabled(Statement.Context.Switches.BitmapScan) < cost ? bitmap : best;
    }

    static double Disabled(bool isOn) => isOn ? 0 : Costs.Disabled;

    /// <summary>The table through an index with equal keys from these conditions; null when no index serves.</summary>
    public PlanNode? PlanIndexOnly(BoundTable table, IReadOnlyList<BoundExpression> conditions, OuterScope outer)
    {
        var access = planner.Access(table);
        if (table.Sample is not null || access.Indexes.IsEmpty || !Statement.Context.Switches.IndexScan)
            return null;
        return IndexPath.Best(planner, table, access, conditions) is { UsesOtherRelations: true } path ? IndexScan(table, access, path, outer) : null;
    }

    internal (ImmutableArray<PlanColumn> Columns, RowDecoder Decoder, int Width) Output(BoundTable table, TableAccess access)
    {
        var used = planner.ColumnsUsed(table.Id);
        var columns = new PlanColumn[used.Length];
        var width = 0;
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = new(table.Id, used[i]);
            width += used[i] < 0 ? 6 : planner.Tables[table.Id].Width(used[i]);
        }
        return (ImmutableCollectionsMarshal.AsImmutableArray(columns), access.Decoder(used), width);
    }

    /// <summary>Columns of a relation that an expression reads, in order.</summary>
    internal static ImmutableArray<int> ColumnsOf(BoundExpression expression, int relation)
    {
        var columns = new ColumnSet();
        QueryTree.Any(expression, (relation, columns), static (node, wanted) =>
        {
            if (node is BoundColumn column && column.Relation == wanted.relation)
                wanted.columns.Add(column.Column);
            return false;
        });
        return columns.Ascending;
    }

    internal SeqScanNode SeqScan(BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions, OuterScope? outer)
    {
        var (columns, decoder, width) = Output(table, access);
        var filter = QueryTree.And(conditions);
        var filterColumns = filter is null ? [] : ColumnsOf(filter, table.Id);
        var isSplit = filter is not null && filterColumns.Length < columns.Length;
        var compiler = new ExpressionCompiler(
            planner, new RowLayout(isSplit ? [.. filterColumns.Select(position => new PlanColumn(table.Id, position))] : columns), outer);
        var rows = Math.Max(1, access.Rows.RowCountEstimate);
        return new SeqScanNode(access, decoder, Statement.Names.Define(table))
        {
            Columns = columns,
            Filter = filter,
            FilterEvaluator = compiler.CompileOptional(filter),
            FilterDecoder = isSplit ? access.Decoder(filterColumns) : null,
            FilterColumns = isSplit ? filterColumns.Length : 0,
            Sample = table.Sample is not { } sample ? null : (sample.Method, compiler.Compile(sample.Percentage), compiler.CompileOptional(sample.Seed)),
            SubPlans = compiler.SubPlans,
            Cost = new(0, Costs.SeqScan(access.Rows, conditions.Count), Math.Max(1, rows * IndexPath.Selectivity(planner, table, access, conditions)), width),
        };
    }

    internal IndexScanNode IndexScan(BoundTable table, TableAccess access, IndexPath path, OuterScope? outer)
    {
        var (columns, decoder, width) = Output(table, access);
        var compiler = new ExpressionCompiler(planner, new RowLayout(columns), outer);
        var values = new ExpressionCompiler(planner, RowLayout.Empty, outer);
        var filter = QueryTree.And(path.Filter);
        var check = path.Rechecks.Count == 0 ? filter : QueryTree.And([.. path.Filter, .. path.Rechecks]);
        return new IndexScanNode(access, path.Index, decoder, Statement.Names.Define(table), path.Compile(values), path.Backward)
        {
            Columns = columns,
            IndexCondition = path.IndexConditions,
            Filter = filter,
            FilterEvaluator = compiler.CompileOptional(check),
            SubPlans = [.. values.SubPlans, .. compiler.SubPlans],
            Cost = path.Cost with { Width = width },
        };
    }

    SystemTableScanNode PlanSystemTable(BoundSystemTable system)
    {
        var used = planner.ColumnsUsed(system.Id);
        return new SystemTableScanNode(system.Table, used, Statement.Names.Define(system))
        {
            Columns = [.. used.Select(column => new PlanColumn(system.Id, column))],
            Cost = new(0, 20, 100, used.Length * 16),
        };
    }

    ValuesNode PlanValues(BoundValues values, OuterScope? outer)
    {
        var compiler = new ExpressionCompiler(planner, RowLayout.Empty, outer);
        for (var i = 0; i < values.Columns.Length && values.Rows.Length == 1; i++)
            Statement.Names.Define(new PlanColumn(values.Id, i), values.Rows[0][i]);
        return new ValuesNode([.. values.Rows.Select(row => compiler.Compile(row))])
        {
            Alias = Statement.Names.Define(values),
            Columns = All(values),
            SubPlans = compiler.SubPlans,
            Cost = new(0, values.Rows.Length * Costs.Tuple, values.Rows.Length, values.Columns.Sum(column => Costs.Width(column.Type, column.Typmod))),
        };
    }

    FunctionScanNode PlanFunctions(BoundFunctionScan scan, OuterScope? outer)
    {
        var compiler = new ExpressionCompiler(planner, RowLayout.Empty, outer);
        var sources = scan.Calls.Select((call, i) => call is BoundSetCall set
            ? new FunctionSource(CompileSet(set, compiler), null, scan.ColumnCounts[i])
            : new FunctionSource(null, compiler.Compile(call), scan.ColumnCounts[i]));
        double rows = scan.Calls.Any(call => call is BoundSetCall) ? 1000 : 1;
        return new FunctionScanNode([.. sources], scan.WithOrdinality, Statement.Names.Define(scan))
        {
            Calls = scan.Calls,
            Columns = All(scan),
            SubPlans = compiler.SubPlans,
            Cost = new(0, rows * Costs.Tuple, rows, scan.Columns.Sum(column => Costs.Width(column.Type, column.Typmod))),
        };
    }

    internal static CompiledSetCall CompileSet(BoundSetCall set, ExpressionCompiler compiler)
        => new(set.Function, [.. compiler.Compile(set.Arguments)], new CallSite([.. set.Arguments.Select(argument => argument.Type)], set.Type));

    PlanNode PlanCteReference(BoundCteRef reference)
    {
        var cte = Statement.Ctes[reference.CteId];
        var cost = new Cost(0, cte.Rows * 0.02, cte.Rows, reference.Columns.Sum(column => Costs.Width(column.Type, column.Typmod)));
        var alias = Statement.Names.Define(reference);
        return reference.IsWorkingTable
            ? new WorkTableScanNode(cte, alias) { Columns = All(reference), Cost = cost }
            : new CteScanNode(cte, alias) { Columns = All(reference), Cost = cost };
    }

    static ImmutableArray<PlanColumn> All(BoundRelation relation) => [.. Enumerable.Range(0, relation.Columns.Length).Select(i => new PlanColumn(relation.Id, i))];
}
