using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Simulation;

/// <summary>Real threads, with the store's own background threads, on the simulated disk: what one thread cannot interleave.</summary>
public sealed class StoreStressTests
{
    const int Accounts = 20;
    const int Tables = 3;
    const int Start = 1000;

    /// <summary>
    /// Threads move money between tables, some waiting for the flush, some not, while checkpoints run; then power is lost. Money is
    /// neither made nor lost, and every transfer that was acknowledged as flushed is there.
    /// </summary>
    [Fact]
    public void Transfers_between_tables_survive_power_losses_whole()
    {
        var chance = new Random(5);
        var disk = new SimulatedDisk(5);
        var options = new StoreOptions { LogFileBytes = 32 << 10, CheckpointLogBytes = 1, BulkBytes = 600, DataFileBytes = 128 << 10, LargeCommitRows = 1 };
        using (var store = Store.Open(disk, options)) CreateAccounts(store);

        for (var round = 0; round < 25; round++)
        {
            var store = Store.Open(disk, options);
            CheckSum(store);
            disk.LosePowerAt = disk.Flushes + chance.Next(5, 120);
            var acknowledged = new int[3];
            var threads = new List<Thread>();
            for (var i = 0; i < acknowledged.Length; i++)
            {
                var thread = i;
                var seed = chance.Next();
                threads.Add(new(() => Work(store, thread, new Random(seed), ref acknowledged[thread], round)));
            }
            threads.Add(new(() => CheckpointUntilPowerLoss(store)));
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
            Assert.True(disk.HasLostPower);
            Assert.ThrowsAny<IOException>(() => CloseAfterPowerLoss(store));

            disk = disk.Restart(round);
            using (store = Store.Open(disk, options))
            {
                CheckSum(store);
                for (var thread = 0; thread < acknowledged.Length; thread++)
                {
                    if (acknowledged[thread] == 0) continue;
                    var state = store.Catalog[new(2, (uint)thread)];
                    Assert.Equal(round, BitConverter.ToInt32(state, 4));
                    Assert.True(BitConverter.ToInt32(state) >= acknowledged[thread], $"round {round}: thread {thread} lost a flushed commit");
                }
            }
        }
    }

    static void CloseAfterPowerLoss(Store store)
    {
        store.Dispose();
        throw new PowerLossException();
    }

    static void CheckpointUntilPowerLoss(Store store)
    {
        try
        {
            while (true)
            {
                store.Checkpoint();
                store.CollectGarbage();
            }
        }
        catch (IOException)
        {
        }
    }

    static void CreateAccounts(Store store)
    {
        using var transaction = store.Begin();
        for (var table = 1u; table <= Tables; table++)
        {
            transaction.CreateTable(table, TableShape.RowsOnly);
            for (var i = 0; i < Accounts; i++) transaction.Insert(store.GetTable(table), BitConverter.GetBytes(Start), VectorValues.None);
        }
        transaction.Commit();
    }

    static void Work(Store store, int thread, Random random, ref int acknowledged, int round)
    {
        for (var number = 1; ; number++)
        {
            var wait = random.Next(3) == 0;
            try
            {
                using var transaction = store.Begin();
                if (!Transfer(store, transaction, random)) continue;
                var state = new byte[8];
                BitConverter.TryWriteBytes(state, number);
                BitConverter.TryWriteBytes(state.AsSpan(4), round);
                transaction.PutCatalog(new(2, (uint)thread), state);
                transaction.Commit(wait);
            }
            catch (IOException)
            {
                return;
            }
            if (wait) acknowledged = number;
        }
    }

    static bool Transfer(Store store, Transaction transaction, Random random)
    {
        var amount = random.Next(1, 50);
        return Add(store, transaction, random, -amount) && Add(store, transaction, random, amount);
    }

    static bool Add(Store store, Transaction transaction, Random random, int amount)
    {
        var table = store.GetTable((uint)random.Next(1, Tables + 1));
        var row = new RowId(random.Next(Accounts));
        while (true)
        {
            using var snapshot = transaction.TakeSnapshot();
            if (!table.TryRead(row, snapshot, out var view)) throw new InvalidDataException("an account is gone");
            var image = new byte[random.Next(4, 300)];
            BitConverter.TryWriteBytes(image, BitConverter.ToInt32(view.Image) + amount);
            var result = transaction.Update(table, row, snapshot, image, VectorValues.None, keyChanged: false);
            switch (result.Status)
            {
                case WriteStatus.Done:
                    transaction.AdvanceCommand();
                    return true;
                case WriteStatus.Busy:
                    if (transaction.WaitFor(result.Blocker, null, default) == WaitOutcome.Deadlock) return false;
                    break;
                case WriteStatus.ChangedSince:
                    break;
                default:
                    throw new InvalidDataException(result.Status.ToString());
            }
        }
    }

    static void CheckSum(Store store)
    {
        using var snapshot = store.TakeSnapshot();
        var sum = 0;
        for (var table = 1u; table <= Tables; table++)
        {
            var scan = store.GetTable(table).Scan(snapshot);
            while (scan.MoveNext(out var row)) sum += BitConverter.ToInt32(row.Image);
        }
        Assert.Equal(Tables * Accounts * Start, sum);
    }

    /// <summary>Readers without locks always see a whole commit while writers, checkpoints and the collector are at work.</summary>
    [Fact]
    public void Snapshots_always_see_whole_commits()
    {
        var disk = new SimulatedDisk(7);
        using var store = Store.Open(disk, new() { CheckpointLogBytes = 10_000, BulkBytes = 10_000, LogFileBytes = 64 << 10 });
        CreateAccounts(store);
        var stop = false;
        var threads = new List<Thread>();
        for (var i = 0; i < 2; i++)
        {
            var seed = i;
            threads.Add(new(() =>
            {
                var random = new Random(seed);
                while (!Volatile.Read(ref stop))
                {
                    using var transaction = store.Begin();
                    if (Transfer(store, transaction, random)) transaction.Commit(waitForFlush: false);
                }
            }));
        }
        foreach (var thread in threads) thread.Start();
        var until = DateTime.UtcNow.AddSeconds(2);
        try
        {
            while (DateTime.UtcNow < until) CheckSum(store);
        }
        finally
        {
            Volatile.Write(ref stop, true);
            foreach (var thread in threads) thread.Join();
        }
        store.CollectGarbage();
        Assert.Equal(0, store.Statistics.HeldRows);
    }
}
