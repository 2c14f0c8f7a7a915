using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Simulation;

/// <summary>
/// A random history of interleaved transactions, savepoints, snapshots, table definitions, sequences, checkpoints and power losses,
/// all from one seed, each step checked against <see cref="ModelState"/>.
/// </summary>
/// <remarks>
/// Every commit writes its number into the catalog. After a power loss the store says by that number which prefix of the commits it
/// has; it must have at least those that were acknowledged as flushed, and be equal to the model at exactly that point.
/// </remarks>
public sealed partial class StoreHistory
{
    static readonly CatalogKey CommitNumber = new(0, 1);
    const int MaxOpen = 4;

    readonly Random _random;
    readonly int _seed;
    readonly StoreOptions _options;
    readonly List<OpenTransaction> _open = [];
    readonly List<(Snapshot Snapshot, ModelState State)> _snapshots = [];

    // The state each commit left, from the empty store on; index is the commit number.
    readonly List<ModelState> _states = [new()];
    int _flushedCommits;
    readonly List<int> _sequence = [0];
    int _flushedSequence;
    int _loggedSequence;
    Dictionary<(uint Table, long Row), HashSet<int>> _index = [];
    readonly Dictionary<uint, HistoryIndex> _sources = [];
    SimulatedDisk _disk;
    Store _store = null!;
    uint _nextTable = 1;
    int _nextToken = 1;

    public StoreHistory(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _disk = new SimulatedDisk(seed);
        _options = new StoreOptions
        {
            BackgroundWork = false,
            LogFileBytes = 8 << (10 + _random.Next(4)),
            DataFileBytes = 128 << 10,
            BulkBytes = _random.Next(3) switch { 0 => 0, 1 => 2_000, _ => 1 << 20 },
            ArchiveLog = _random.Next(3) == 0 ? _ => true : null,
            OldVersionBytes = _random.Next(2) == 0 ? 0 : 16_000,
            LargeCommitRows = seed % 2 == 0 ? 0 : 256,
        };
    }

    /// <summary>One transaction and what it has done.</summary>
    sealed class OpenTransaction(Transaction transaction, ModelState start)
    {
        public Transaction Transaction { get; } = transaction;

        /// <summary>The committed state when its statement began.</summary>
        public ModelState Base { get; set; } = start;
        public List<ModelChange> Changes { get; } = [];
        public List<(Savepoint Savepoint, int Changes)> Savepoints { get; } = [];

        public ModelState Visible(ModelState committed, int beforeCommand)
        {
            var state = committed.Copy();
            foreach (var change in Changes)
                if (change.Command < beforeCommand) change.Apply(state);
            return state;
        }
    }

    public int PowerLosses { get; private set; }

    /// <summary>Steps that met a full disk.</summary>
    public int FullDisks { get; private set; }

    /// <summary>Writes and flushes that failed.</summary>
    public int DiskFailures { get; private set; }

    /// <summary>Index snapshots found again.</summary>
    public int LoadedIndexes { get; private set; }

    /// <summary>Whether the store goes on after an error: power is there, and nothing that may be needed later has failed to be written.</summary>
    bool IsUnharmed => !_disk.HasLostPower && !_store.Failed.IsCompleted;

    ModelState Committed => _states[^1];

    public void Run(int steps)
    {
        Open();
        Begin();
        CreateTable(_open[0]);
        Commit(_open[0], wait: true);
        PlanFault(40);
        for (var step = 0; step < steps; step++)
        {
            try
            {
                Step();
            }
            catch (StoreFullException)
            {
                // The step failed, and nothing else.
                FullDisks++;
            }
            catch (IOException) when (_disk.HasLostPower || _disk.HasFailed)
            {
                // A new file whose header could not be written is nobody's yet: only the statement has failed.
                if (IsUnharmed) continue;
                if (!_disk.HasLostPower) CheckRefusal();
                Recover();
            }
        }
        _disk.LosePowerAt = _disk.FailFlushAt = _disk.FailWriteAt = 0;
        _disk.Capacity = long.MaxValue;
        Finish();
    }

