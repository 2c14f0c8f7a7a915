using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Simulation;

// The store held against the model, and the model of an index that hears of every version.
public sealed partial class StoreHistory
{
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
}
