using System.Diagnostics;
using System.Net.Sockets;

namespace PgVectorCompat.Macro;

/// <summary>
/// Our own process on the data that the other benchmarks loaded: how soon it is ready after a clean stop and after kill -9, and how much
/// memory it takes when idle.
/// </summary>
public sealed class StartupMeasurements(string program, string dataDirectory, int port)
{
    const int Rounds = 3;

    public Target Target { get; } = new("ours", "127.0.0.1", port);

    /// <summary>Starts the server and waits until a session is ready; returns the time that took.</summary>
    public (Process Process, TimeSpan Time) Start()
    {
        var isAssembly = program.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(isAssembly ? "dotnet" : program) { RedirectStandardOutput = true };
        if (isAssembly)
            start.ArgumentList.Add(program);
        foreach (var argument in new[] { "serve", "--data", dataDirectory, "--port", port.ToString() })
            start.ArgumentList.Add(argument);

        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        while (true)
        {
            try
            {
                Target.Connect().Dispose();
                return (process, clock.Elapsed);
            }
            catch (Exception e) when (e is SocketException or IOException && !process.HasExited && clock.Elapsed < TimeSpan.FromMinutes(2))
            {
                Thread.Sleep(2);
            }
        }
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public static void Stop(Process process)
    {
        Process.Start("kill", ["-TERM", process.Id.ToString()]).WaitForExit();
        process.WaitForExit();
    }

    public IEnumerable<Result> Measure()
    {
        List<double> afterStop = [], afterKill = [], memory = [];
        for (var round = 0; round < Rounds; round++)
        {
            var (process, time) = Start();
            afterStop.Add(time.TotalMilliseconds);
            Thread.Sleep(2000);
            memory.Add(ResidentMegabytes(process.Id));

            using (var client = Target.Connect())
                client.Execute("CREATE TABLE IF NOT EXISTS marks (n int); INSERT INTO marks VALUES (1)");
            process.Kill();
            process.WaitForExit();

            (process, time) = Start();
            afterKill.Add(time.TotalMilliseconds);
            Stop(process);
        }
        yield return Ours("ready after stop", "ms", afterStop);
        yield return Ours("ready after kill -9", "ms", afterKill);
        yield return Ours("idle memory (RssAnon)", "MB", memory);
    }

    static Result Ours(string name, string unit, List<double> samples) => new(name, unit, IsRate: false, Goal: 0, new() { ["ours"] = samples });

    /// <summary>Memory of the process's own; pages of mapped files are the system's to take back.</summary>
    static double ResidentMegabytes(int processId)
        => double.Parse(File.ReadLines($"/proc/{processId}/status").First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal))
            .Split(':', StringSplitOptions.TrimEntries)[1].Split(' ')[0]) / 1024;
}
