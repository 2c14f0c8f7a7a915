using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>One way to read a table through an index: which conditions the search itself guarantees, and which are left as a filter.</summary>
sealed class IndexPath
{
    public required IndexAccess Index { get; init; }
    public required ImmutableArray<BoundExpression> IndexConditions { get; init; }
    public required IReadOnlyList<BoundExpression> Filter { get; init; }
    public required Cost Cost { get; init; }

    /// <summary>Whether some searched value is a column of another relation.</summary>
    public bool UsesOtherRelations { get; init; }

    public bool Backward { get; init; }

    ImmutableArray<BoundExpression?> Equal { get; init; } = [];
    BoundExpression? AnyOf { get; init; }
    bool NotNull { get; init; }
    (BoundExpression Value, bool Inclusive)? Lower { get; init; }
    (BoundExpression Value, bool Inclusive)? Upper { get; init; }

    /// <summary>How many of the index's first keys are held equal, so that order starts after them.</summary>
    public int EqualKeys => Equal.Length;

    /// <summary>Whether rows come in key order (looking up the elements of a list one by one breaks it).</summary>
    public bool IsOrdered => AnyOf is null;

    public IndexConditions Compile(ExpressionCompiler compiler) => new(
        [.. Equal.Select(compiler.CompileOptional)], compiler.CompileOptional(AnyOf),
        compiler.CompileOptional(Lower?.Value), Lower?.Inclusive ?? false, compiler.CompileOptional(Upper?.Value), Upper?.Inclusive ?? false, NotNull);

    /// <summary>The cheapest path whose search uses at least one condition; null when there is none.</summary>
    public static IndexPath? Best(BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions)
    {
        IndexPath? best = null;
        foreach (var index in access.Indexes)
        {
            if (Match(table, access, index, conditions, backward: false) is { IndexConditions.IsEmpty: false } path && (best is null || path.Cost.Total < best.Cost.Total))
                best = path;
        }
        return best;
    }

    /// <summary>What of the conditions this index can serve, which may be nothing; null when a partial index does not cover the rows wanted.</summary>
    public static IndexPath? Match(BoundTable table, TableAccess access, IndexAccess index, IReadOnlyList<BoundExpression> conditions, bool backward)
    {
        if (index.Predicate is { } predicate && !IsImplied(predicate, table, conditions))
            return null;
        var used = new List<BoundExpression>();
        var inexact = new List<BoundExpression>();
        var equal = new List<BoundExpression?>();
        BoundExpression? anyOf = null;
        var notNull = false;
        (BoundExpression, bool)? lower = null, upper = null;
        foreach (var key in index.Keys)
        {
            if (FindEqual(table, key, conditions, used, out var value))
            {
                equal.Add(value);
                if (value is not null && !Fits(key.Type, value))
                    inexact.Add(used[^1]);
                continue;
            }
            anyOf = FindList(table, key, conditions, used);
            if (anyOf is not null && used[^1] is BoundArrayComparison list && list.Operator.Right != key.Type)
                inexact.Add(list);
            if (anyOf is null)
            {
                FindBounds(table, key, conditions, used, out lower, out upper);
                notNull = FindNotNull(table, key, conditions, used);
            }
            break;
        }

        var rows = Math.Max(1, access.Rows.RowCountEstimate);
        var isUnique = index.Definition.IsUnique && equal.Count == index.Keys.Length;
        var lists = anyOf is null ? 1 : Costs.ListLength(anyOf);
        var found = isUnique ? 1 : anyOf is not null && index.Definition.IsUnique && equal.Count + 1 == index.Keys.Length ? lists : Math.Max(1, rows * Costs.Selectivity(used));
        List<BoundExpression> filter = [.. conditions.Where(condition => !used.Contains(condition) || inexact.Contains(condition))];
        var others = used.SelectMany(QueryTree.RelationIds).Any(id => id != table.Id);
        return new IndexPath
        {
            Index = index,
            IndexConditions = [.. used],
            Filter = filter,
            Equal = [.. equal],
            AnyOf = anyOf,
            NotNull = notNull,
            Lower = lower,
            Upper = upper,
            Backward = backward,
            UsesOtherRelations = others,
            Cost = new(0.15, lists * Costs.IndexDescent + found * (Costs.IndexTuple + Costs.Fetch + Costs.Tuple + Costs.Operator * filter.Count),
                Math.Max(1, found * Costs.Selectivity(filter)), 0),
        };
    }

    /// <summary>The share of a table's rows that conditions keep; equality on a unique key keeps one row.</summary>
    public static double Selectivity(BoundTable table, TableAccess access, IReadOnlyList<BoundExpression> conditions)
    {
        var selectivity = Costs.Selectivity(conditions);
        var rows = Math.Max(1, access.Rows.RowCountEstimate);
        foreach (var index in access.Indexes)
        {
            if (!index.Definition.IsUnique)
                continue;
            var used = new List<BoundExpression>();
            if (index.Keys.All(key => FindEqual(table, key, conditions, used, out _)))
                selectivity = Math.Min(selectivity, 1.0 / rows);
        }
        return selectivity;
    }

