namespace PgVectorCompat.Storage;

/// <summary>How a wait for a lock or for the end of a transaction went.</summary>
public enum WaitOutcome : byte
{
    /// <summary>The lock is granted, or the other transaction has ended.</summary>
    Done,

    /// <summary>Waiting would have closed a cycle; this waiter is the victim (40P01). <see cref="LockOwner.LastDeadlock"/> has the cycle.</summary>
    Deadlock,

    /// <summary>The time is up (55P03).</summary>
    Timeout,

    /// <summary>The token was cancelled (57014).</summary>
    Cancelled,
}
