using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Evaluators;

/// <summary>CASE: conditions in turn, and only the result that is taken.</summary>
sealed class CaseEvaluator(Evaluator[] conditions, Evaluator[] results, Evaluator? otherwise) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        for (var i = 0; i < conditions.Length; i++)
        {
            if (conditions[i].IsTrue(row, state))
                return results[i].Evaluate(row, state);
        }
        return otherwise is null ? Datum.Null : otherwise.Evaluate(row, state);
    }
}

sealed class CoalesceEvaluator(Evaluator[] arguments) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        foreach (var argument in arguments)
        {
            var value = argument.Evaluate(row, state);
            if (!value.IsNull)
                return value;
        }
        return Datum.Null;
    }
}

sealed class NullIfEvaluator(Evaluator left, Evaluator right, BinaryFunction equal) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var a = left.Evaluate(row, state);
        return !a.IsNull && equal.IsTrue(a, right.Evaluate(row, state), state) ? Datum.Null : a;
    }
}

/// <summary>GREATEST, LEAST; NULLs do not take part.</summary>
sealed class MinMaxEvaluator(Evaluator[] arguments, TypeCodec order, bool isGreatest) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var best = Datum.Null;
        foreach (var argument in arguments)
        {
            var value = argument.Evaluate(row, state);
            if (value.IsNull)
                continue;
            if (best.IsNull || (isGreatest ? order.Compare(value, best) > 0 : order.Compare(value, best) < 0))
                best = value;
        }
        return best;
    }
}
