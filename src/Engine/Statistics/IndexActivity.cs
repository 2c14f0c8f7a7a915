namespace PgVectorCompat.Engine.Statistics;

/// <summary>Counters of one index since the server started or they were reset.</summary>
public sealed class IndexActivity
{
    readonly StripedCounter _scans = new(), _entries = new(), _rows = new(), _blocks = new();

    public long Scans => _scans.Value;
    public long Entries => _entries.Value;
    public long Rows => _rows.Value;

    /// <summary>Nodes looked at and entries written.</summary>
    public long Blocks => _blocks.Value;

    /// <summary>Searches begun, entries read, rows they led to, nodes looked at.</summary>
    public void Count(long scans, long entries, long rows, long nodes)
    {
        _scans.Add(scans);
        _entries.Add(entries);
        _rows.Add(rows);
        _blocks.Add(nodes);
    }

    /// <summary>An entry was written.</summary>
    public void CountWritten() => _blocks.Add(1);

    /// <summary>All counters begin again.</summary>
    public void Reset()
    {
        foreach (var counter in new[] { _scans, _entries, _rows, _blocks })
            counter.Reset();
    }
}
