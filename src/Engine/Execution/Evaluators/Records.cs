using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Evaluators;

/// <summary>ROW(…).</summary>
sealed class RowEvaluator(Evaluator[] fields, ImmutableArray<RecordField> shape) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var values = new Datum[fields.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = fields[i].Evaluate(row, state);
        return Datum.Of(new PgRecord(shape, values));
    }
}

/// <summary>(composite).field.</summary>
sealed class FieldEvaluator(Evaluator operand, int index) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        return value.IsNull ? value : value.As<PgRecord>().Values[index];
    }
}
