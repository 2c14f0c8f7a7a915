using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Evaluators;

/// <summary>AND over three-valued logic: false as soon as a term is false, else NULL when one is NULL.</summary>
sealed class AndEvaluator(Evaluator[] terms) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var sawNull = false;
        foreach (var term in terms)
        {
            var value = term.Evaluate(row, state);
            if (value.IsNull)
                sawNull = true;
            else if (!value.AsBool)
                return Datum.False;
        }
        return sawNull ? Datum.Null : Datum.True;
    }
}

sealed class OrEvaluator(Evaluator[] terms) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var sawNull = false;
        foreach (var term in terms)
        {
            var value = term.Evaluate(row, state);
            if (value.IsNull)
                sawNull = true;
            else if (value.AsBool)
                return Datum.True;
        }
        return sawNull ? Datum.Null : Datum.False;
    }
}

sealed class NotEvaluator(Evaluator operand) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        return value.IsNull ? value : Datum.Of(!value.AsBool);
    }
}

sealed class NullTestEvaluator(Evaluator operand, bool isNot) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
        => Datum.Of(operand.Evaluate(row, state).IsNull != isNot);
}

/// <summary>IS [NOT] NULL of a row: all fields are (or none is) NULL, so neither may be true.</summary>
sealed class RowNullTestEvaluator(Evaluator operand, bool isNot) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        if (value.IsNull)
            return Datum.Of(!isNot);
        foreach (var field in value.As<PgRecord>().Values)
        {
            if (field.IsNull == isNot)
                return Datum.False;
        }
        return Datum.True;
    }
}

/// <summary>IS [NOT] TRUE, FALSE, UNKNOWN.</summary>
sealed class BooleanTestEvaluator(Evaluator operand, bool? expected, bool isNot) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        bool? actual = value.IsNull ? null : value.AsBool;
        return Datum.Of(actual == expected != isNot);
    }
}

sealed class DistinctEvaluator(Evaluator left, Evaluator right, BinaryFunction equal, bool isNot) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var a = left.Evaluate(row, state);
        var b = right.Evaluate(row, state);
        var isDistinct = a.IsNull || b.IsNull ? a.IsNull != b.IsNull : !equal.IsTrue(a, b, state);
        return Datum.Of(isDistinct != isNot);
    }
}
