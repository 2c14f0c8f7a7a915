using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Tables;

namespace PgVectorCompat.Engine.Planning;

/// <summary>One way to read a table through an index: which conditions the search itself guarantees, and which are left as a filter.</summary>
sealed record IndexPath
{
    public required IndexAccess Index { get; init; }

    /// <summary>Conditions on the index's keys, as EXPLAIN shows them, in the order of the keys.</summary>
    public required ImmutableArray<BoundExpression> IndexConditions { get; init; }

    /// <summary>Those of <see cref="IndexConditions"/> that say all of a condition of the query.</summary>
    public required ImmutableArray<BoundExpression> Guaranteed { get; init; }

    /// <summary>Conditions of the query that the search or the index's predicate makes use of.</summary>
    public required ImmutableArray<BoundExpression> Sources { get; init; }

    /// <summary>The other conditions, which EXPLAIN shows as the filter.</summary>
    public required IReadOnlyList<BoundExpression> Filter { get; init; }

    /// <summary>Conditions that are shown with the index but not guaranteed by the search: checked on each row like the filter.</summary>
    public required IReadOnlyList<BoundExpression> Rechecks { get; init; }

    public Cost Cost { get; init; }

    /// <summary>Rows that the search itself finds, and what finding their ids costs.</summary>
    public required double Found { get; init; }
    public double SearchCost { get; init; }

    /// <summary>Whether some searched value is a column of another relation.</summary>
    public bool UsesOtherRelations { get; init; }

    public bool Backward { get; init; }

    ImmutableArray<KeyMatch> Searched { get; init; } = [];
    KeyMatch? Lower { get; init; }
    KeyMatch? Upper { get; init; }
    bool NotNull { get; init; }

    /// <summary>Whether a key is held to one value, so that order does not depend on it.</summary>
    public bool IsConstant(int key) => key < Searched.Length && Searched[key].Test != KeyTest.OneOf;

    /// <summary>Whether the search finds no row where a key is NULL.</summary>
    public bool IsNeverNull(int key) => key < Searched.Length ? Searched[key].Test != KeyTest.IsNull : key == Searched.Length && (NotNull || Lower is not null || Upper is not null);

    public IndexConditions Compile(ExpressionCompiler compiler)
    {
        var keys = ImmutableArray.CreateBuilder<KeyCondition>(Searched.Length);
        foreach (var match in Searched)
            keys.Add(new(match.Test == KeyTest.IsNull ? null : compiler.Compile(match.Values[0]), match.Test == KeyTest.OneOf));
        return new(
            keys.MoveToImmutable(), [.. compiler.Compile(Lower?.Values ?? [])], Lower?.Inclusive ?? false,
            [.. compiler.Compile(Upper?.Values ?? [])], Upper?.Inclusive ?? false, NotNull);
    }

    /// <summary>Whether the search finds one row at most.</summary>
    public bool FindsOneRow { get; private init; }

    /// <summary>The cheapest path whose search uses at least one condition; null when there is none.</summary>
    public static IndexPath? Best(Planner planner, BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions)
        => Cheapest(Searches(planner, table, access, conditions));

    public static IndexPath? Cheapest(List<IndexPath> paths)
    {
        IndexPath? best = null;
        foreach (var path in paths)
            if (best is null || path.Cost.Total < best.Cost.Total)
                best = path;
        return best;
    }

    /// <summary>The paths whose searches use at least one condition, in the order of the indexes.</summary>
    public static List<IndexPath> Searches(Planner planner, BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions)
    {
        var paths = new List<IndexPath>();
        if (conditions.Count == 0)
            return paths;
        foreach (var index in access.Indexes)
            if (Match(planner, table, index, conditions, backward: false, isForSearch: true) is { IndexConditions.IsEmpty: false } path)
                paths.Add(path);
        return paths;
    }

    /// <summary>What of the conditions this index can serve, which may be nothing; null when a partial index does not cover the rows wanted.</summary>
    public static IndexPath? Match(Planner planner, BoundTable table, IndexAccess index, IReadOnlyList<BoundExpression> conditions, bool backward)
        => Match(planner, table, index, conditions, backward, isForSearch: false);

