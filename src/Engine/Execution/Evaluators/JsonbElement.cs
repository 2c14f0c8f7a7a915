using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Evaluators;

/// <summary><c>document['key'][0]</c>: the value at the end of the path; NULL when it leads nowhere.</summary>
sealed class JsonbElementEvaluator(Evaluator operand, Evaluator[] subscripts) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        if (value.IsNull)
            return value;
        var path = new string[subscripts.Length];
        for (var i = 0; i < path.Length; i++)
        {
            var subscript = subscripts[i].Evaluate(row, state);
            if (subscript.IsNull)
                return subscript;
            path[i] = subscript.IsInBits ? subscript.AsInt32.ToString() : subscript.AsString;
        }
        return Datum.Of(JsonbOperations.Follow(value.As<JsonbValue>(), path));
    }
}
