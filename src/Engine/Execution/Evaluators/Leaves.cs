using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Evaluators;

sealed class ColumnEvaluator(int index) : Evaluator
{
    public int Index => index;
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state) => row[index];
}

sealed class ConstantEvaluator(Datum value) : Evaluator
{
    public Datum Value => value;
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state) => value;
}

/// <summary>$n, by position from 0.</summary>
sealed class ParameterEvaluator(int index) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state) => state.Parameters[index];
}

/// <summary>A value that something further out has put into its slot.</summary>
sealed class SlotEvaluator(int slot) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state) => state.Slots[slot];
}

/// <summary>Computes <paramref name="input"/> into a slot, then <paramref name="body"/>, which reads it.</summary>
sealed class WithInputEvaluator(int slot, Evaluator input, Evaluator body) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        state.Slots[slot] = input.Evaluate(row, state);
        return body.Evaluate(row, state);
    }
}
