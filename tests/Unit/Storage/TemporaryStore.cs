using PgVectorCompat.Storage;

namespace PgVectorCompat.Unit.Storage;

/// <summary>A store in a folder that goes with it, with one table (id 1) of one vector column of four bytes.</summary>
sealed class TemporaryStore : IDisposable
{
    readonly string _folder = Path.Combine(Path.GetTempPath(), "pgvc-" + Guid.NewGuid().ToString("N"));

    public TemporaryStore()
    {
        Store = Store.Open(new DiskFileSystem(_folder), new() { BackgroundWork = false, LogFileBytes = 64 << 10, OldVersionBytes = 100_000 });
        using var transaction = Store.Begin();
        transaction.CreateTable(1, new([4]));
        transaction.Commit();
    }

    public string Folder => _folder;
    public Store Store { get; private set; }
    public Table Table => Store.GetTable(1);

    public void Reopen()
    {
        Store.Dispose();
        Store = Store.Open(new DiskFileSystem(_folder), new() { BackgroundWork = false });
    }

    public RowId Insert(Transaction transaction, int value, int? vector = null)
        => transaction.Insert(Table, BitConverter.GetBytes(value), Vector(vector));

    public static VectorValues Vector(int? vector)
        => vector is { } present ? new(BitConverter.GetBytes(present)) : new([VectorSource.Null], []);

    /// <summary>A committed row.</summary>
    public RowId Insert(int value, int? vector = null)
    {
        using var transaction = Store.Begin();
        var row = Insert(transaction, value, vector);
        transaction.Commit();
        return row;
    }

    public WriteResult Update(Transaction transaction, RowId row, int value, bool keyChanged = false)
    {
        using var snapshot = transaction.TakeSnapshot();
        return Update(transaction, row, snapshot, value, keyChanged);
    }

    public WriteResult Update(Transaction transaction, RowId row, Snapshot snapshot, int value, bool keyChanged = false)
        => transaction.Update(Table, row, snapshot, BitConverter.GetBytes(value), new([VectorSource.Unchanged], []), keyChanged);

    public WriteResult Delete(Transaction transaction, RowId row)
    {
        using var snapshot = transaction.TakeSnapshot();
        return transaction.Delete(Table, row, snapshot);
    }

    public int? Read(RowId row, Snapshot snapshot) => Table.TryRead(row, snapshot, out var view) ? BitConverter.ToInt32(view.Image) : null;

    public int? Read(RowId row)
    {
        using var snapshot = Store.TakeSnapshot();
        return Read(row, snapshot);
    }

    public int? Read(RowId row, Transaction transaction)
    {
        using var snapshot = transaction.TakeSnapshot();
        return Read(row, snapshot);
    }

    public void Dispose()
    {
        Store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