    void Step()
    {
        if (_random.Next(60) == 0) _disk.Capacity = _disk.UsedBytes + _random.Next(100_000);
        else if (_random.Next(8) == 0) _disk.Capacity = long.MaxValue;
        var choice = _random.Next(100);
        if (_open.Count == 0 || (choice < 8 && _open.Count < MaxOpen))
        {
            Begin();
            return;
        }
        var transaction = _open[_random.Next(_open.Count)];
        switch (choice)
        {
            case < 35: Insert(transaction); break;
            case < 52: Write(transaction, delete: false); break;
            case < 60: Write(transaction, delete: true); break;
            case < 64: transaction.Savepoints.Add((transaction.Transaction.CreateSavepoint(), transaction.Changes.Count)); break;
            case < 67: RollbackTo(transaction); break;
            case < 80: Commit(transaction, wait: _random.Next(4) != 0); break;
            case < 83: Rollback(transaction); break;
            case < 85: CreateTable(transaction); break;
            case < 86: DropTable(transaction); break;
            case < 88: PutCatalog(transaction); break;
            case < 90: Checkpoint(); break;
            case < 93: _store.CollectGarbage(); break;
            case < 94: SetSequence(); break;
            case < 96: TakeSnapshot(); break;
            case < 98: CheckSnapshot(); break;
            default:
                switch (_random.Next(3))
                {
                    case 0: InsertMany(transaction); break;
                    case 1: WriteMost(transaction, delete: false); break;
                    default: WriteMost(transaction, delete: true); break;
                }
                break;
        }
    }

    /// <summary>What came of a changed byte.</summary>
    public enum FlipOutcome { NotOpened, Reported, OfNoConsequence }

    /// <summary>Runs without faults to a power loss, changes one byte on the disk, and opens the store: damage must be noticed, or must not matter.</summary>
    public FlipOutcome RunToFlip(int steps)
    {
        Open();
        Begin();
        CreateTable(_open[0]);
        Commit(_open[0], wait: true);
        for (var step = 0; step < steps; step++)
        {
            _disk.Capacity = long.MaxValue;
            try
            {
                Step();
            }
            catch (StoreFullException)
            {
                // As in any history.
            }
        }
        _disk = _disk.Restart(_random.Next());
        var name = _disk.Names.Order(StringComparer.Ordinal).ElementAt(_random.Next(_disk.Names.Count()));
        if (_disk.LengthOf(name) == 0) return FlipOutcome.OfNoConsequence;
        // Files are mostly zeros behind what is used: half of the changes are near the beginning.
        var length = _disk.LengthOf(name);
        _disk.Corrupt(name, _random.NextInt64(_random.Next(2) == 0 ? length : Math.Min(length, 2048)));
        try
        {
            Open();
        }
        catch (StoreDamagedException)
        {
            return FlipOutcome.NotOpened;
        }
        var report = new CheckReport();
        foreach (var id in Committed.Tables.Keys)
            _store.IndexSnapshots.TryOpen(HistoryIndex.KeyOf(id))?.Dispose();
        _store.Check(isQuiet: true, report, CancellationToken.None);
        if (report.ProblemCount > 0) return FlipOutcome.Reported;

        // In the last group of commits damage cannot be told from a torn tail, so the newest may be missing, whole.
        var number = _store.Catalog.TryGetValue(CommitNumber, out var bytes) ? BitConverter.ToInt32(bytes) : 0;
        Assert.InRange(number, 0, _states.Count - 1);
        _states.RemoveRange(number + 1, _states.Count - number - 1);
        CheckCommitted();
        return FlipOutcome.OfNoConsequence;
    }

    /// <summary>Before so many flushes have passed, power is lost, or a flush or write fails.</summary>
    void PlanFault(int within)
    {
        var at = _random.Next(1, within);
        switch (_random.Next(6))
        {
            case 0: _disk.FailFlushAt = _disk.Flushes + at; break;
            case 1: _disk.FailWriteAt = _disk.Writes + at; break;
            default: _disk.LosePowerAt = _disk.Flushes + at; break;
        }
    }