    static IndexPath? Match(Planner planner, BoundTable table, IndexAccess index, IReadOnlyList<BoundExpression> conditions, bool backward, bool isForSearch)
    {
        if (index.Predicate is { } covered && !IsImplied(covered, table, conditions))
            return null;
        var matches = new List<KeyMatch>[index.Keys.Length];
        var isAny = false;
        for (var at = 0; at < matches.Length; at++)
        {
            matches[at] = [];
            for (var i = 0; i < conditions.Count; i++)
                KeyMatch.Find(table, index, at, conditions[i], matches[at]);
            isAny |= matches[at].Count > 0;
        }
        if (isForSearch && !isAny)
            return null;
        List<BoundExpression> predicate = index.Predicate is { } own ? [.. QueryTree.Conjuncts(Over(table, own))] : [];

        var searched = new List<KeyMatch>();
        while (searched.Count < matches.Length && Fixed(matches[searched.Count]) is { } match)
            searched.Add(match);
        var used = new List<KeyMatch>(searched);
        KeyMatch? lower = null, upper = null;
        var notNull = false;
        if (searched.Count < matches.Length)
        {
            var next = matches[searched.Count];
            lower = next.Find(match => match is { Test: KeyTest.Lower, IsSearchable: true });
            upper = next.Find(match => match is { Test: KeyTest.Upper, IsSearchable: true });
            foreach (var match in next)
            {
                notNull |= match.Test == KeyTest.IsNotNull;
                if (match == lower || match == upper || match.Test == KeyTest.IsNotNull)
                    used.Add(match);
            }
        }

        // A condition on a later key is shown with the index too, once some search is made at all.
        var shown = new List<KeyMatch>();
        if (used.Count > 0)
            foreach (var list in matches)
                shown.AddRange(list);
        var (rechecks, filter, sources) = Left(conditions, predicate, shown, used);
        var rows = planner.Tables[table.Id].Rows;
        var isUnique = index.Definition.IsUnique && searched.Count == index.Keys.Length;
        var known = new List<BoundExpression>(used.Count + predicate.Count);
        foreach (var match in used)
            known.Add(match.Shown);
        known.AddRange(predicate);
        var found = Math.Max(1, rows * planner.Estimates.Fraction(known));
        if (isUnique && searched.TrueForAll(match => match.Test is KeyTest.Equal or KeyTest.OneOf))
            found = Math.Min(found, Places(searched));
        var (cost, searchCost) = CostOf(planner, table, index, searched, found, filter, rechecks);
        return new IndexPath
        {
            Index = index,
            IndexConditions = Shown(shown, all: true),
            Guaranteed = Shown(shown, all: false),
            Sources = sources,
            Filter = filter,
            Rechecks = rechecks,
            Searched = [.. searched],
            NotNull = notNull,
            Lower = lower,
            Upper = upper,
            Backward = backward,
            UsesOtherRelations = shown.Exists(match => QueryTree.ReadsOthers(match.Shown, table.Id)),
            Found = found,
            FindsOneRow = isUnique && searched.TrueForAll(match => match.Test == KeyTest.Equal),
            SearchCost = searchCost,
            Cost = cost,
        };
    }

    static ImmutableArray<BoundExpression> Shown(List<KeyMatch> matches, bool all)
    {
        var shown = ImmutableArray.CreateBuilder<BoundExpression>(matches.Count);
        foreach (var match in matches)
            if (all || !match.KeepsFilter)
                shown.Add(match.Shown);
        return shown.DrainToImmutable();
    }

    // What is left to check beside the search, and the conditions that went into it.
    static (List<BoundExpression> Rechecks, List<BoundExpression> Filter, ImmutableArray<BoundExpression> Sources) Left(
        IReadOnlyList<BoundExpression> conditions, List<BoundExpression> predicate, List<KeyMatch> shown, List<KeyMatch> used)
    {
        List<BoundExpression> rechecks = [], filter = [], sources = [];
        foreach (var match in shown)
        {
            if (!match.KeepsFilter && !(match.IsExact && used.Contains(match)) && !rechecks.Contains(match.Source))
                rechecks.Add(match.Source);
            if (!sources.Contains(match.Source))
                sources.Add(match.Source);
        }
        for (var i = 0; i < conditions.Count; i++)
        {
            if (!IsServed(conditions[i], predicate, shown))
                filter.Add(conditions[i]);
            else if (!sources.Contains(conditions[i]))
                sources.Add(conditions[i]);
        }
        return (rechecks, filter, [.. sources]);
    }

