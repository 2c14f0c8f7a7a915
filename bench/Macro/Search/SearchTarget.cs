namespace PgVectorCompat.Macro.Search;

/// <summary>A server under test and, when it is a process of this machine, how to read what it uses.</summary>
/// <param name="ProcessId">Of our server; 0 for a PostgreSQL, whose backends are processes of their own.</param>
public sealed record SearchTarget(Target Target, int ProcessId)
{
    /// <summary>The scheduler counts processor time in hundredths of a second in <c>stat</c>, in nanoseconds in <c>schedstat</c>.</summary>
    const double NanosecondsASecond = 1e9;

    public string Name => Target.Name;
    public bool IsOurs => ProcessId != 0;

    /// <summary>Seconds of processor time used so far by the server (ours) or by these backends (PostgreSQL); 0 when unknown.</summary>
    public double ProcessorTime(IEnumerable<int> backends)
    {
        if (IsOurs)
            return Directory.GetDirectories($"/proc/{ProcessId}/task").Sum(Nanoseconds) / NanosecondsASecond;
        return backends.Sum(pid => Nanoseconds($"/proc/{pid}")) / NanosecondsASecond;
    }

    /// <summary>
    /// Memory resident for the server, in MB: of all its processes, with each page that several share counted once (the proportional set size). That has the mapped
    /// files of ours and the shared buffers of a PostgreSQL in it, but not what the kernel caches of PostgreSQL's files. Null where /proc does not tell.
    /// </summary>
    public double? ResidentMegabytes()
    {
        try
        {
            if (IsOurs)
                return ProportionalKilobytes(ProcessId) / 1024;
            using var client = Target.Connect();
            var postmaster = Parent(int.Parse(client.Scalar("SELECT pg_backend_pid()")!));
            var processes = Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!));
            return processes.Where(process => process == postmaster || Parent(process) == postmaster).Sum(ProportionalKilobytes) / 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static int Parent(int process)
    {
        try
        {
            return int.Parse(Line($"/proc/{process}/status", "PPid:"));
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return 0;
        }
    }

    static double ProportionalKilobytes(int process) => double.Parse(Line($"/proc/{process}/smaps_rollup", "Pss:").Split(' ')[0]);

    static string Line(string file, string name)
        => File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim();

    static double Nanoseconds(string folder)
    {
        try
        {
            return double.Parse(File.ReadAllText(Path.Combine(folder, "schedstat")).Split(' ')[0]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
