using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>What a client is told when something other than a <see cref="PgError"/> stops its statement: the one place that maps faults.</summary>
internal static class Errors
{
    public static PgError ToPgError(Exception error, Session session) => error switch
    {
        PgError told => told,
        OperationCanceledException => session.CancellationError(),
        StoreFullException => new(SqlState.DiskFull, "could not extend file: No space left on device") { Hint = "Check free disk space." },
        IOException io => new(SqlState.IoError, io.Message),
        InsufficientExecutionStackException => new(SqlState.StatementTooComplex, "stack depth limit exceeded"),
        OutOfMemoryException => new(SqlState.OutOfMemory, "out of memory"),
        _ => new(SqlState.InternalError, $"{error.GetType().Name}: {error.Message}") { Detail = error.StackTrace },
    };
}