    // Whether the search or the index's predicate says all of a condition, or the recheck will.
    static bool IsServed(BoundExpression condition, List<BoundExpression> predicate, List<KeyMatch> shown)
    {
        foreach (var match in shown)
            if (match.Source == condition && !match.KeepsFilter) return true;
        foreach (var term in predicate)
            if (BoundTree.Same(term, condition)) return true;
        return false;
    }

    // Equality is best; among equals what finds exactly the rows wanted.
    static KeyMatch? Fixed(List<KeyMatch> matches)
        => matches.Find(match => match is { Test: KeyTest.Equal, IsExact: true }) ?? matches.Find(match => match.Test is KeyTest.Equal or KeyTest.IsNull)
            ?? matches.Find(match => match.Test == KeyTest.OneOf);

    /// <summary>How many places of the index are looked at: every combination of listed values.</summary>
    static double Places(List<KeyMatch> searched)
    {
        var places = 1.0;
        foreach (var match in searched)
            if (match.Test == KeyTest.OneOf)
                places *= Math.Max(1, Costs.ListLength(match.Values[0]));
        return places;
    }

    static (Cost Cost, double SearchCost) CostOf(
        Planner planner, BoundTable table, IndexAccess index, List<KeyMatch> searched, double found, List<BoundExpression> filter, List<BoundExpression> rechecks)
    {
        var search = Places(searched) * Costs.IndexDescent + found * Costs.IndexTuple;
        var correlation = index.Keys[0].Column >= 0 ? planner.Tables[table.Id].Column(index.Keys[0].Column).Statistics?.Correlation ?? 0 : 0;
        var fetch = Costs.Fetch + (Costs.NextFetch - Costs.Fetch) * correlation * correlation;
        var checks = filter.Count + rechecks.Count;
        var kept = checks == 0 ? 1 : planner.Estimates.Fraction([.. filter, .. rechecks]);
        return (new(0.15, 0.15 + search + found * (fetch + Costs.Tuple + Costs.Operator * checks), Math.Max(1, found * kept), 0), search);
    }

    /// <summary>The share of a table's rows that conditions keep; equality on a unique key keeps one row.</summary>
    public static double Selectivity(Planner planner, BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions)
    {
        var selectivity = planner.Estimates.Fraction(conditions);
        var rows = planner.Tables[table.Id].Rows;
        foreach (var index in access.Indexes)
        {
            if (index.Definition.IsUnique && index.Predicate is null && HasAllEqual(table, index, conditions))
                selectivity = Math.Min(selectivity, 1 / rows);
        }
        return selectivity;
    }

    static bool HasAllEqual(BoundTable table, IndexAccess index, IReadOnlyList<BoundExpression> conditions)
    {
        for (var at = 0; at < index.Keys.Length; at++)
            if (!HasEqual(table, index, at, conditions)) return false;
        return true;
    }

    static bool HasEqual(BoundTable table, IndexAccess index, int at, IReadOnlyList<BoundExpression> conditions)
    {
        var matches = new List<KeyMatch>();
        for (var i = 0; i < conditions.Count; i++)
            KeyMatch.Find(table, index, at, conditions[i], matches);
        return matches.Exists(static match => match.Test == KeyTest.Equal);
    }

    /// <summary>An expression of the index, which is bound over relation 0, as one over the table here.</summary>
    public static BoundExpression Over(BoundTable table, BoundExpression expression)
        => BoundTree.Rewrite(expression, node => node is BoundColumn { Relation: 0 } column ? column with { Relation = table.Id } : null);

    /// <summary>Whether the conditions hold only of rows that are in a partial index.</summary>
    public static bool IsImplied(BoundExpression predicate, BoundTable table, IReadOnlyList<BoundExpression> conditions)
        => QueryTree.Conjuncts(Over(table, predicate)).All(term => conditions.Any(condition => PredicateProof.Implies(condition, term)));
}
