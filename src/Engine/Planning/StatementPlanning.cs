using PgVectorCompat.Engine.Binding;

namespace PgVectorCompat.Engine.Planning;

/// <summary>What all parts of one statement's plan share: slots, numbers of subplans, ids of computed columns, names for EXPLAIN.</summary>
public sealed class StatementPlanning(PlannerContext context)
{
    // Relations made up by the planner are negative, so that they never meet the binder's.
    int _nextRelation = -1;
    int _nextSubPlan = 1;
    int _nextInitPlanResult;

    public PlannerContext Context { get; } = context;
    public int Slots { get; private set; }

    /// <summary>How EXPLAIN calls what columns stand for.</summary>
    public PlanNames Names { get; } = new();

    /// <summary>WITH queries in sight, by id.</summary>
    public Dictionary<int, CtePlan> Ctes => field ??= [];

    /// <summary>Data-modifying WITH queries, which run to completion whether read or not.</summary>
    public List<CtePlan> Modifications { get; } = [];

    public int NewSlot() => Slots++;
    public int NewRelation() => _nextRelation--;
    public int NewSubPlanNumber() => _nextSubPlan++;
    public int NewInitPlanResult() => _nextInitPlanResult++;

    /// <summary>A column for a computed value, known to EXPLAIN by its expression.</summary>
    public BoundColumn NewColumn(int relation, int position, BoundExpression expression)
    {
        Names.Define(new(relation, position), expression);
        return new BoundColumn(relation, position, "?column?", expression.Type, expression.Typmod);
    }
}

/// <summary>What EXPLAIN needs to print columns: aliases of relations, and the expressions that computed columns stand for.</summary>
public sealed class PlanNames
{
    readonly Dictionary<int, string> _aliases = [];
    readonly Dictionary<int, BoundRelation> _relations = [];
    readonly Dictionary<PlanColumn, BoundExpression> _computed = [];

    Dictionary<BoundSubquery, string>? _subqueries;

    public void Define(BoundSubquery subquery, string text)
        => (_subqueries ??= new(ReferenceEqualityComparer.Instance))[subquery] = text;

    public string? Subquery(BoundSubquery subquery) => _subqueries?.GetValueOrDefault(subquery);
    public void Define(int relation, string alias) => _aliases[relation] = alias;

    /// <summary>The name of a relation in this plan: its alias, with a number when another relation has that already (<c>o_1</c>).</summary>
    public string Define(BoundRelation relation)
    {
        if (_aliases.TryGetValue(relation.Id, out var known))
            return known;
        var alias = relation.Alias;
        for (var number = 1; _aliases.ContainsValue(alias); number++)
            alias = $"{relation.Alias}_{number}";
        _relations[relation.Id] = relation;
        return _aliases[relation.Id] = alias;
    }

    public void Define(PlanColumn column, BoundExpression expression) => _computed[column] = expression;

    /// <summary>Whether columns are printed with their relation's alias: as soon as the statement has two.</summary>
    public bool Qualify => _aliases.Count > 1;

    public string? Alias(int relation) => _aliases.GetValueOrDefault(relation);

    /// <summary>A relation whose rows the plan reads or writes; null for what the planner made up.</summary>
    public BoundRelation? Relation(int relation) => _relations.GetValueOrDefault(relation);

    /// <summary>The relation that <see cref="Define(BoundRelation)"/> has named so.</summary>
    public BoundRelation? Relation(string alias) => _relations.Values.FirstOrDefault(relation => _aliases[relation.Id] == alias);

    public BoundExpression? Expression(PlanColumn column) => _computed.GetValueOrDefault(column);
}
