using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning.Estimates;

/// <summary>
/// Estimates for the planner: which share of rows passes conditions, and how many distinct values there are, from the statistics of the
/// columns they are about. Shares are from 0 to 1. Tables must have been met by <see cref="Planner.Access"/> before.
/// </summary>
sealed class Estimator(Planner planner)
{
    /// <summary>DEFAULT_MATCH_SEL.</summary>
    const double UnknownMatch = 0.005;

    const double UnknownCondition = 1 / 3.0;

    /// <summary>The share of rows that pass all conditions, taken as independent, except that two bounds of one column make a range.</summary>
    public double Fraction(IReadOnlyList<BoundExpression> conditions)
    {
        if (conditions.Count == 1)
            return Fraction(conditions[0]);
        var product = 1.0;
        List<Range>? ranges = null;
        for (var i = 0; i < conditions.Count; i++)
        {
            if (AsComparison(conditions[i]) is { Strategy: 1 or 2 or 4 or 5 } comparison)
                Range.Add(ranges ??= [], comparison, Fraction(conditions[i]));
            else
                product *= Fraction(conditions[i]);
        }
        foreach (var range in ranges ?? [])
            product *= range.Fraction(Facts(range.Key).NullFraction);
        return product;
    }

    /// <summary>The share of rows that pass a condition.</summary>
    public double Fraction(BoundExpression condition) => Math.Clamp(condition switch
    {
        BoundConstant { Value.IsNull: true } => 0,
        BoundConstant constant => constant.Value.AsBool ? 1 : 0,
        BoundLogical { IsAnd: true } and => Fraction(and.Operands),
        BoundLogical or => or.Operands.Aggregate(0.0, (sum, operand) => Fraction(operand) is var share ? sum + share - sum * share : sum),
        BoundNot not => 1 - Fraction(not.Operand),
        BoundNullTest test => NullTest(test),
        BoundBooleanTest test => BooleanTest(test),
        BoundCall call => Call(call),
        BoundArrayComparison comparison => ArrayComparison(comparison),
        // The first column decides, but for ties.
        BoundRowComparison { Operators: [var first, ..] } rows => Fraction(new BoundCall(first.Function, [rows.Left[0], rows.Right[0]], PgTypes.Bool, first)),
        BoundColumn column => Facts(column) is { Statistics: not null } facts ? ValueEstimates.Equal(facts, Datum.True) : 0.5,
        BoundSubquery => 0.5,
        _ => UnknownCondition,
    }, 0, 1);

    /// <summary>Whether there are statistics of an expression, or a unique index on it.</summary>
    public bool IsKnown(BoundExpression expression) => Facts(expression) is { Statistics: not null } or { IsUnique: true };

    /// <summary>The share of all pairs of rows for which two expressions over different relations are equal (eqjoinsel).</summary>
    public double EqualFraction(BoundExpression left, BoundExpression right)
    {
        var (a, b) = (Facts(left), Facts(right));
        if (a.Statistics is { MostCommon.IsEmpty: false } first && b.Statistics is { MostCommon.IsEmpty: false } second && KeyTypes.CanHash(first.Type, second.Type))
            return CommonFraction(a, first, b, second);
        return (1 - a.NullFraction) * (1 - b.NullFraction) / Math.Max(a.Distinct, b.Distinct);
    }

    /// <summary>The share of rows on the left that find an equal value among so many on the right (eqjoinsel_semi).</summary>
    public double MatchedFraction(BoundExpression left, BoundExpression right, double rightRows)
    {
        var (a, b) = (Facts(left), Facts(right));
        return (1 - a.NullFraction) * (a.Rows > 0 && b.Rows > 0 ? Math.Min(1, Math.Min(b.Distinct, rightRows) / a.Distinct) : 0.5);
    }

    // Common values meet exactly; what is left of each side meets the other's uncommon values evenly.
    static double CommonFraction(in ColumnFacts a, ColumnStatistics first, in ColumnFacts b, ColumnStatistics second)
    {
        double matched = 0, matchedFirst = 0, matchedSecond = 0;
        var matches = 0;
        for (var i = 0; i < first.MostCommon.Length; i++)
            for (var j = 0; j < second.MostCommon.Length; j++)
            {
                if (!first.Type.Codec.Equal(first.MostCommon[i], second.MostCommon[j]))
                    continue;
                matched += first.Frequencies[i] * second.Frequencies[j];
                matchedFirst += first.Frequencies[i];
                matchedSecond += second.Frequencies[j];
                matches++;
                break;
            }
        double commonFirst = first.Frequencies.Sum(), commonSecond = second.Frequencies.Sum();
        var otherFirst = Math.Clamp(1 - first.NullFraction - commonFirst, 0, 1);
        var otherSecond = Math.Clamp(1 - second.NullFraction - commonSecond, 0, 1);

        double Side(double unmatched, double others, double theirUnmatched, double theirOthers, double distinct, int common)
        {
            var total = matched;
            if (distinct > common)
                total += unmatched * theirOthers / (distinct - common);
            if (distinct > matches)
                total += others * (theirOthers + theirUnmatched) / (distinct - matches);
            return total;
        }

        return Math.Min(
            Side(Math.Max(0, commonFirst - matchedFirst), otherFirst, Math.Max(0, commonSecond - matchedSecond), otherSecond, b.Distinct, second.MostCommon.Length),
            Side(Math.Max(0, commonSecond - matchedSecond), otherSecond, Math.Max(0, commonFirst - matchedFirst), otherFirst, a.Distinct, first.MostCommon.Length));
    }

