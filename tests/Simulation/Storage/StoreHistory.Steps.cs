using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Simulation;

// What transactions do, in the store and in the model.
public sealed partial class StoreHistory
{
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

    /// <summary>Leaves segments mostly garbage, so that the next checkpoint moves what is left, or many old versions.</summary>
    void WriteMost(OpenTransaction transaction, bool delete)
    {
        if (Pick(transaction) is not { } id) return;
        var tx = transaction.Transaction;
        tx.AdvanceCommand();
        using var snapshot = tx.TakeSnapshot();
        if (!transaction.Visible(Committed, tx.Command).Tables.TryGetValue(id, out var rows)) return;
        foreach (var row in rows.Keys.Order())
        {
            if (_random.Next(5) == 0) continue;
            WriteRow(transaction, snapshot, id, row, rows[row], delete);
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

        if (WriteRow(transaction, snapshot, id, row, rows[row], delete) && _random.Next(3) != 0) tx.AdvanceCommand();
    }

    bool WriteRow(OpenTransaction transaction, Snapshot snapshot, uint id, long row, ModelRow old, bool delete)
    {
        var tx = transaction.Transaction;
        var table = _store.GetTable(id);
        var (value, sources, bytes) = NewRow(old);
        var result = delete
            ? tx.Delete(table, new(row), snapshot)
            : tx.Update(table, new(row), snapshot, Tokens.Image(value.Image), new(sources, bytes), keyChanged: _random.Next(2) == 0);
        Assert.Equal(Expected(transaction, id, row), result.Status);
        if (result.Status == WriteStatus.Busy) Assert.Contains(_open, other => other.Transaction == result.Blocker.Transaction);
        if (result.Status != WriteStatus.Done) return false;
        Change(transaction, new RowChange(tx.Command, id, row, delete ? null : value));
        if (!delete) AddToIndex(id, row, value.Image);
        return true;
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
}
