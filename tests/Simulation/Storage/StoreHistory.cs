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
public sealed class StoreHistory
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
                if (_random.Next(2) == 0) InsertMany(transaction);
                else DeleteMost(transaction);
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

    OpenTransaction Begin()
    {
        var transaction = new OpenTransaction(_store.Begin(), Committed);
        _open.Add(transaction);
        return transaction;
    }

    void CreateTable(OpenTransaction transaction)
    {
        var id = _nextTable++;
        RegisterIndex(transaction.Transaction.CreateTable(id, Tokens.Shape), isLoaded: false);
        Change(transaction, new TableCreated(transaction.Transaction.Command, id));
    }

    /// <summary>Drops a table nobody else uses, as the engine's table locks would have it.</summary>
    void DropTable(OpenTransaction transaction)
    {
        if (Pick(transaction) is not { } id || _snapshots.Count > 0) return;
        if (_open.Any(other => other != transaction && (Touches(other, id) || other.Base.Tables.ContainsKey(id)))) return;
        transaction.Transaction.DropTable(id);
        Change(transaction, new TableDropped(transaction.Transaction.Command, id));
        Commit(transaction, wait: true);
    }

    static bool Touches(OpenTransaction transaction, uint table) => transaction.Changes.Any(change => change is RowChange row && row.Table == table);

    uint? Pick(OpenTransaction transaction)
    {
        var state = transaction.Visible(Committed, int.MaxValue);
        return state.Tables.Count == 0 ? null : state.Tables.Keys.Order().ElementAt(_random.Next(state.Tables.Count));
    }

    void Insert(OpenTransaction transaction)
    {
        if (Pick(transaction) is not { } table) return;
        InsertInto(transaction, table);
        if (_random.Next(2) == 0) transaction.Transaction.AdvanceCommand();
    }

    void InsertMany(OpenTransaction transaction)
    {
        if (Pick(transaction) is not { } table) return;
        for (var count = _random.Next(20, 400); count > 0; count--) InsertInto(transaction, table);
        transaction.Transaction.AdvanceCommand();
    }

    /// <summary>Leaves segments mostly garbage, so that the next checkpoint moves what is left.</summary>
    void DeleteMost(OpenTransaction transaction)
    {
        if (Pick(transaction) is not { } id) return;
        var tx = transaction.Transaction;
        tx.AdvanceCommand();
        using var snapshot = tx.TakeSnapshot();
        if (!transaction.Visible(Committed, tx.Command).Tables.TryGetValue(id, out var rows)) return;
        foreach (var row in rows.Keys.Order())
        {
            if (_random.Next(5) == 0) continue;
            var result = tx.Delete(_store.GetTable(id), new(row), snapshot);
            Assert.Equal(Expected(transaction, id, row), result.Status);
            if (result.Status == WriteStatus.Done) Change(transaction, new RowChange(tx.Command, id, row, null));
        }
        tx.AdvanceCommand();
    }

    void InsertInto(OpenTransaction transaction, uint table)
    {
        var (row, sources, bytes) = NewRow(mayKeep: null);
        var id = transaction.Transaction.Insert(_store.GetTable(table), Tokens.Image(row.Image), new(sources, bytes));
        Assert.Null(Committed.Find(table, id.Value));
        Change(transaction, new RowChange(transaction.Transaction.Command, table, id.Value, row));
        AddToIndex(table, id.Value, row.Image);
    }

    (ModelRow Row, VectorSource[] Sources, byte[] Bytes) NewRow(ModelRow? mayKeep)
    {
        var sources = new VectorSource[2];
        var tokens = new int[2];
        var bytes = new List<byte>();
        for (var i = 0; i < 2; i++)
        {
            sources[i] = (VectorSource)_random.Next(mayKeep is null ? 2 : 3);
            tokens[i] = sources[i] switch
            {
                VectorSource.Null => -1,
                VectorSource.Present => _nextToken++,
                _ => i == 0 ? mayKeep!.Value.First : mayKeep!.Value.Second,
            };
            if (sources[i] == VectorSource.Present) bytes.AddRange(Tokens.Vector(i, tokens[i]));
        }
        return (new(_nextToken++, tokens[0], tokens[1]), sources, [.. bytes]);
    }

    void Write(OpenTransaction transaction, bool delete)
    {
        if (Pick(transaction) is not { } id) return;
        var tx = transaction.Transaction;
        using var snapshot = tx.TakeSnapshot();
        transaction.Base = Committed;
        var visible = transaction.Visible(Committed, tx.Command);
        if (!visible.Tables.TryGetValue(id, out var rows) || rows.Count == 0) return;
        var row = rows.Keys.Order().ElementAt(_random.Next(rows.Count));
        var table = _store.GetTable(id);
        Assert.True(table.TryRead(new(row), snapshot, out var view));
        Assert.Equal(rows[row], Tokens.Read(view));

        var (value, sources, bytes) = NewRow(rows[row]);
        var result = delete
            ? tx.Delete(table, new(row), snapshot)
            : tx.Update(table, new(row), snapshot, Tokens.Image(value.Image), new(sources, bytes), keyChanged: _random.Next(2) == 0);
        Assert.Equal(Expected(transaction, id, row), result.Status);
        if (result.Status == WriteStatus.Busy) Assert.Contains(_open, other => other.Transaction == result.Blocker);
        if (result.Status != WriteStatus.Done) return;
        Change(transaction, new RowChange(tx.Command, id, row, delete ? null : value));
        if (!delete) AddToIndex(id, row, value.Image);
        if (_random.Next(3) != 0) tx.AdvanceCommand();
    }

    WriteStatus Expected(OpenTransaction transaction, uint table, long row)
    {
        if (_open.Any(other => other != transaction && other.Changes.Any(change => change is RowChange written && written.Table == table && written.Row == row)))
            return WriteStatus.Busy;
        var own = transaction.Changes.OfType<RowChange>().LastOrDefault(change => change.Table == table && change.Row == row);
        return own is not null && own.Command >= transaction.Transaction.Command ? WriteStatus.SelfModified : WriteStatus.Done;
    }

    void PutCatalog(OpenTransaction transaction)
    {
        var key = new CatalogKey(1, (uint)_random.Next(5));
        int? value = _random.Next(4) == 0 ? null : _nextToken++;
        if (value is { } put) transaction.Transaction.PutCatalog(key, BitConverter.GetBytes(put));
        else transaction.Transaction.DeleteCatalog(key);
        Change(transaction, new CatalogChanged(transaction.Transaction.Command, key, value));
    }

    static void Change(OpenTransaction transaction, ModelChange change) => transaction.Changes.Add(change);

    void RollbackTo(OpenTransaction transaction)
    {
        if (transaction.Savepoints.Count == 0) return;
        var index = _random.Next(transaction.Savepoints.Count);
        var (savepoint, changes) = transaction.Savepoints[index];
        transaction.Transaction.RollbackTo(savepoint);
        transaction.Savepoints.RemoveRange(index + 1, transaction.Savepoints.Count - index - 1);
        transaction.Changes.RemoveRange(changes, transaction.Changes.Count - changes);
        transaction.Transaction.AdvanceCommand();
    }

    void Rollback(OpenTransaction transaction)
    {
        _open.Remove(transaction);
        transaction.Transaction.Rollback();
    }

    void Commit(OpenTransaction transaction, bool wait)
    {
        // What was committed meanwhile and what this one did touch different rows: the store has seen to it.
        _open.Remove(transaction);
        if (transaction.Changes.Count == 0)
        {
            transaction.Transaction.Commit(wait);
            return;
        }
        var number = _states.Count;
        transaction.Transaction.PutCatalog(CommitNumber, BitConverter.GetBytes(number));
        Change(transaction, new CatalogChanged(transaction.Transaction.Command, CommitNumber, number));
        _states.Add(transaction.Visible(Committed, int.MaxValue));
        try
        {
            transaction.Transaction.Commit(wait);
        }
        catch (IOException) when (IsUnharmed)
        {
            _states.RemoveAt(number);
            transaction.Transaction.Rollback();
            throw;
        }
        if (!wait) return;
        _flushedCommits = number;
        _flushedSequence = _loggedSequence;
    }

    void SetSequence()
    {
        // On a full disk the state is known, and a checkpoint may write it, but the log does not promise it.
        _sequence.Add(_nextToken++);
        _store.SetSequence(7, 7, BitConverter.GetBytes(_sequence[^1]));
        _loggedSequence = _sequence.Count - 1;
    }

    void TakeSnapshot()
    {
        if (_snapshots.Count < 3) _snapshots.Add((_store.TakeSnapshot(), Committed));
    }

    void CheckSnapshot()
    {
        if (_snapshots.Count > 0)
        {
            var index = _random.Next(_snapshots.Count);
            var (snapshot, state) = _snapshots[index];
            CheckRows(snapshot, state);
            snapshot.Dispose();
            _snapshots.RemoveAt(index);
            return;
        }
        foreach (var transaction in _open)
        {
            using var snapshot = transaction.Transaction.TakeSnapshot();
            CheckRows(snapshot, transaction.Visible(Committed, transaction.Transaction.Command));
        }
    }

    void CheckRows(Snapshot snapshot, ModelState state)
    {
        foreach (var (id, rows) in state.Tables)
        {
            var table = _store.GetTable(id);
            var found = new Dictionary<long, ModelRow>();
            var scan = table.Scan(snapshot);
            while (scan.MoveNext(out var row)) found.Add(row.Row.Value, Tokens.Read(row));
            Assert.Equal(rows.OrderBy(row => row.Key), found.OrderBy(row => row.Key));
            CheckVectors(table, snapshot, rows, column: 0, row => row.First);
            CheckVectors(table, snapshot, rows, column: 1, row => row.Second);
        }
    }

    static void CheckVectors(Table table, Snapshot snapshot, Dictionary<long, ModelRow> rows, int column, Func<ModelRow, int> token)
    {
        var ids = new RowId[100];
        var slots = new int[100];
        var found = new Dictionary<long, int>();
        var scan = table.ScanVectors(column, snapshot, default, new(long.MaxValue));
        while (scan.NextBatch(ids, slots) is > 0 and var count)
            for (var i = 0; i < count; i++) found.Add(ids[i].Value, Tokens.Read(table.Vectors(column).Bytes(slots[i])));
        Assert.Equal(rows.Where(row => token(row.Value) >= 0).Select(row => (row.Key, token(row.Value))).Order(), found.Select(row => (row.Key, row.Value)).Order());
    }

    void AddToIndex(uint table, long row, int image)
    {
        if (!_index.TryGetValue((table, row), out var images)) _index.Add((table, row), images = []);
        images.Add(image);
        if (_sources.TryGetValue(table, out var source)) source.Changes++;
    }

    void OnVersionDropped(Table table, RowView version)
    {
        var image = Tokens.Read(version.Image);
        if (table.AnyVersion(version.Row, other => Tokens.Read(other.Image) == image)) return;
        Assert.True(_index.TryGetValue((table.Id, version.Row.Value), out var images) && images.Remove(image), "a version was dropped twice");
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

    void CheckSequence()
    {
        var value = _store.TryGetSequence(7, 7, out var state) ? BitConverter.ToInt32(state.Span) : 0;
        var index = _sequence.IndexOf(value);
        Assert.InRange(index, _flushedSequence, _sequence.Count - 1);
        _sequence.RemoveRange(index + 1, _sequence.Count - index - 1);
        _flushedSequence = _loggedSequence = index;
    }

    void CheckCommitted()
    {
        Assert.Equal(
            Committed.Catalog.Select(entry => (entry.Key, entry.Value)).OrderBy(entry => entry.ToString()),
            _store.Catalog.Select(entry => (entry.Key, Value: BitConverter.ToInt32(entry.Value))).OrderBy(entry => entry.ToString()));
        using var snapshot = _store.TakeSnapshot();
        CheckRows(snapshot, Committed);
        foreach (var (id, rows) in Committed.Tables) Assert.Equal(rows.Count, _store.GetTable(id).RowCountEstimate);
        var report = new CheckReport();
        _store.Check(isQuiet: true, report, CancellationToken.None);
        Assert.Empty(report.Problems);
        Assert.Equal(Committed.Tables.Sum(table => table.Value.Count), report.Rows);
    }

    void LoadIndexes()
    {
        _index = [];
        foreach (var (id, rows) in Committed.Tables)
        {
            var table = _store.GetTable(id);
            var entries = HistoryIndex.Load(_store, table, out var isLoaded);
            Assert.Equal(rows.Select(row => (row.Key, row.Value.Image)).Order(), entries.Order());
            foreach (var (row, image) in entries) AddToIndex(id, row, image);
            RegisterIndex(table, isLoaded);
            if (isLoaded) LoadedIndexes++;
        }
    }

    void RegisterIndex(Table table, bool isLoaded)
    {
        var source = new HistoryIndex(table, () => _index.Where(entry => entry.Key.Table == table.Id)
            .SelectMany(entry => entry.Value.Select(image => (entry.Key.Row, image))), new(_random.Next()));
        _sources[table.Id] = source;
        _store.IndexSnapshots.Register(HistoryIndex.KeyOf(table.Id), source, isLoaded);
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
