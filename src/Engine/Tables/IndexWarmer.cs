using PgVectorCompat.Engine.Catalog;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// After a start, reads the indexes of all tables from their snapshots in the background, so that their first users need not wait.
/// Whoever needs one earlier reads it himself.
/// </summary>
internal sealed class IndexWarmer : IDisposable
{
    readonly Thread _thread;
    volatile bool _stopped;

    public IndexWarmer(ClusterCatalog catalog, TableRegistry tables)
    {
        _thread = new Thread(() => Run(catalog, tables)) { IsBackground = true, Name = "index warmer" };
        _thread.Start();
    }

    void Run(ClusterCatalog catalog, TableRegistry tables)
    {
        foreach (var database in catalog.Databases)
            foreach (var index in database.All<IndexDefinition>())
            {
                if (_stopped) return;
                try
                {
                    // Looked up anew: it may have been dropped or changed meanwhile.
                    if (catalog.Find(database.DatabaseOid) is not { } now || now.Find<IndexDefinition>(index.Oid) is not { } current) continue;
                    var names = new NameResolver(now, SearchPath.Resolve(now, "public", "", 0), WellKnownOids.BootstrapSuperuser);
                    if (now.Find<Relation>(current.Table) is { HasRows: true } table) tables.Warm(table, current, names);
                }
#pragma warning disable CA1031 // Whatever it is, it is no reason to end the server.
                catch (Exception)
#pragma warning restore CA1031
                {
                    // Its first user will meet the same, with a client to tell it to.
                }
            }
    }

    /// <summary>Waits for the index being read.</summary>
    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
    }
}
