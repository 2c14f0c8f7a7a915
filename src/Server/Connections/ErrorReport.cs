using PgVectorCompat.Types;

namespace PgVectorCompat.Server.Connections;

/// <summary>What a client is told about an exception.</summary>
static class ErrorReport
{
    /// <summary>The error itself when it is meant for the client; else 53200, 54001, or XX000 and a line with the stack in the log.</summary>
    public static PgError For(Exception exception, Action<string> log)
    {
        switch (exception)
        {
            case PgError error:
                return error;
            case OutOfMemoryException:
                return new PgError(SqlState.OutOfMemory, "out of memory");
            case InsufficientExecutionStackException:
                return new PgError(SqlState.StatementTooComplex, "stack depth limit exceeded");
            default:
                log($"internal error: {exception}");
                return new PgError(SqlState.InternalError, $"internal error: {exception.Message}");
        }
    }
}
