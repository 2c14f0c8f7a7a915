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
        StoreFullException full => new(SqlState.DiskFull, full.Message) { Hint = "Check free disk space." },
        StoreDamagedException damaged => new(SqlState.DataCorrupted, damaged.Message),
        IOException io when DiskSpace.IsExhausted(io) => new(SqlState.DiskFull, io.Message) { Hint = "Check free disk space." },
        UnauthorizedAccessException refused => new(SqlState.InsufficientPrivilege, refused.Message),
        IOException io => new(SqlState.IoError, io.Message),
        InsufficientExecutionStackException => new(SqlState.StatementTooComplex, "stack depth limit exceeded"),
        OutOfMemoryException => new(SqlState.OutOfMemory, "out of memory"),
        _ => Internal(error.GetBaseException()),
    };

    // A fault of ours: the client gets its first frame to report, the statement fails, the server goes on.
    static PgError Internal(Exception fault)
        => new(SqlState.InternalError, $"{fault.GetType().Name}: {fault.Message}") { Detail = fault.StackTrace?.Split('\n')[0].Trim() };
}
