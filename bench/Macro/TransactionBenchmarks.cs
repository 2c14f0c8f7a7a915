using System.Diagnostics;
using System.Text;

namespace PgVectorCompat.Macro;

/// <summary>
/// Transactions as pgbench runs them (TPC-B-like, and simple-update, which leaves branches and tellers alone), statement by statement over
/// prepared statements, and single rows inserted with a commit each. Both servers wait for the disk.
/// </summary>
public static class TransactionBenchmarks
{
    const int Branches = 10, TellersOfBranch = 10, AccountsOfBranch = 100_000;
    static readonly TimeSpan SampleTime = TimeSpan.FromSeconds(2);

    public static IEnumerable<Benchmark> All()
    {
        foreach (var connections in new[] { 1, 2, 10 })
            yield return new($"tpcb x{connections}", "tps", IsRate: true, Load, t => PerSecond(t, connections, Tpcb), Goal: 1);
        foreach (var connections in new[] { 1, 2, 10 })
            yield return new($"simple update x{connections}", "tps", IsRate: true, Load, t => PerSecond(t, connections, SimpleUpdate), Goal: 1);
        yield return new("insert and commit x10", "rows/s", IsRate: true, Load, t => PerSecond(t, 10, Insert), Goal: 1);
    }

    static void Load(Target target)
    {
        using var client = target.Connect();
        client.Execute("DROP TABLE IF EXISTS history; CREATE TABLE history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))");
        if (client.Scalar("SELECT to_regclass('accounts') IS NOT NULL") == "t")
            return;
        client.Execute($"""
            CREATE TABLE branches (bid int PRIMARY KEY, bbalance int, filler char(88)) WITH (fillfactor = 100);
            CREATE TABLE tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84)) WITH (fillfactor = 100);
            CREATE TABLE accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);
            INSERT INTO branches SELECT g, 0, '' FROM generate_series(1, {Branches}) g;
            INSERT INTO tellers SELECT g, (g - 1) / {TellersOfBranch} + 1, 0, '' FROM generate_series(1, {Branches * TellersOfBranch}) g;
            INSERT INTO accounts SELECT g, (g - 1) / {AccountsOfBranch} + 1, 0, '' FROM generate_series(1, {Branches * AccountsOfBranch}) g;
            ANALYZE branches; ANALYZE tellers; ANALYZE accounts
            """);
    }

    static readonly byte[] Begin = Messages.BindExecuteSync("begin");
    static readonly byte[] End = Messages.BindExecuteSync("end");

    static void Prepare(WireClient client)
    {
        client.Prepare("begin", "BEGIN");
        client.Prepare("account", "UPDATE accounts SET abalance = abalance + $1 WHERE aid = $2");
        client.Prepare("balance", "SELECT abalance FROM accounts WHERE aid = $1");
        client.Prepare("teller", "UPDATE tellers SET tbalance = tbalance + $1 WHERE tid = $2");
        client.Prepare("branch", "UPDATE branches SET bbalance = bbalance + $1 WHERE bid = $2");
        client.Prepare("history", "INSERT INTO history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)");
        client.Prepare("end", "END");
    }

    static void Tpcb(WireClient client, Random random) => Transfer(client, random, isSimple: false);
    static void SimpleUpdate(WireClient client, Random random) => Transfer(client, random, isSimple: true);

    static void Transfer(WireClient client, Random random, bool isSimple)
    {
        var account = random.Next(1, Branches * AccountsOfBranch + 1);
        var branch = random.Next(1, Branches + 1);
        var teller = random.Next(1, Branches * TellersOfBranch + 1);
        var delta = random.Next(-5000, 5001);
        client.RoundTrip(Begin);
        Run(client, "account", delta, account);
        Run(client, "balance", account);
        if (!isSimple)
        {
            Run(client, "teller", delta, teller);
            Run(client, "branch", delta, branch);
        }
        Run(client, "history", teller, branch, account, delta);
        client.RoundTrip(End);
    }

    static void Insert(WireClient client, Random random) => Run(client, "history", random.Next(100), 1, random.Next(), 5);

    // As text, which pgbench sends too.
    static void Run(WireClient client, string statement, params int[] values)
        => client.RoundTrip(Messages.BindExecuteSync(statement, isText: true, [.. values.Select(v => Encoding.ASCII.GetBytes(v.ToString()))]));

    /// <summary>Transactions per second over all connections, each on a thread of its own.</summary>
    static double PerSecond(Target target, int connections, Action<WireClient, Random> transaction)
    {
        var counts = new long[connections];
        Exception? failure = null;
        using var start = new Barrier(connections + 1);
        var clock = new Stopwatch();
        var threads = Enumerable.Range(0, connections).Select(i => new Thread(() =>
        {
            using var client = target.Connect();
            Prepare(client);
            var random = new Random(i);
            start.SignalAndWait();
            try
            {
                for (; clock.Elapsed < SampleTime; counts[i]++)
                    transaction(client, random);
            }
            catch (Exception e)
            {
                failure = e;
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        start.SignalAndWait();
        clock.Start();
        threads.ForEach(t => t.Join());
        return failure is null ? counts.Sum() / clock.Elapsed.TotalSeconds : throw new InvalidOperationException(failure.Message, failure);
    }
}
