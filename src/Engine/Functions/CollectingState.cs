using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>State of an aggregate that grows with its rows and stays in memory; what it takes counts against the statement's memory.</summary>
abstract class CollectingState(EvaluationContext context) : AggregateState
{
    /// <summary>Bytes taken so far.</summary>
    public long Memory { get; private set; }

    /// <summary>Raises 53200.</summary>
    protected void Grow(long bytes)
    {
        context.Memory.Take(bytes);
        Memory += bytes;
    }

    /// <summary>The group's value was given and nobody asks again.</summary>
    public void Release()
    {
        context.Memory.Give(Memory);
        Memory = 0;
    }
}

/// <summary>Keeps the values and makes the result of them; NULL over no rows.</summary>
sealed class CollectState(EvaluationContext context, Func<List<Datum>, Datum> finish) : CollectingState(context)
{
    readonly List<Datum> _values = [];

    public override void Add(ReadOnlySpan<Datum> arguments)
    {
        Grow(Execution.Spill.RowImage.Memory(arguments[..1]));
        _values.Add(arguments[0]);
    }

    public override Datum Finish() => _values.Count == 0 ? Datum.Null : finish(_values);
}