    static bool FindEqual(BoundTable table, IndexKeyColumn key, IReadOnlyList<BoundExpression> conditions, List<BoundExpression> used, out BoundExpression? value)
    {
        foreach (var condition in conditions)
        {
            if (Comparison(table, key, condition) is (3, { } side))
            {
                used.Add(condition);
                value = side;
                return true;
            }
            if (condition is BoundNullTest { IsNot: false } test && IsKey(table, key, test.Operand))
            {
                used.Add(condition);
                value = null;
                return true;
            }
        }
        value = null;
        return false;
    }

    static BoundExpression? FindList(BoundTable table, IndexKeyColumn key, IReadOnlyList<BoundExpression> conditions, List<BoundExpression> used)
    {
        foreach (var condition in conditions)
        {
            if (condition is BoundArrayComparison { IsAll: false, Operator.Strategy: 3 } any && IsKey(table, key, any.Left)
                && KeyTypes.CanHash(key.Type, any.Operator.Right) && IsValue(table, any.Array))
            {
                used.Add(condition);
                return any.Array;
            }
        }
        return null;
    }

    static void FindBounds(
        BoundTable table, IndexKeyColumn key, IReadOnlyList<BoundExpression> conditions, List<BoundExpression> used,
        out (BoundExpression, bool)? lower, out (BoundExpression, bool)? upper)
    {
        lower = upper = null;
        foreach (var condition in conditions)
        {
            if (Comparison(table, key, condition) is not ({ } strategy, { } value) || !Fits(key.Type, value))
                continue;
            if (strategy is 4 or 5 && lower is null)
                lower = (value, strategy == 4);
            else if (strategy is 1 or 2 && upper is null)
                upper = (value, strategy == 2);
            else
                continue;
            used.Add(condition);
        }
    }

    static bool FindNotNull(BoundTable table, IndexKeyColumn key, IReadOnlyList<BoundExpression> conditions, List<BoundExpression> used)
    {
        foreach (var condition in conditions)
        {
            if (condition is not BoundNullTest { IsNot: true } test || !IsKey(table, key, test.Operand))
                continue;
            used.Add(condition);
            return true;
        }
        return false;
    }

    // <key> op <value>, or the other way round; the strategy is that of the first form.
    static (int? Strategy, BoundExpression? Value) Comparison(BoundTable table, IndexKeyColumn key, BoundExpression condition)
    {
        if (condition is BoundColumn or BoundNot { Operand: BoundColumn } && key.Type == PgTypes.Bool)
        {
            var operand = condition is BoundNot not ? not.Operand : condition;
            return IsKey(table, key, operand) ? (3, new BoundConstant(Datum.Of(condition is BoundColumn), PgTypes.Bool)) : default;
        }
        if (condition is not BoundCall { Operator: { Strategy: > 0 } op, Arguments: [var left, var right] })
            return default;
        if (IsKey(table, key, left) && KeyTypes.CanHash(key.Type, right.Type) && IsValue(table, right))
            return (op.Strategy, right);
        if (IsKey(table, key, right) && KeyTypes.CanHash(key.Type, left.Type) && IsValue(table, left))
            return (6 - op.Strategy, left);
        return default;
    }

    /// <summary>
    /// Whether every value of the expression is also one of the key's type, so that the key's bytes stand for it. int4 = int8 and
    /// real = double may look for a value the key cannot hold; such a condition is checked again on the rows found.
    /// </summary>
    static bool Fits(PgType key, BoundExpression value) => (key.Codec, value.Type.Codec) switch
    {
        (IntegerCodec, IntegerCodec) => value.Type.Length <= key.Length || (value is BoundConstant { Value.IsNull: false } constant
            && constant.Value.AsInt64 == (key.Length == 2 ? constant.Value.AsInt16 : constant.Value.AsInt32)),
        (Float4Codec, Float8Codec) => false,
        _ => true,
    };

    static bool IsKey(BoundTable table, IndexKeyColumn key, BoundExpression expression)
    {
        while (expression is BoundRelabel relabel && relabel.Type.Codec.GetType() == relabel.Operand.Type.Codec.GetType())
            expression = relabel.Operand;
        return key.Expression is null
            ? expression is BoundColumn column && column.Relation == table.Id && column.Column == key.Column
            : BoundTree.Same(expression, Over(table, key.Expression));
    }

    /// <summary>Whether an expression has one value for the whole scan.</summary>
    static bool IsValue(BoundTable table, BoundExpression expression)
        => expression is BoundConstant or BoundParameter
            || (!QueryTree.RelationIds(expression).Contains(table.Id) && !QueryTree.IsVolatile(expression));

    /// <summary>An expression of the index, which is bound over relation 0, as one over the table here.</summary>
    public static BoundExpression Over(BoundTable table, BoundExpression expression)
        => BoundTree.Rewrite(expression, node => node is BoundColumn { Relation: 0 } column ? column with { Relation = table.Id } : null);

    // Each term of the predicate must be among the conditions, or be an IS NOT NULL that a strict comparison there implies.
    static bool IsImplied(BoundExpression predicate, BoundTable table, IReadOnlyList<BoundExpression> conditions)
        => QueryTree.Conjuncts(Over(table, predicate)).All(term => conditions.Any(condition => BoundTree.Same(condition, term) || ImpliesNotNull(condition, term)));

    static bool ImpliesNotNull(BoundExpression condition, BoundExpression term)
        => term is BoundNullTest { IsNot: true } test && condition is BoundCall { Operator: { Strategy: > 0, Function.IsStrict: true } } call
            && call.Arguments.Any(argument => BoundTree.Same(argument, test.Operand));
}
