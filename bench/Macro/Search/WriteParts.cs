using System.Diagnostics;

namespace PgVectorCompat.Macro.Search;

/// <summary>Writing into a table with an hnsw index. Works on a copy of the table's first rows, since it changes them.</summary>
public static class WriteParts
{
    const int Rows = 50_000, Inserted = 2_000, Batch = 100, Mixed = 2_000;

    public static void All(SearchRun run)
    {
        var table = run.Table + "_w";
        Dictionary<string, double> inserts = [], deletes = [], mixes = [];
        foreach (var target in run.Targets)
        {
            using var client = target.Target.Connect();
            client.Execute($"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} AS SELECT id, embedding FROM {run.Table} WHERE id < {Rows}; ALTER TABLE {table} ADD PRIMARY KEY (id)");
            client.Execute($"SET maintenance_work_mem = '4GB'; CREATE INDEX {table}_v ON {table} USING hnsw (embedding {run.Distance.OperatorClass})");
            inserts[target.Name] = Inserts(client, run, table);
            mixes[target.Name] = Mix(target, run, table);
            var clock = Stopwatch.StartNew();
            client.Execute($"DELETE FROM {table} WHERE id % 10 = 3");
            client.Execute($"VACUUM {table}");
            deletes[target.Name] = clock.Elapsed.TotalSeconds;
            client.Execute($"DROP TABLE {table}");
        }
        run.Add("inserts, batches of 100", "rows/s", true, inserts, 5, 12);
        run.Add("delete 10 % and vacuum", "s", false, deletes, 10, 100);
        run.Add("90/10 read/insert, two clients", "ops/s", true, mixes, 4, 8);
    }

    /// <summary>Rows that are not in the table yet, so that no vector is a duplicate.</summary>
    static ReadOnlySpan<float> Fresh(SearchRun run, int i) => run.Data.Base[Rows + i % (run.Data.Base.Count - Rows)];

    static double Inserts(WireClient client, SearchRun run, string table)
    {
        var statements = Enumerable.Range(0, Inserted / Batch).Select(batch => Messages.Query(
            $"INSERT INTO {table} VALUES {string.Join(",", Enumerable.Range(batch * Batch, Batch).Select(i => $"({Rows + i},'{VectorData.Text(Fresh(run, i))}')"))}")).ToList();
        var clock = Stopwatch.StartNew();
        foreach (var statement in statements)
            client.RoundTrip(statement);
        return Inserted / clock.Elapsed.TotalSeconds;
    }

    static double Mix(SearchTarget target, SearchRun run, string table)
    {
        var clock = Stopwatch.StartNew();
        Exception? failure = null;
        var threads = Enumerable.Range(0, 2).Select(number => new Thread(() =>
        {
            try
            {
                using var client = target.Target.Connect();
                client.Prepare("s", $"SELECT id FROM {table} ORDER BY embedding {run.Distance.Operator} $1 LIMIT 10");
                client.Prepare("i", $"INSERT INTO {table} VALUES ($1, $2)");
                for (var i = 0; i < Mixed; i++)
                {
                    if (i % 10 == 9)
                        client.RoundTrip(Messages.BindExecuteSync("i", false, Messages.Int32(10_000_000 + number * Mixed + i), VectorData.Binary(Fresh(run, Inserted + number * Mixed + i))));
                    else
                        client.RoundTrip(Messages.BindExecuteSync("s", false, VectorData.Binary(run.Data.Queries[i % run.Queries])));
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return failure is null ? 2.0 * Mixed / clock.Elapsed.TotalSeconds : throw new InvalidOperationException(failure.Message, failure);
    }
}