    /// <summary>How many different combinations of values there are among so many rows.</summary>
    public double Groups(IEnumerable<BoundExpression> expressions, double rows)
    {
        var groups = 1.0;
        foreach (var expression in expressions)
        {
            if (expression is BoundConstant)
                continue;
            groups *= Facts(expression) is var facts && facts.Rows > 0 ? facts.Distinct : ColumnFacts.UnknownDistinct;
            if (groups >= rows)
                return Math.Max(1, rows);
        }
        return groups;
    }

    /// <summary>Bytes of an average value.</summary>
    public int Width(BoundExpression expression)
        => Facts(expression).Statistics is { Width: > 0 } known ? known.Width : Costs.Width(expression.Type, expression.Typmod);

    double NullTest(BoundNullTest test)
    {
        var facts = Facts(test.Operand);
        var nulls = facts.Statistics is null ? UnknownMatch : facts.NullFraction;
        return test.IsNot ? 1 - nulls : nulls;
    }

    double BooleanTest(BoundBooleanTest test)
    {
        var share = test.Expected switch
        {
            null => Facts(test.Operand).NullFraction,
            true => Fraction(test.Operand),
            false => Facts(test.Operand) is { Statistics: not null } facts ? ValueEstimates.Equal(facts, Datum.False) : 1 - Fraction(test.Operand),
        };
        return test.IsNot ? 1 - share : share;
    }

    double Call(BoundCall call)
    {
        if (call.Operator is not { } op)
            return UnknownCondition;
        if (AsComparison(call) is { } comparison)
            return Comparison(comparison);
        if (op.Strategy == 3 && call.Arguments is [var left, var right])
            return EqualFraction(left, right);
        return op.Name switch
        {
            "<>" when call.Arguments is [var a, var b] => NotEqual(a, b),
            "~~" or "~~*" or "~" or "~*" => Match(call, UnknownMatch),
            "!~~" or "!~~*" or "!~" or "!~*" => Match(call, 1 - UnknownMatch),
            "<" or "<=" or ">" or ">=" => ValueEstimates.UnknownInequality,
            _ => UnknownCondition,
        };
    }

    double Comparison(Comparison comparison)
    {
        var facts = Facts(comparison.Key);
        var known = Known(comparison.Value);
        if (known is { IsNull: true })
            return 0;
        if (known is { } && facts.Statistics is { } statistics && !KeyTypes.CanHash(statistics.Type, comparison.Value.Type))
            known = null;
        if (comparison.Strategy == 3)
            return known is { } value ? ValueEstimates.Equal(facts, value) : ValueEstimates.EqualUnknown(facts);
        if (known is not { } bound)
            return ValueEstimates.UnknownInequality;
        return comparison.Strategy is 1 or 2
            ? ValueEstimates.Below(facts, bound, inclusive: comparison.Strategy == 2)
            : facts.Statistics is null ? ValueEstimates.UnknownInequality
            : Math.Max(0, 1 - facts.NullFraction - ValueEstimates.Below(facts, bound, inclusive: comparison.Strategy == 5));
    }

    double NotEqual(BoundExpression left, BoundExpression right)
    {
        if (Facts(left) is not { Rows: > 0 } facts)
            (left, right, facts) = (right, left, Facts(right));
        var equal = Known(right) is { } value
            ? value.IsNull ? 1 : facts.Statistics is { } s && !KeyTypes.CanHash(s.Type, right.Type) ? ValueEstimates.EqualUnknown(facts) : ValueEstimates.Equal(facts, value)
            : ValueEstimates.EqualUnknown(facts);
        return Math.Max(0, 1 - equal - facts.NullFraction);
    }

    double Match(BoundCall call, double otherwise)
    {
        if (call.Arguments is not [var operand, var pattern] || Known(pattern) is not { IsNull: false } value)
            return otherwise;
        var function = new BinaryFunction(call.Function);
        var state = planner.Context.FoldingState;
        return ValueEstimates.Passing(Facts(operand), item => function.Invoke(item, value, state) is { IsNull: false, AsBool: true }, otherwise) ?? otherwise;
    }

