using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using PgVectorCompat.Engine;
using PgVectorCompat.Protocol;
using PgVectorCompat.Types;

namespace PgVectorCompat.Server.Connections;

/// <summary>All connections there are: starts them, limits their number, ends them.</summary>
sealed class ConnectionTable
{
    /// <summary>Stack of a connection's thread, in which nested expressions recurse; memory only when it is used.</summary>
    const int StackBytes = 8 * 1024 * 1024;

    const int RefusalTimeoutMs = 1000;

    readonly ServerContext _server;
    readonly int _limit;
    readonly HashSet<Connection> _connections = [];
    bool _isStopping;

    public ConnectionTable(Cluster cluster, TlsSettings? tls, ServerOptions options)
    {
        _server = new ServerContext(cluster, tls, new Authenticator(options.Authentication, RandomNumberGenerator.GetBytes(32)), options.Log);

        // As many again may be on their way in or asking for a cancel; how many become sessions is the cluster's decision.
        _limit = 2 * int.Parse(cluster.GetSetting("max_connections")) + 32;
    }

    /// <summary>Serves a new client on its own thread.</summary>
    public void Accept(Socket socket)
    {
        var connection = new Connection(socket, _server);
        if (!TryAdd(connection))
        {
            ThreadPool.UnsafeQueueUserWorkItem(Refuse, socket, preferLocal: false);
            return;
        }
        try
        {
            new Thread(() => Run(connection), StackBytes) { IsBackground = true, Name = "connection" }.Start();
        }
        catch
        {
            Remove(connection);
            connection.Dispose();
            throw;
        }
    }

    bool TryAdd(Connection connection)
    {
        lock (_connections)
            return !_isStopping && _connections.Count < _limit && _connections.Add(connection);
    }

    void Run(Connection connection)
    {
        using (connection)
            connection.Run();
        Remove(connection);
    }

    void Remove(Connection connection)
    {
        lock (_connections)
        {
            _connections.Remove(connection);
            Monitor.PulseAll(_connections);
        }
    }

    /// <summary>Says why, once the client has sent its first packet: closing a socket with unread bytes would take the answer back.</summary>
    static void Refuse(Socket socket)
    {
        using (socket)
        {
            socket.ReceiveTimeout = RefusalTimeoutMs;
            Span<byte> firstPacket = stackalloc byte[1024];
            socket.Receive(firstPacket, SocketFlags.None, out _);
            var output = new ByteWriter();
            new BackendWriter(output).ErrorResponse(new PgError(SqlState.TooManyConnections, "sorry, too many clients already") { Severity = "FATAL" });
            socket.Send(output.Written, SocketFlags.None, out _);
        }
    }

    /// <summary>Ends all sessions; those that do not follow within <paramref name="grace"/> lose their sockets.</summary>
    public void StopAll(TimeSpan grace)
    {
        lock (_connections)
            _isStopping = true;
        foreach (var connection in Snapshot())
            connection.Stop();
        WaitUntilEmpty(grace);
        foreach (var connection in Snapshot())
            connection.Abort();
        WaitUntilEmpty(grace);
    }

    Connection[] Snapshot()
    {
        lock (_connections)
            return [.. _connections];
    }

    void WaitUntilEmpty(TimeSpan atMost)
    {
        var clock = Stopwatch.StartNew();
        lock (_connections)
            while (_connections.Count > 0 && atMost > clock.Elapsed)
                Monitor.Wait(_connections, atMost - clock.Elapsed);
    }
}
