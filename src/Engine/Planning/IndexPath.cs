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

    public IndexConditions Compile(ExpressionCompiler compiler) => new(
        [.. Searched.Select(match => new KeyCondition(match.Test == KeyTest.IsNull ? null : compiler.Compile(match.Values[0]), match.Test == KeyTest.OneOf))],
        [.. (Lower?.Values ?? []).Select(compiler.Compile)], Lower?.Inclusive ?? false, [.. (Upper?.Values ?? []).Select(compiler.Compile)], Upper?.Inclusive ?? false, NotNull);

    /// <summary>The cheapest path whose search uses at least one condition; null when there is none.</summary>
    public static IndexPath? Best(Planner planner, BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions)
    {
        IndexPath? best = null;
        foreach (var index in access.Indexes)
        {
            if (Match(planner, table, access, index, conditions, backward: false) is { IndexConditions.IsEmpty: false } path && (best is null || path.Cost.Total < best.Cost.Total))
                best = path;
        }
        return best;
    }

    /// <summary>What of the conditions this index can serve, which may be nothing; null when a partial index does not cover the rows wanted.</summary>
    public static IndexPath? Match(Planner planner, BoundTable table, TableAccess access, IndexAccess index, IReadOnlyList<BoundExpression> conditions, bool backward)
    {
        var predicate = index.Predicate is { } condition ? QueryTree.Conjuncts(Over(table, condition)).ToList() : [];
        if (index.Predicate is not null && !IsImplied(index.Predicate, table, conditions))
            return null;
        var matches = Enumerable.Range(0, index.Keys.Length).Select(at => conditions.SelectMany(c => KeyMatch.Find(table, index, at, c)).ToList()).ToList();
        var searched = new List<KeyMatch>();
        while (searched.Count < matches.Count && Fixed(matches[searched.Count]) is { } match)
            searched.Add(match);
        var used = new List<KeyMatch>(searched);
        KeyMatch? lower = null, upper = null;
        var notNull = false;
        if (searched.Count < matches.Count)
        {
            var next = matches[searched.Count];
            lower = next.Find(match => match is { Test: KeyTest.Lower, IsSearchable: true });
            upper = next.Find(match => match is { Test: KeyTest.Upper, IsSearchable: true });
            notNull = next.Exists(match => match.Test == KeyTest.IsNotNull);
            used.AddRange(next.Where(match => match == lower || match == upper || match.Test == KeyTest.IsNotNull));
        }

        // A condition on a later key is shown with the index too, once some search is made at all.
        var shown = used.Count == 0 ? [] : matches.SelectMany(list => list).ToList();
        List<BoundExpression> rechecks = [.. shown.Where(match => !match.KeepsFilter && !(match.IsExact && used.Contains(match))).Select(match => match.Source).Distinct()];
        List<BoundExpression> filter =
        [
            .. conditions.Where(c => !shown.Exists(match => match.Source == c && !match.KeepsFilter) && !predicate.Exists(term => BoundTree.Same(term, c))),
        ];
        return new IndexPath
        {
            Index = index,
            IndexConditions = [.. shown.Select(match => match.Shown)],
            Guaranteed = [.. shown.Where(match => !match.KeepsFilter).Select(match => match.Shown)],
            Sources = [.. shown.Select(match => match.Source).Concat(conditions.Except(filter)).Distinct()],
            Filter = filter,
            Rechecks = rechecks,
            Searched = [.. searched],
            NotNull = notNull,
            Lower = lower,
            Upper = upper,
            Backward = backward,
            UsesOtherRelations = shown.SelectMany(match => QueryTree.RelationIds(match.Shown)).Any(id => id != table.Id),
            Found = FoundRows(planner, table, index, searched, used, predicate),
        }.WithCost(planner, table);
    }

    // Equality is best; among equals what finds exactly the rows wanted.
    static KeyMatch? Fixed(List<KeyMatch> matches)
        => matches.Find(match => match is { Test: KeyTest.Equal, IsExact: true }) ?? matches.Find(match => match.Test is KeyTest.Equal or KeyTest.IsNull)
            ?? matches.Find(match => match.Test == KeyTest.OneOf);

    static double FoundRows(Planner planner, BoundTable table, IndexAccess index, List<KeyMatch> searched, List<KeyMatch> used, List<BoundExpression> predicate)
    {
        var rows = planner.Tables[table.Id].Rows;
        var found = Math.Max(1, rows * planner.Estimates.Fraction(used.Select(match => match.Shown).Concat(predicate)));
        return index.Definition.IsUnique && searched.Count == index.Keys.Length && searched.TrueForAll(match => match.Test is KeyTest.Equal or KeyTest.OneOf)
            ? Math.Min(found, Searches(searched))
            : found;
    }

    /// <summary>How many places of the index are looked at: every combination of listed values.</summary>
    static double Searches(IEnumerable<KeyMatch> searched)
        => searched.Aggregate(1.0, (product, match) => match.Test == KeyTest.OneOf ? product * Math.Max(1, Costs.ListLength(match.Values[0])) : product);

    IndexPath WithCost(Planner planner, BoundTable table)
    {
        var search = Searches(Searched) * Costs.IndexDescent + Found * Costs.IndexTuple;
        var correlation = Index.Keys[0].Column >= 0 ? planner.Tables[table.Id].Column(Index.Keys[0].Column).Statistics?.Correlation ?? 0 : 0;
        var fetch = Costs.Fetch + (Costs.NextFetch - Costs.Fetch) * correlation * correlation;
        var checks = Filter.Count + Rechecks.Count;
        return this with
        {
            SearchCost = search,
            Cost = new(0.15, 0.15 + search + Found * (fetch + Costs.Tuple + Costs.Operator * checks), Math.Max(1, Found * planner.Estimates.Fraction(Filter.Concat(Rechecks))), 0),
        };
    }

    /// <summary>The share of a table's rows that conditions keep; equality on a unique key keeps one row.</summary>
    public static double Selectivity(Planner planner, BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions)
    {
        var selectivity = planner.Estimates.Fraction(conditions);
        var rows = planner.Tables[table.Id].Rows;
        foreach (var index in access.Indexes)
        {
            if (index.Definition.IsUnique && index.Predicate is null
                && Enumerable.Range(0, index.Keys.Length).All(at => conditions.Any(condition => KeyMatch.Find(table, index, at, condition).Any(match => match.Test == KeyTest.Equal))))
                selectivity = Math.Min(selectivity, 1 / rows);
        }
        return selectivity;
    }

    /// <summary>An expression of the index, which is bound over relation 0, as one over the table here.</summary>
    public static BoundExpression Over(BoundTable table, BoundExpression expression)
        => BoundTree.Rewrite(expression, node => node is BoundColumn { Relation: 0 } column ? column with { Relation = table.Id } : null);

    /// <summary>Whether the conditions hold only of rows that are in a partial index.</summary>
    public static bool IsImplied(BoundExpression predicate, BoundTable table, IReadOnlyList<BoundExpression> conditions)
        => QueryTree.Conjuncts(Over(table, predicate)).All(term => conditions.Any(condition => PredicateProof.Implies(condition, term)));
}
