using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// A running plan node: gives rows one at a time. (PostgreSQL's "executor node"; named so because <c>Operator</c> is SQL's.)
/// </summary>
/// <remarks>
/// Life: made by <see cref="Planning.PlanNode.Open"/>, then <see cref="MoveNext"/> until false, then <see cref="IDisposable.Dispose"/>;
/// <see cref="Reset"/> starts over (inner side of a nested loop, correlated subquery) with whatever outer values are set by then.
/// </remarks>
public abstract class RowSource : IDisposable
{
    /// <summary>Goes to the next row; false when there are no more.</summary>
    public abstract bool MoveNext();

    /// <summary>The row, valid until the next call of <see cref="MoveNext"/>; width is the plan node's column count.</summary>
    public abstract ReadOnlySpan<Datum> Current { get; }

    /// <summary>Back to before the first row.</summary>
    public abstract void Reset();

    public virtual void Dispose() { }
}