    double ArrayComparison(BoundArrayComparison comparison)
    {
        if (comparison.Operator.Strategy != 3 || comparison.IsAll)
            return comparison.Operator.Name == "<>" && comparison.IsAll && Known(comparison.Array) is { IsNull: false } none
                ? Math.Max(0, 1 - Facts(comparison.Left).NullFraction - none.As<PgArray>().Items.Sum(item => EqualTo(comparison, item)))
                : UnknownCondition;
        return Known(comparison.Array) switch
        {
            { IsNull: true } => 0,
            { } array => array.As<PgArray>().Items.Distinct(new Execution.DatumComparer(comparison.Operator.Right.Codec)).Sum(item => EqualTo(comparison, item)),
            null => Costs.ListLength(comparison.Array) * ValueEstimates.EqualUnknown(Facts(comparison.Left)),
        };
    }

    double EqualTo(BoundArrayComparison comparison, Datum item)
    {
        var facts = Facts(comparison.Left);
        return item.IsNull ? 0
            : facts.Statistics is { } statistics && !KeyTypes.CanHash(statistics.Type, comparison.Operator.Right) ? ValueEstimates.EqualUnknown(facts)
            : ValueEstimates.Equal(facts, item);
    }

    /// <summary>A condition between a column (or indexed expression) and something without columns of its relation; null for others.</summary>
    static Comparison? AsComparison(BoundExpression condition)
    {
        if (condition is not BoundCall { Operator.Strategy: > 0 and var strategy, Arguments: [var left, var right] })
            return null;
        if (IsValue(right) && !IsValue(left))
            return new(left, strategy, right);
        return IsValue(left) && !IsValue(right) ? new Comparison(right, 6 - strategy, left) : null;
    }

    static bool IsValue(BoundExpression expression) => expression is BoundConstant or BoundParameter || !QueryTree.ReadsColumns(expression);

    /// <summary>A value that is known when planning, stable functions taken as they are now; null when it is not.</summary>
    Datum? Known(BoundExpression expression)
    {
        if (expression is BoundConstant constant)
            return constant.Value;
        if (QueryTree.IsVolatile(expression) || QueryTree.Any(expression, node => node is BoundParameter or BoundColumn or BoundSubquery or BoundCaseInput))
            return null;
        try
        {
            return new ExpressionCompiler(planner, RowLayout.Empty, null).Compile(expression).Evaluate(default, planner.Context.FoldingState);
        }
        catch (PgError)
        {
            return null;
        }
    }

    /// <summary>What is known of an expression's values; no rows when it is no column and no indexed expression.</summary>
    ColumnFacts Facts(BoundExpression expression)
    {
        while (expression is BoundRelabel relabel)
            expression = relabel.Operand;
        if (expression is BoundColumn column)
            return planner.Tables.TryGetValue(column.Relation, out var table) ? column.Column >= 0 ? table.Column(column.Column) : default
                : planner.Statement.Names.Expression(new(column.Relation, column.Column)) is { } computed ? Facts(computed) : default;
        foreach (var other in planner.Tables.Values)
            if (other.Expression(expression) is { } facts)
                return facts;
        return default;
    }
}

/// <summary>A column or indexed expression compared with a value; the strategy is that of <c>key op value</c>.</summary>
readonly record struct Comparison(BoundExpression Key, int Strategy, BoundExpression Value);

/// <summary>The bounds of one key.</summary>
sealed class Range(BoundExpression key)
{
    /// <summary>DEFAULT_RANGE_INEQ_SEL: between two unknown values.</summary>
    const double Unknown = 0.005;

    double? _below, _above;

    public BoundExpression Key => key;

    public static void Add(List<Range> ranges, Comparison comparison, double fraction)
    {
        var range = ranges.Find(other => BoundTree.Same(other.Key, comparison.Key));
        if (range is null)
            ranges.Add(range = new(comparison.Key));
        if (comparison.Strategy <= 2)
            range._below = Math.Min(range._below ?? 1, fraction);
        else
            range._above = Math.Min(range._above ?? 1, fraction);
    }

    /// <summary>What both bounds leave: their shares overlap by all rows that are not NULL.</summary>
    public double Fraction(double nullFraction)
    {
        if (_below is not { } below || _above is not { } above)
            return _below ?? _above ?? 1;
        if (below == ValueEstimates.UnknownInequality && above == ValueEstimates.UnknownInequality)
            return Unknown;
        var share = below + above - 1 + nullFraction;
        return share <= 0 ? 1e-10 : share;
    }
}
