using System.Diagnostics;
using System.Globalization;

namespace PgVectorCompat.Compat.Program;

/// <summary>Our program as a user starts it: with arguments and an environment, seen by what it prints and how it ends.</summary>
sealed class RunningProgram : IDisposable
{
    const string ReadyMark = "pgvc is ready: ";
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly Process _process;
    readonly List<string> _output = [], _errors = [];
    readonly ManualResetEventSlim _ready = new();

    public RunningProgram(Dictionary<string, string> environment, params string[] arguments)
        : this(CommandLine(arguments), environment)
    {
    }

    RunningProgram(List<string> command, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data, _output);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, _errors);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    static List<string> CommandLine(string[] arguments)
        => Targets.Program.EndsWith(".dll", StringComparison.Ordinal) ? ["dotnet", Targets.Program, .. arguments] : [Targets.Program, .. arguments];

    /// <summary>The program in the place of a shell that has run <paramref name="before"/>: limits, say.</summary>
    public static RunningProgram UnderShell(string before, params string[] arguments)
        => new(["/bin/sh", "-c", before + "; exec \"$0\" \"$@\"", .. CommandLine(arguments)], []);

    public IReadOnlyList<string> Output
    {
        get { lock (_output) return [.. _output]; }
    }

    public string Errors
    {
        get { lock (_errors) return string.Join("\n", _errors); }
    }

    /// <summary>Waits for the line that says the server is ready; returns the connection string in it.</summary>
    public Uri WaitUntilReady()
    {
        Assert.True(_ready.Wait(Limit), $"not ready: {Errors}");
        var line = Assert.Single(Output, l => l.StartsWith(ReadyMark, StringComparison.Ordinal));
        return new Uri(line[ReadyMark.Length..].Split(' ')[0]);
    }

    /// <summary>Waits for the end; returns the exit code.</summary>
    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(Limit), "the program does not end");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <param name="name">As kill(1) takes it: TERM, INT.</param>
    public int EndBySignal(string name)
    {
        Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();
        return WaitForExit();
    }

    void Take(string? line, List<string> lines)
    {
        if (line is null) return;
        lock (lines) lines.Add(line);
        if (line.StartsWith(ReadyMark, StringComparison.Ordinal)) _ready.Set();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _ready.Dispose();
    }
}
