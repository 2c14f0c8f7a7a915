using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PgVectorCompat.Engine;
using PgVectorCompat.Server.Connections;
using PgVectorCompat.Types;

namespace PgVectorCompat.Server;

/// <summary>A running server: a cluster, its listening sockets and the connections of its clients.</summary>
/// <example><code>
/// await using var server = await PgVectorServer.StartAsync(new ServerOptions { DataDirectory = path, Port = 0 });
/// await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={server.Port};Username=postgres;Database=postgres");
/// </code></example>
public sealed class PgVectorServer : IAsyncDisposable
{
    /// <summary>How long sessions have to end in an orderly way when the server stops.</summary>
    static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    readonly Cluster _cluster;
    readonly ConnectionTable _connections;
    readonly List<Listener> _listeners;
    readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _isStopped;

    PgVectorServer(Cluster cluster, ConnectionTable connections, List<Listener> listeners, int port)
    {
        _cluster = cluster;
        _connections = connections;
        _listeners = listeners;
        Port = port;
    }

    /// <summary>TCP port of the server.</summary>
    public int Port { get; }

    /// <summary>The cluster behind the server.</summary>
    public Cluster Cluster => _cluster;

    /// <summary>
    /// Opens the data directory, recovers it, and listens. Raises <see cref="PgError"/> when the options are not safe or not possible;
    /// nothing is left running then.
    /// </summary>
    public static Task<PgVectorServer> StartAsync(ServerOptions options, CancellationToken cancellation = default)
        => Task.Run(() => Start(options), cancellation);

    static PgVectorServer Start(ServerOptions options)
    {
        var endPoints = ListenAddresses.Resolve(options.Host, options.Port);
        var listeners = new List<Listener>();
        Cluster? cluster = null;
        try
        {
            // Ports first: a second server on the same port fails before it has touched the data.
            var sockets = ListenAddresses.Bind(endPoints);
            var port = ((IPEndPoint)sockets[0].LocalEndPoint!).Port;
            listeners.AddRange(sockets.Select(socket => new Listener(socket)));

            cluster = Cluster.Open(new ClusterOptions(
                options.DataDirectory, WithAddress(options, port), options.SuperuserName, options.SuperuserPassword, options.DatabaseName) { Log = options.Log });
            CheckSafety(options, endPoints, cluster);

            var tls = TlsSettings.Load(cluster.GetSetting, options.DataDirectory);
            listeners.AddRange(UnixSockets.Bind(cluster.GetSetting("unix_socket_directories"), port, options.Log).Select(socket => new Listener(socket)));

            var connections = new ConnectionTable(cluster, tls, options);
            foreach (var listener in listeners)
                listener.Start(connections.Accept);
            var server = new PgVectorServer(cluster, connections, listeners, port);
            _ = server.StopOnFailure(options.Log);
            return server;
        }
        catch
        {
            foreach (var listener in listeners)
                listener.Dispose();
            cluster?.Dispose();
            throw;
        }
    }

    /// <summary>SHOW port and SHOW listen_addresses tell where the server really listens.</summary>
    static Dictionary<string, string> WithAddress(ServerOptions options, int port) => new(options.Settings)
    {
        ["port"] = port.ToString(),
        ["listen_addresses"] = options.Host,
    };

    static void CheckSafety(ServerOptions options, IReadOnlyList<IPEndPoint> endPoints, Cluster cluster)
    {
        if (options.Authentication == AuthenticationMode.Trust || endPoints.All(e => IPAddress.IsLoopback(e.Address)))
            return;
        // An existing directory has the superuser it was made with, whatever the environment says now.
        if (cluster.Superuser is { PasswordVerifier: null, Name: var name })
            throw new PgError(SqlState.InvalidAuthorizationSpecification, $"will not listen on {options.Host} while superuser \"{name}\" has no password")
            {
                Severity = "FATAL",
                Hint = "Set POSTGRES_PASSWORD for a new data directory, run ALTER ROLE … PASSWORD on an existing one, or pass --auth trust to let everybody in.",
            };
    }

    /// <summary>
    /// Ends all sessions (FATAL 57P01, as PostgreSQL's fast shutdown), writes a checkpoint and closes the data directory.
    /// Calling it again does nothing.
    /// </summary>
    public Task StopAsync() => Interlocked.Exchange(ref _isStopped, 1) == 0 ? Task.Run(Stop) : Task.CompletedTask;

    /// <summary>Ends when a disk failure has made the server stop; with the reason.</summary>
    public Task<Exception> Failed => _failed.Task;

    /// <summary>After a failed write or sync nobody knows what is on disk until recovery has looked: going on would be a lie.</summary>
    async Task StopOnFailure(Action<string>? log)
    {
        var failure = await _cluster.Store.Failed;
        log?.Invoke($"FATAL:  {failure.Message}; the server stops, and the next start recovers what is on disk");
        try
        {
            await StopAsync();
        }
        finally
        {
            _failed.TrySetResult(failure);
        }
    }

    void Stop()
    {
        foreach (var listener in _listeners)
            listener.Dispose();
        _connections.StopAll(StopGrace);
        _cluster.Dispose();
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
