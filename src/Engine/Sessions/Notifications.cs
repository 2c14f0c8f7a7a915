using System.Collections.Concurrent;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>Carries NOTIFY to the sessions of the same database that LISTEN to the channel.</summary>
public sealed class NotificationHub
{
    readonly ConcurrentDictionary<Session, byte> _listeners = new();

    internal void Add(Session session) => _listeners[session] = 0;
    internal void Remove(Session session) => _listeners.TryRemove(session, out _);

    internal void Send(Session from, IEnumerable<(string Channel, string Payload)> notifications)
    {
        foreach (var (channel, payload) in notifications)
            foreach (var listener in _listeners.Keys)
                if (listener.DatabaseOid == from.DatabaseOid)
                    listener.Notifications.Receive(from.ProcessId, channel, payload);
    }
}

/// <summary>One session's side of LISTEN and NOTIFY.</summary>
public sealed class SessionNotifications(Session session) : IDisposable
{
    readonly ConcurrentQueue<(int ProcessId, string Channel, string Payload)> _waiting = new();
    readonly ConcurrentDictionary<string, byte> _channels = new();

    public IEnumerable<string> Channels => _channels.Keys.Order(StringComparer.Ordinal);

    public void Listen(string channel)
    {
        _channels[channel] = 0;
        session.Cluster.Notifications.Add(session);
    }

    /// <summary>Null for all channels.</summary>
    public void Unlisten(string? channel)
    {
        if (channel is null) _channels.Clear();
        else _channels.TryRemove(channel, out _);
        if (_channels.IsEmpty) session.Cluster.Notifications.Remove(session);
    }

    internal void Receive(int processId, string channel, string payload)
    {
        if (!_channels.ContainsKey(channel)) return;
        _waiting.Enqueue((processId, channel, payload));
        session.Client.Wake();
    }

    internal void Deliver()
    {
        while (_waiting.TryDequeue(out var notification))
            session.Client.Notification(notification.ProcessId, notification.Channel, notification.Payload);
    }

    public void Dispose() => session.Cluster.Notifications.Remove(session);
}
