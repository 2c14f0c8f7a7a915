namespace PgVectorCompat.Storage;

/// <summary>A point inside a transaction to which it can go back, as often as wanted. Valid until released or undone past.</summary>
public readonly record struct Savepoint
{
    internal Savepoint(int depth, int undo, int locks, int rowLocks)
    {
        Depth = depth;
        Undo = undo;
        Locks = locks;
        RowLocks = rowLocks;
    }

    internal int Depth { get; }
    internal int Undo { get; }
    internal int Locks { get; }
    internal int RowLocks { get; }
}
