using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// Checks a whole cluster: the store's files and directory, and that every index has an entry for every row it should have and for no
/// other. Others may go on meanwhile.
/// </summary>
public static class ClusterCheck
{
    /// <summary>Long enough for an entry whose row version was just dropped to be gone.</summary>
    static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    /// <param name="cluster">The cluster.</param>
    /// <param name="isQuiet">Nobody else uses it, so that counts can be compared too.</param>
    /// <param name="cancellation">Stops the check.</param>
    public static CheckReport Run(Cluster cluster, bool isQuiet, CancellationToken cancellation)
    {
        var report = new CheckReport();
        if (isQuiet) cluster.Store.CollectGarbage();
        cluster.Store.Check(isQuiet, report, cancellation);
        foreach (var database in cluster.Catalog.Databases)
            foreach (var relation in database.All<Relation>())
                if (relation.HasRows) CheckTable(cluster, database.DatabaseOid, relation.Oid, report, cancellation);
        return report;
    }

    static void CheckTable(Cluster cluster, uint database, uint oid, CheckReport report, CancellationToken cancellation)
    {
        // The lock keeps definition and indexes as they are while the check looks.
        using var transaction = cluster.Store.Begin();
        if (cluster.Store.Locks.Acquire(transaction, CatalogLocks.Relation(database, oid), LockMode.AccessShare, null, cancellation) != WaitOutcome.Done) return;
        if (cluster.Catalog.Find(database) is not { } catalog || catalog.Find<Relation>(oid) is not { HasRows: true } relation) return;

        var names = new NameResolver(catalog, SearchPath.Resolve(catalog, "public", "", 0), WellKnownOids.BootstrapSuperuser);
        try
        {
            var table = cluster.Tables.Access(relation, names, cancellation);
            foreach (var index in table.Trees.Where(tree => tree.Definition.IsValid))
            {
                var where = $"index {catalog.SchemaName(index.Definition.Schema)}.{index.Definition.Name}";
                CheckRows(table, index, transaction, where, report, cancellation);
                CheckEntries(table, index, where, report, cancellation);
            }
            foreach (var index in table.Vectors)
                CheckVectors(cluster, table, index, transaction, $"index {catalog.SchemaName(index.Definition.Schema)}.{index.Definition.Name}", report, cancellation);
        }
        catch (Exception error) when (error is PgError or KeyNotFoundException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            report.Add($"table {catalog.SchemaName(relation.Schema)}.{relation.Name}", $"cannot be read: {error.Message}");
        }
    }

    /// <summary>Every row that is visible has its entry.</summary>
    static void CheckRows(StoredTable table, BTreeAccess index, Transaction transaction, string where, CheckReport report, CancellationToken cancellation)
    {
        using var snapshot = transaction.TakeSnapshot();
        var key = new ByteWriter();
        var rows = table.Rows.Scan(snapshot);
        while (rows.MoveNext(out var row))
        {
            cancellation.ThrowIfCancellationRequested();
            if (index.TryKey(row, key) && !index.Tree.Contains(key.Written, row.Row)) report.Add(where, $"has no entry for row {StoredTable.ToTidText(row.Row)}");
        }
    }

    /// <summary>Every visible row's vector is in its index, if it is of a kind that can be, and no other; what is missing is added, what is too much removed.</summary>
    static void CheckVectors(Cluster cluster, StoredTable table, VectorAccess index, Transaction transaction, string where, CheckReport report, CancellationToken cancellation)
    {
        using var snapshot = transaction.TakeSnapshot();
        var buffer = new ByteWriter();
        var rows = table.Rows.Scan(snapshot);
        while (rows.MoveNext(out var row))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!index.TryKey(row, buffer, out var key, out var bytes)) continue;
            // The row's lock keeps the core from being replaced meanwhile; without one, searches scan the rows.
            lock (cluster.Tables.RowLock(row.Row))
            {
                if (index.Tree.Core is not { } core) return;
                report.IndexEntries++;
                if (!core.Contains(row.Row.Value, key) && core.Insert(row.Row.Value, key, bytes))
                    report.Add(where, $"had no entry for row {StoredTable.ToTidText(row.Row)}; it was added");
            }
        }
        foreach (var row in index.Tree.RemoveSurplus(Settling))
            report.Add(where, $"had an entry for row {StoredTable.ToTidText(row)}, which has no version with that vector; it was removed");
    }

    /// <summary>Every entry has a row version with its key.</summary>
    static void CheckEntries(StoredTable table, BTreeAccess index, string where, CheckReport report, CancellationToken cancellation)
    {
        var check = new ByteWriter();
        var doubtful = new List<(byte[] Key, RowId Row)>();
        bool IsOfVersion(byte[] key, RowId row) => table.Rows.AnyVersion(row, version => index.TryKey(version, check) && check.Written.SequenceEqual(key));

        foreach (var (key, row) in index.Tree.Entries())
        {
            cancellation.ThrowIfCancellationRequested();
            report.IndexEntries++;
            if (!IsOfVersion(key, row)) doubtful.Add((key, row));
        }
        if (doubtful.Count == 0) return;
        // Versions are unlinked a moment before their entries are removed.
        Thread.Sleep(Settling);
        foreach (var (key, row) in doubtful)
            if (!IsOfVersion(key, row) && index.Tree.Contains(key, row)) report.Add(where, $"has an entry for row {StoredTable.ToTidText(row)}, which has no version with that key");
    }
}
