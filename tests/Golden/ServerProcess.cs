using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using PgVectorCompat.Golden.Values;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Golden;

/// <summary>Our server on a temporary data directory, started and stopped as a user would.</summary>
sealed class ServerProcess : IDisposable
{
    static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    readonly string _program;
    readonly string _directory = Directory.CreateTempSubdirectory("golden-").FullName;
    Process? _process;

    /// <param name="program">The built pgvc.dll, or the published program.</param>
    public ServerProcess(string program)
    {
        _program = program;
        Endpoint = new Endpoint("127.0.0.1", FreePort(), "postgres");
        Start();
    }

    public Endpoint Endpoint { get; }

    /// <summary>Stops the server, by SIGKILL or by SIGTERM, and starts it on the same data.</summary>
    /// <param name="kill">SIGKILL instead of SIGTERM.</param>
    /// <param name="beforeStart">Called while no server runs.</param>
    public void Restart(bool kill, Action? beforeStart = null)
    {
        Stop(kill);
        beforeStart?.Invoke();
        Start();
    }

    /// <summary>The server's resident memory in bytes; 0 when it has ended.</summary>
    public long ResidentBytes
    {
        get
        {
            if (_process is not { HasExited: false } process) return 0;
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    public void Dispose()
    {
        Stop(kill: true);
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }

    /// <summary>
    /// A port that nothing uses, below those that the system gives to outgoing connections: while the server is down between two starts, such a
    /// connection could take its port.
    /// </summary>
    static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 32_000);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody's; another one then.
            }
        }
    }

    void Start()
    {
        var isLibrary = _program.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(isLibrary ? "dotnet" : _program) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (isLibrary) start.ArgumentList.Add(_program);
        foreach (var argument in new[] { "serve", "--data", _directory, "--port", Endpoint.Port.ToString(CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) => { if (line.Data is not null) Console.Error.WriteLine("server: " + line.Data); };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        WaitUntilReady();
    }

    void WaitUntilReady()
    {
        for (var clock = Stopwatch.StartNew(); ; Thread.Sleep(20))
        {
            try
            {
                using var connection = new Connection(Endpoint, "postgres", new TypeNames(_ => null));
                return;
            }
            catch (Exception e) when (e is SocketException or WireException)
            {
                if (_process!.HasExited) throw new InvalidOperationException($"the server ended with {_process.ExitCode} while starting", e);
                if (clock.Elapsed > StartLimit) throw new InvalidOperationException("the server was not ready in time", e);
            }
        }
    }

    void Stop(bool kill)
    {
        if (_process is not { HasExited: false } process) return;
        if (kill) process.Kill();
        else Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();
        if (!process.WaitForExit(StopLimit))
        {
            process.Kill();
            throw new InvalidOperationException("the server did not stop on SIGTERM");
        }
        process.Dispose();
        _process = null;
    }
}
