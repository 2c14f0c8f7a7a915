using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Indexes;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// How broadly a vector index is searched, and when a search ends: pgvector's settings. Without an iterative scan pgvector stops after ef_search
/// candidates or after its probes, and may give fewer rows than LIMIT; here a search goes on until it has them. With one, the limits that a user
/// has set hold; pgvector's own defaults for them do not, since they too would cost rows.
/// </summary>
internal readonly struct ScanLimits
{
    /// <summary>
    /// Inner products are no distances: a walk towards them finds less for the same effort. So many times ef_search give the recall on 10,000 rows of few
    /// dimensions that pgvector has (0.99; 0.79 without).
    /// </summary>
    const int InnerProductBreadth = 3;

    readonly int _breadth;
    readonly bool _isGraph;
    readonly long _mostVisits;
    readonly long _mostBytes;

    public ScanLimits(string method, Metric metric, SessionSettings settings, VectorSearch search)
    {
        _isGraph = VectorIndexDefinition.IsGraph(method);
        var known = settings.ForStatements;
        _breadth = (_isGraph ? known.EfSearch : known.Probes) * (_isGraph && metric == Metric.InnerProduct ? InnerProductBreadth : 1);
        (_mostVisits, _mostBytes) = (long.MaxValue, long.MaxValue);
        if (_isGraph)
        {
            if (!known.HnswIterates)
                return;
            if (IsSet(settings, VectorSettings.MaxScanTuples))
                _mostVisits = settings.Integer(VectorSettings.MaxScanTuples);
            if (IsSet(settings, VectorSettings.ScanMemoryMultiplier))
                _mostBytes = (long)(settings.Integer("work_mem") * 1024 * double.Parse(settings[VectorSettings.ScanMemoryMultiplier], System.Globalization.CultureInfo.InvariantCulture));
        }
        else if (known.IvfIterates && IsSet(settings, VectorSettings.MaxProbes))
        {
            search.MaxProbes = Math.Max(_breadth, settings.Integer(VectorSettings.MaxProbes));
            AreSet = true;
        }
        AreSet |= _mostVisits < long.MaxValue || _mostBytes < long.MaxValue;
    }

    /// <summary>Whether a limit may end the search before it has found enough rows.</summary>
    public bool AreSet { get; }

    /// <summary>How broadly the first batch is searched for, when so many rows are wanted.</summary>
    public int Breadth(int wanted) => _isGraph ? Math.Max(_breadth, wanted) : _breadth;

    /// <summary>The breadth of the next batch: what is rare is sought in ever larger steps.</summary>
    public int Next(int breadth, int most) => AreSet ? breadth : Math.Max(breadth, Math.Min(2 * breadth, most));

    public bool AreReached(VectorSearch search) => search.Visited >= _mostVisits || search.MemoryBytes > _mostBytes;

    static bool IsSet(SessionSettings settings, string name) => settings[name] != Settings.Find(name)!.Default;
}
