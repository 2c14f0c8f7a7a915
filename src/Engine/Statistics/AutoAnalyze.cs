using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statistics;

/// <summary>A thread that analyses tables when enough of their rows have changed, by the thresholds of PostgreSQL's autovacuum.</summary>
sealed class AutoAnalyze : IDisposable
{
    readonly Cluster _cluster;
    readonly CancellationTokenSource _stop = new();
    readonly Thread _thread;

    public AutoAnalyze(Cluster cluster)
    {
        _cluster = cluster;
        _thread = new Thread(Run) { IsBackground = true, Name = "auto analyze", Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    double Number(string setting) => double.Parse(_cluster.GetSetting(setting), System.Globalization.CultureInfo.InvariantCulture);

    void Run()
    {
        while (!_stop.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(Number("autovacuum_naptime"))))
        {
            if (_cluster.GetSetting("autovacuum") != "on")
                continue;
            foreach (var database in _cluster.Catalog.Shared.Databases.ToList())
            {
                if (_cluster.Catalog.Find(database.Oid) is { } snapshot)
                    Look(snapshot);
            }
        }
    }

    void Look(CatalogSnapshot snapshot)
    {
        var names = new NameResolver(snapshot, SearchPath.Resolve(snapshot, "", "", 0), WellKnownOids.BootstrapSuperuser);
        foreach (var relation in snapshot.All<Relation>().Where(IsWatched).ToList())
        {
            if (_stop.IsCancellationRequested)
                return;
            try
            {
                if (IsDue(relation))
                    Analyze(relation, names);
            }
            catch (Exception error) when (error is PgError or KeyNotFoundException or IOException or OperationCanceledException)
            {
                // The table went meanwhile, or an index expression failed on some row: the next round looks again.
            }
        }
    }

    // As in PostgreSQL, temporary tables are their session's own business.
    static bool IsWatched(Relation relation)
        => relation.HasRows && relation.Persistence != Persistence.Temporary && relation.Options.GetValueOrDefault("autovacuum_enabled") is not ("false" or "off");

    bool IsDue(Relation relation)
    {
        var changed = _cluster.Tables.Activity(relation.Oid).ChangedSinceAnalyze;
        return changed > Number("autovacuum_analyze_threshold")
            && changed > Number("autovacuum_analyze_threshold") + Number("autovacuum_analyze_scale_factor") * _cluster.Store.GetTable(relation.StorageId).RowCountEstimate;
    }

    void Analyze(Relation relation, NameResolver names)
    {
        using var snapshot = _cluster.Store.TakeSnapshot();
        var table = _cluster.Tables.Access(relation, names);
        new TableAnalyzer(table, null, (int)Number("default_statistics_target")).Run(snapshot, _cluster.Statistics, _stop.Token.ThrowIfCancellationRequested);
        table.Activity.CountAnalyze(_cluster.Time.GetUtcNow(), isAutomatic: true);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }
}
