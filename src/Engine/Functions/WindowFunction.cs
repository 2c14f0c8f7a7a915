using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>What a window function sees of the row it is computed for. Rows are numbered within their partition, from 0.</summary>
public abstract class WindowRow
{
    /// <summary>Rows of the partition.</summary>
    public abstract int PartitionRows { get; }

    /// <summary>Number of the current row.</summary>
    public abstract int Current { get; }

    /// <summary>The rows equal to the current one by ORDER BY: from <see cref="PeersStart"/> to before <see cref="PeersEnd"/>.</summary>
    public abstract int PeersStart { get; }
    public abstract int PeersEnd { get; }

    /// <summary>How many groups of peers come before the current row's.</summary>
    public abstract int Group { get; }

    /// <summary>The frame, before EXCLUDE takes rows out of it: from <see cref="FrameStart"/> to before <see cref="FrameEnd"/>.</summary>
    public abstract int FrameStart { get; }
    public abstract int FrameEnd { get; }

    /// <summary>Whether EXCLUDE takes a row of the frame out of it.</summary>
    public abstract bool IsExcluded(int row);

    /// <summary>The value of an argument for some row of the partition.</summary>
    public abstract Datum Argument(int argument, int row);
}

/// <summary>A window function over one partition after another; <see cref="Start"/> begins each, then rows come in order.</summary>
public abstract class WindowFunction
{
    public virtual void Start() { }
    public abstract Datum Evaluate(WindowRow row);
}
