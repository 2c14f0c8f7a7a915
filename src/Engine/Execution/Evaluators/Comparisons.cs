using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Evaluators;

/// <summary>A B-tree comparison (strategy 1 to 5) of values that are plain numbers in the datum's bits: integers, dates, times.</summary>
sealed class BitsComparison(Evaluator left, Evaluator right, int strategy) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var a = left.Evaluate(row, state);
        var b = right.Evaluate(row, state);
        return a.IsNull || b.IsNull ? Datum.Null : Datum.Of(Holds(a.AsInt64, b.AsInt64, strategy));
    }

    public static bool Holds(long a, long b, int strategy) => strategy switch
    {
        1 => a < b,
        2 => a <= b,
        3 => a == b,
        4 => a >= b,
        _ => a > b,
    };
}

/// <summary>The same between a column and a constant.</summary>
sealed class ColumnBitsComparison(int column, long constant, int strategy) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        ref readonly var value = ref row[column];
        return value.IsNull ? Datum.Null : Datum.Of(BitsComparison.Holds(value.AsInt64, constant, strategy));
    }
}

/// <summary>left op ANY|ALL (array).</summary>
sealed class ArrayComparisonEvaluator(Evaluator left, Evaluator array, BinaryFunction comparison, bool isAll) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var items = array.Evaluate(row, state);
        if (items.IsNull)
            return items;
        var value = left.Evaluate(row, state);
        var sawNull = false;
        foreach (var item in items.As<PgArray>().Items)
        {
            var result = comparison.Invoke(value, item, state);
            if (result.IsNull)
                sawNull = true;
            else if (result.AsBool != isAll)
                return result;
        }
        return sawNull ? Datum.Null : Datum.Of(isAll);
    }
}

/// <summary>left = ANY (constant array), by a hash set.</summary>
sealed class HashedMembership : Evaluator
{
    readonly Evaluator _left;
    readonly HashSet<Datum> _members;
    readonly bool _hasNull;
    readonly bool _isNegated;

    /// <param name="isNegated">For <c>&lt;&gt; ALL</c>: NOT IN.</param>
    public HashedMembership(Evaluator left, PgArray members, TypeCodec codec, bool isNegated)
    {
        _left = left;
        _isNegated = isNegated;
        _members = new(new DatumComparer(codec));
        foreach (var member in members.Items)
        {
            if (member.IsNull)
                _hasNull = true;
            else
                _members.Add(member);
        }
    }

    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = _left.Evaluate(row, state);
        if (value.IsNull)
            return value;
        if (_members.Contains(value))
            return Datum.Of(!_isNegated);
        return _hasNull ? Datum.Null : Datum.Of(_isNegated);
    }
}

/// <summary>(a, b) = (c, d) and &lt;&gt;: by all pairs, over three-valued logic.</summary>
sealed class RowEqualityEvaluator(Evaluator[] left, Evaluator[] right, BinaryFunction[] comparisons, bool isNotEqual) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var sawNull = false;
        for (var i = 0; i < left.Length; i++)
        {
            var result = comparisons[i].Invoke(left[i].Evaluate(row, state), right[i].Evaluate(row, state), state);
            if (result.IsNull)
                sawNull = true;
            else if (result.AsBool == isNotEqual)
                return result;
        }
        return sawNull ? Datum.Null : Datum.Of(!isNotEqual);
    }
}

/// <summary>(a, b) &lt; (c, d) and kin: decided by the first pair that is not equal.</summary>
sealed class RowOrderEvaluator(Evaluator[] left, Evaluator[] right, BinaryFunction[] comparisons, BinaryFunction[] equals, bool whenEqual) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        for (var i = 0; i < left.Length; i++)
        {
            var a = left[i].Evaluate(row, state);
            var b = right[i].Evaluate(row, state);
            var equal = equals[i].Invoke(a, b, state);
            if (equal.IsNull)
                return equal;
            if (!equal.AsBool)
                return comparisons[i].Invoke(a, b, state);
        }
        return Datum.Of(whenEqual);
    }
}
