using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>
/// What an expression may ask of the world while it runs: the session's settings and time, the statement's parameters and snapshot.
/// One per running statement.
/// </summary>
public abstract class EvaluationContext
{
    public abstract TypeSettings Settings { get; }
    public abstract Session Session { get; }

    /// <summary>Start of the transaction: now(). Microseconds from 2000-01-01 UTC, as are the next two.</summary>
    public abstract long TransactionTimestamp { get; }

    /// <summary>When the client's message arrived: statement_timestamp().</summary>
    public abstract long StatementTimestamp { get; }

    /// <summary>The time right now: clock_timestamp().</summary>
    public abstract long ClockTimestamp { get; }

    /// <summary>What the statement holds in memory and cannot put on disk.</summary>
    internal Execution.Spill.StatementMemory Memory => field ??= new(Session);

    /// <summary>Raises 57014 when the statement was cancelled or timed out; long-running functions ask now and then.</summary>
    public abstract void ThrowIfCancelled();
}
