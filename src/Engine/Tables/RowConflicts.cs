using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>What happens when a row was changed by a commit that the statement's snapshot does not see.</summary>
internal static class RowConflicts
{
    /// <summary>READ COMMITTED goes on with the newer version; the levels above raise 40001.</summary>
    /// <param name="action">update or delete: what the other transaction did.</param>
    public static void RequireReadCommitted(Session session, string action)
    {
        if (session.Block!.Isolation >= Isolation.RepeatableRead)
            throw new PgError(SqlState.SerializationFailure, $"could not serialize access due to concurrent {action}");
    }
}
