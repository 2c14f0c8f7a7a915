using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// A compiled expression: computes a value from one input row. Has no state, so one instance serves every execution of a prepared
/// plan at the same time; what changes lies in the row and in <see cref="ExecutionState"/>.
/// </summary>
public abstract class Evaluator
{
    public abstract Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state);

    /// <summary>Whether a condition holds; NULL does not.</summary>
    public bool IsTrue(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = Evaluate(row, state);
        return !value.IsNull && value.AsBool;
    }
}