    /// <summary>A write or flush has failed: what the disk has is not known, so nothing may be acknowledged any more.</summary>
    void CheckRefusal()
    {
        DiskFailures++;
        using var transaction = _store.Begin();
        transaction.PutCatalog(new(1, 0), [1, 2, 3, 4]);
        Assert.Throws<StoreFailedException>(() => transaction.Commit());
        Assert.Throws<StoreFailedException>(_store.Checkpoint);
        Assert.True(_store.Failed.IsCompleted);
    }

    /// <summary>A checkpoint while others go on: between its flushes transactions write and commit.</summary>
    void Checkpoint()
    {
        var commits = _states.Count - 1;
        var sequence = _loggedSequence;
        var isBusy = false;
        _disk.BeforeFlush = _ =>
        {
            // The flushes of what is done here are not the checkpoint's.
            if (isBusy || _open.Count == 0 || _random.Next(3) == 0) return;
            isBusy = true;
            var transaction = _open[_random.Next(_open.Count)];
            try
            {
                if (_random.Next(3) == 0) Commit(transaction, wait: false);
                else if (_random.Next(3) == 0) SetSequence();
                else if (_random.Next(2) == 0) Insert(transaction);
                else Write(transaction, delete: _random.Next(2) == 0);
            }
            catch (StoreFullException)
            {
                // Not the checkpoint's affair.
                FullDisks++;
            }
            isBusy = false;
        };
        try
        {
            _store.Checkpoint();
        }
        catch (Exception error) when (!_disk.HasLostPower && !_disk.HasFailed && error is not (Xunit.Sdk.XunitException or StoreFullException))
        {
            throw new InvalidOperationException($"a checkpoint failed: {error.Message}", error);
        }
        finally
        {
            _disk.BeforeFlush = null;
        }
        _flushedCommits = Math.Max(_flushedCommits, commits);
        _flushedSequence = Math.Max(_flushedSequence, sequence);
    }

    void Open()
    {
        _store = Store.Open(_disk, _options);
        _store.VersionDropped = OnVersionDropped;
    }

    /// <summary>Power came back: what the store has must be one of the states it may have.</summary>
    void Recover()
    {
        if (_disk.HasLostPower) PowerLosses++;
        _open.Clear();
        _snapshots.Clear();
        while (true)
        {
            _disk = _disk.Restart(_random.Next());
            // Sometimes power goes again while recovery is at work.
            _disk.LosePowerAt = _random.Next(3) == 0 ? _random.Next(1, 4) : 0;
            try
            {
                Open();
                break;
            }
            catch (IOException) when (_disk.HasLostPower)
            {
            }
        }
        PlanFault(60);

        var number = _store.Catalog.TryGetValue(CommitNumber, out var bytes) ? BitConverter.ToInt32(bytes) : 0;
        Assert.InRange(number, _flushedCommits, _states.Count - 1);
        _states.RemoveRange(number + 1, _states.Count - number - 1);
        _flushedCommits = number;
        CheckSequence();
        CheckCommitted();
        LoadIndexes();
    }

    /// <summary>Ends everything, closes cleanly, opens again: all is there, nothing else, and no old version is left.</summary>
    void Finish()
    {
        foreach (var transaction in _open.ToList()) Rollback(transaction);
        foreach (var (snapshot, state) in _snapshots)
        {
            CheckRows(snapshot, state);
            snapshot.Dispose();
        }
        _snapshots.Clear();
        _store.CollectGarbage();
        CheckCommitted();
        var expected = Committed.Tables.SelectMany(table => table.Value.Select(row => (table.Key, row.Key, row.Value.Image))).Order();
        var indexed = _index.Where(entry => Committed.Tables.ContainsKey(entry.Key.Table))
            .SelectMany(entry => entry.Value.Select(image => (entry.Key.Table, entry.Key.Row, image))).Order();
        Assert.Equal(expected, indexed);

        _store.Dispose();
        Assert.False(_disk.HasLostPower);
        Open();
        CheckCommitted();
        LoadIndexes();
        Assert.Equal(0, _store.Statistics.RecoveredBatches);
        _store.Dispose();
    }

    public override string ToString() => $"seed {_seed}";
}
