namespace PgVectorCompat.Storage;

/// <summary>
/// Hands complete log files, in order, to whoever keeps them for restoring to a point in time. A checkpoint deletes a file only after that.
/// </summary>
sealed class LogArchiver(Store store, Func<string, bool> archive)
{
    readonly Lock _running = new();
    long _through;
    long _count;
    long _failures;
    volatile string? _last;

    /// <summary>Number of the newest file that is archived.</summary>
    public long Through => Volatile.Read(ref _through);

    public long Count => Volatile.Read(ref _count);
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Name of the newest archived file, without its folder.</summary>
    public string? Last => _last;

    /// <summary>Archives what is complete; stops at the first file that is refused, to try it again later.</summary>
    public void Run()
    {
        lock (_running)
        {
            var numbers = new List<long>();
            foreach (var name in store.Files.List("log"))
                if (LogFile.NumberOf(name) is > 0 and var number && number > _through) numbers.Add(number);
            numbers.Sort();
            foreach (var number in numbers)
            {
                if (number >= store.FirstLogFile && !IsLeftBehind(number, numbers)) return;
                if (!archive(LogFile.NameOf(number)))
                {
                    Interlocked.Increment(ref _failures);
                    return;
                }
                Interlocked.Increment(ref _count);
                _last = Path.GetFileName(LogFile.NameOf(number));
                Volatile.Write(ref _through, number);
            }
        }
    }

    /// <summary>Whether the next file has a durable batch, so that not even recovery appends to this one.</summary>
    bool IsLeftBehind(long number, List<long> numbers) => numbers.Contains(number + 1) && StartOf(number + 1) is { } next && store.Log.DurableLsn > next;

    long? StartOf(long number)
    {
        try
        {
            using var file = LogFile.Open(store.Files, store.Identity, number);
            return file.StartLsn;
        }
        catch (StoreDamagedException)
        {
            return null;
        }
    }
}
