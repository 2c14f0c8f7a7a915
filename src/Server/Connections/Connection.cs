using System.Net.Sockets;
using System.Security.Authentication;
using PgVectorCompat.Engine;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Protocol;
using PgVectorCompat.Types;

namespace PgVectorCompat.Server.Connections;

/// <summary>One client, on a thread of its own: start-up, authentication, then its session until it leaves.</summary>
/// <remarks>
/// The thread holds <see cref="_gate"/> except while it waits for input. Whoever wakes an idle connection takes the gate for that
/// long, so the session and the output never see two threads.
/// </remarks>
sealed class Connection : IDisposable
{
    /// <summary>Time for a client to authenticate, PostgreSQL's authentication_timeout.</summary>
    static readonly TimeSpan StartupTimeout = TimeSpan.FromSeconds(60);

    readonly Lock _gate = new();
    readonly ServerContext _server;
    readonly Transport _transport;
    readonly InputBuffer _input;
    readonly WireClient _client;
    Session? _session;
    volatile bool _isWoken;
    volatile bool _isStopping;

    public Connection(Socket socket, ServerContext server)
    {
        _server = server;
        _transport = new Transport(socket);
        _input = new InputBuffer(_transport);
        _client = new WireClient(_transport, _input, Wake);
    }

    /// <summary>The thread's whole life. Never throws: nothing that a client does may stop the server.</summary>
    public void Run()
    {
        try
        {
            using (_gate.EnterScope())
                Serve();
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or ObjectDisposedException)
        {
            // The client is gone, or never came to terms about TLS: there is nobody to tell.
        }
        catch (Exception e)
        {
            _server.Log($"connection failed: {e}");
        }
    }

    void Serve()
    {
        try
        {
            using (new Timer(_ => _transport.Abort(), null, StartupTimeout, Timeout.InfiniteTimeSpan))
                if (!TryStart())
                    return;
            var loop = new MessageLoop(_session!, _client, _input, _server.Log);
            loop.SendReady();
            _session!.EndsAs = SessionEnd.Abandoned;
            while (loop.HandleAvailable())
            {
                if (!WaitForInput(loop.IsReady))
                    return;
            }
            _session.EndsAs = SessionEnd.Normal;
        }
        catch (Exception e) when (!_transport.IsBroken && e is not (IOException or SocketException or AuthenticationException))
        {
            if (_session is not null)
                _session.EndsAs = SessionEnd.Fatal;
            SendLast(ErrorReport.For(e, _server.Log));
        }
        finally
        {
            _session?.Dispose();
        }
    }

    /// <summary>False when this connection will not become a session.</summary>
    bool TryStart()
    {
        switch (StartupExchange.Receive(_transport, _server.Tls))
        {
            case CancelRequest cancel:
                _server.Cluster.Cancel(cancel.ProcessId, cancel.SecretKey);
                return false;

            case SessionStartup startup:
                return TryStart(startup);

            default:
                return false;
        }
    }

    bool TryStart(SessionStartup startup)
    {
        if (startup.NeedsNegotiation)
            _client.Writer.NegotiateProtocolVersion(startup.ProtocolOptions);
        var settings = WithoutReplication(startup.Settings);

        var endPointHash = _transport.IsTls ? _server.Tls!.EndPointHash : null;
        var role = _server.Cluster.FindRole(startup.User);
        if (!_server.Authenticator.Run(startup.User, role, _client, _input, _transport.IsLocal, endPointHash))
            return false;
        if (_isStopping)
            throw ShuttingDown();

        var peer = _transport.Peer;
        var request = new SessionRequest(startup.User, startup.Database, settings, peer?.Address.ToString(), peer?.Port ?? -1, _transport.TlsFacts);
        _client.Session = _session = _server.Cluster.Connect(request, _client);
        foreach (var (name, value) in _session.ReportedParameters)
            _client.Writer.ParameterStatus(name, value);
        _client.Writer.BackendKeyData(_session.ProcessId, _session.SecretKey);
        return true;
    }

    static IReadOnlyList<(string Name, string Value)> WithoutReplication(IReadOnlyList<(string Name, string Value)> settings)
    {
        if (!settings.Any(s => s.Name == "replication"))
            return settings;
        return settings.Any(s => s.Name == "replication" && s.Value is not ("false" or "off" or "no" or "0"))
            ? throw new PgError(SqlState.FeatureNotSupported, "a replication connection is not supported") { Severity = "FATAL" }
            : settings.Where(s => s.Name != "replication").ToList();
    }

    /// <summary>False when the client left. Raises FATAL 25P03, 57P05 when it was silent for too long.</summary>
    bool WaitForInput(bool isReady)
    {
        var timeoutMs = isReady ? _session!.IdleTimeoutMs : 0;
        while (true)
        {
            int received;
            _gate.Exit();
            try
            {
                if (_isWoken)
                    Deliver();
                received = _input.Fill(timeoutMs);
            }
            finally
            {
                _gate.Enter();
            }
            if (received >= 0)
                return received > 0;
            throw _session!.Status == TransactionStatus.Idle
                ? Fatal("57P05", "terminating connection due to idle-session timeout")
                : Fatal(SqlState.IdleInTransactionSessionTimeout, "terminating connection due to idle-in-transaction timeout");
        }
    }

    /// <summary>
    /// Something waits for the session. When it is busy it will see that by itself, before its next ReadyForQuery or, if that has
    /// passed, right before it waits; when it is idle another thread delivers.
    /// </summary>
    void Wake()
    {
        _isWoken = true;
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.Deliver(), this, preferLocal: false);
    }

    void Deliver()
    {
        if (!_gate.TryEnter())
            return;
        try
        {
            if (!_isWoken || _session is null)
                return;
            _isWoken = false;
            _session.DeliverPending();
            _client.Flush();
        }
        catch (IOException)
        {
            _transport.Abort();
        }
        catch (Exception e)
        {
            SendLast(ErrorReport.For(e, _server.Log));
            _transport.Abort();
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Ends the session in an orderly way: now when it is idle, else when its statement has stopped. From any thread.</summary>
    public void Stop()
    {
        _isStopping = true;
        if (_session is { } session)
        {
            session.Terminate();
            Wake();
        }
        else
            _transport.Abort();
    }

    /// <summary>Ends the connection whatever it does. From any thread.</summary>
    public void Abort() => _transport.Abort();

    public void Dispose() => _transport.Dispose();

    void SendLast(PgError error)
    {
        try
        {
            _client.Writer.ErrorResponse(error);
            _client.Flush();
        }
        catch (IOException)
        {
            // The client did not stay to hear it.
        }
    }

    static PgError ShuttingDown() => Fatal(SqlState.CannotConnectNow, "the database system is shutting down");

    static PgError Fatal(string sqlState, string message) => new(sqlState, message) { Severity = "FATAL" };
}
