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
    volatile Attempt? _last;
    volatile Attempt? _lastFailure;

    /// <summary>Number of the newest file that is archived.</summary>
    public long Through => Volatile.Read(ref _through);

    public long Count => Volatile.Read(ref _count);
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>A file, by its name without the folder, and when it was handed over.</summary>
    public sealed record Attempt(string Name, DateTimeOffset Time);

    /// <summary>The newest archived file, and the newest that was refused.</summary>
    public Attempt? Last => _last;
    public Attempt? LastFailure => _lastFailure;

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
                var name = LogFile.NameOf(number);
                var isArchived = archive(name);
                var attempt = new Attempt(Path.GetFileName(name), store.Options.Time.GetUtcNow());
                if (!isArchived)
                {
                    _lastFailure = attempt;
                    Interlocked.Increment(ref _failures);
                    return;
                }
                Interlocked.Increment(ref _count);
                _last = attempt;
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
