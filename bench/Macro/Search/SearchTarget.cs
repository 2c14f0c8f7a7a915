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
