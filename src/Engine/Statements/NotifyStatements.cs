using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>LISTEN, UNLISTEN and NOTIFY.</summary>
internal static class NotifyStatements
{
    /// <summary>PostgreSQL's limit: a payload must fit into a page of its queue.</summary>
    const int MaxPayloadBytes = 8000;

    public static string Run(Sql.Statement statement, UtilityCall call)
    {
        switch (statement)
        {
            case Sql.ListenStatement e:
                call.Block.OnCommit(() => call.Session.Notifications.Listen(e.Channel));
                return "LISTEN";
            case Sql.UnlistenStatement e:
                call.Block.OnCommit(() => call.Session.Notifications.Unlisten(e.Channel));
                return "UNLISTEN";
            default:
                var notify = (Sql.NotifyStatement)statement;
                Send(call.Session, notify.Channel, notify.Payload ?? "");
                return "NOTIFY";
        }
    }

    /// <summary>NOTIFY and pg_notify: sent when the transaction commits.</summary>
    public static void Send(Sessions.Session session, string channel, string payload)
    {
        if (channel.Length == 0)
            throw new PgError(SqlState.InvalidParameterValue, "channel name cannot be empty");
        if (channel.Length >= 64)
            throw new PgError(SqlState.InvalidParameterValue, "channel name too long");
        if (System.Text.Encoding.UTF8.GetByteCount(payload) >= MaxPayloadBytes)
            throw new PgError(SqlState.InvalidParameterValue, "payload string too long");
        session.Block!.Notify(channel, payload);
    }
}
