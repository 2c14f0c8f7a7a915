using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Tables;

namespace PgVectorCompat.Engine.Planning;

/// <summary>
/// Plans sets of rows from the indexes of one table: a search of one index, the common rows of several, or for an OR the rows of each of
/// its arms.
/// </summary>
sealed class BitmapPlanner(Planner planner, BoundTable table, TableAccess access, OuterScope? outer)
{
    /// <summary>Making and reading a set of row ids, before any row is in it.</summary>
    const double SetCost = 0.2;

    /// <summary>Room for one row id in the set.</summary>
    const double SetCostPerRow = 2e-6;

    /// <summary>A way to make a set: what it guarantees, the conditions that went into it, the share of rows in it, and what making it costs.</summary>
    abstract record Path(ImmutableArray<BoundExpression> Shown, ImmutableArray<BoundExpression> Covered, double Share, double SearchCost);
    sealed record Leaf(IndexPath Index, double Share) : Path(Index.Guaranteed, Index.Sources, Share, Index.SearchCost);
    sealed record Both(ImmutableArray<Path> Inputs)
        : Path([.. Inputs.SelectMany(input => input.Shown)], [.. Inputs.SelectMany(input => input.Covered)], Inputs.Aggregate(1.0, (share, input) => share * input.Share), Inputs.Sum(input => input.SearchCost));
    sealed record Either(ImmutableArray<Path> Inputs, BoundExpression Condition)
        : Path(Inputs.Any(input => input.Shown.IsEmpty) ? [] : [new BoundLogical(false, [.. Inputs.Select(input => QueryTree.And(input.Shown)!)])], [Condition],
            Inputs.Aggregate(0.0, (share, input) => share + input.Share - share * input.Share), Inputs.Sum(input => input.SearchCost));

    double Rows => planner.Tables[table.Id].Rows;

    /// <summary>The cheapest scan through a set, with all conditions checked; null when no index serves.</summary>
    /// <param name="searches">What single indexes serve of the conditions.</param>
    public BitmapHeapScanNode? Plan(IReadOnlyList<BoundExpression> conditions, List<IndexPath> searches, double resultRows)
        => Best(conditions, searches) is { } path ? Scan(path, conditions, resultRows) : null;

    /// <summary>The rows that may pass the conditions, and what finding them costs; null when no index serves. The finder must check the conditions.</summary>
    public BitmapNode? PlanSet(IReadOnlyList<BoundExpression> conditions)
        => Best(conditions) is { } path ? Build(path, new ExpressionCompiler(planner, RowLayout.Empty, outer)) : null;

    double Total(Path path, int conditions)
        => SetCost + Rows * SetCostPerRow + path.SearchCost + Math.Max(1, Rows * path.Share) * (Costs.BitmapFetch + Costs.Tuple + Costs.Operator * conditions);

    Path? Best(IReadOnlyList<BoundExpression> conditions) => Best(conditions, IndexPath.Searches(planner, table, access, conditions));

    Path? Best(IReadOnlyList<BoundExpression> conditions, List<IndexPath> searches)
    {
        var paths = new List<Path>();
        foreach (var search in searches)
            paths.Add(new Leaf(search, search.Found / Rows));
        foreach (var or in conditions.OfType<BoundLogical>().Where(logical => !logical.IsAnd))
            if (Arms(or) is { } either)
                paths.Add(either);
        if (paths.Count == 0)
            return null;

        // As PostgreSQL: from the cheapest, add each that makes the whole cheaper and stands for something new.
        paths.Sort((a, b) => Total(a, conditions.Count).CompareTo(Total(b, conditions.Count)));
        var best = paths[0];
        foreach (var path in paths.Skip(1))
        {
            if (path.Covered.Any(best.Covered.Contains))
                continue;
            var both = new Both(best is Both several ? [.. several.Inputs, path] : [best, path]);
            if (Total(both, conditions.Count) < Total(best, conditions.Count))
                best = both;
        }
        return best;
    }

    Either? Arms(BoundLogical or)
    {
        var inputs = new List<Path>();
        foreach (var arm in or.Operands)
        {
            if (Best([.. QueryTree.Conjuncts(arm)]) is not { } path)
                return null;
            inputs.Add(path);
        }
        return new Either([.. inputs], or);
    }

    BitmapHeapScanNode Scan(Path path, IReadOnlyList<BoundExpression> conditions, double resultRows)
    {
        var values = new ExpressionCompiler(planner, RowLayout.Empty, outer);
        var bitmap = Build(path, values);
        var (columns, decoder, width) = new RelationPlanner(planner).Output(table, access);
        var compiler = new ExpressionCompiler(planner, new RowLayout(columns), outer);
        return new BitmapHeapScanNode(access, decoder, planner.Statement.Names.Define(table), bitmap)
        {
            Columns = columns,
            RecheckCondition = QueryTree.And(path.Shown),
            Filter = QueryTree.And([.. conditions.Where(condition => !IsGuaranteed(path, condition))]),
            Conditions = compiler.Compile(QueryTree.And(conditions)!),
            SubPlans = [.. values.SubPlans, .. compiler.SubPlans],
            Cost = new(bitmap.Cost.Total, Total(path, conditions.Count), resultRows, width),
        };
    }

    // What LIKE's range finds is less than LIKE, and is not worth a check of its own.
    static bool IsGuaranteed(Path path, BoundExpression condition) => path switch
    {
        Leaf leaf => !leaf.Index.Filter.Contains(condition),
        Both both => both.Inputs.Any(input => IsGuaranteed(input, condition)),
        Either either => either.Condition == condition && !either.Shown.IsEmpty,
        _ => false,
    };

    BitmapNode Build(Path path, ExpressionCompiler values)
    {
        var cost = new Cost(0, path.SearchCost, Math.Max(1, Rows * path.Share), 0);
        return path switch
        {
            Leaf leaf => new BitmapIndexScanNode(access, leaf.Index.Index, leaf.Index.Compile(values), planner.Statement.Names.Define(table)) { IndexCondition = leaf.Index.IndexConditions, Columns = [], Cost = cost },
            Both both => new BitmapAndNode([.. both.Inputs.Select(input => Build(input, values))]) { Columns = [], Cost = cost },
            Either either => new BitmapOrNode([.. either.Inputs.Select(input => Build(input, values))]) { Columns = [], Cost = cost },
            _ => throw new System.Diagnostics.UnreachableException($"no bitmap for {path.GetType().Name}"),
        };
    }
}
