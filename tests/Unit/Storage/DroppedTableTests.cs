using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

/// <summary>Who reads a table in the background has no lock on its name: it may be dropped at any moment.</summary>
public sealed class DroppedTableTests : IDisposable
{
    readonly TemporaryStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Its_files_stay_as_long_as_a_snapshot_taken_before()
    {
        var table = _store.Table;
        var row = _store.Insert(7, vector: 8);
        using (var snapshot = _store.Store.TakeSnapshot(table))
        {
            Drop();
            Assert.True(table.TryRead(row, snapshot, out var view));
            Assert.Equal(7, BitConverter.ToInt32(view.Image));
            Assert.Equal(8, BitConverter.ToInt32(view.Vector(0)));
        }
    }

    [Fact]
    public void Afterwards_nobody_begins_to_read_it()
    {
        var table = _store.Table;
        _store.Insert(7, vector: 8);
        Drop();
        Assert.Throws<KeyNotFoundException>(() => _store.Store.TakeSnapshot(table));
    }

    void Drop()
    {
        using (var transaction = _store.Store.Begin())
        {
            transaction.DropTable(1);
            transaction.Commit();
        }
        _store.Store.Checkpoint();
        _store.Store.CollectGarbage();
    }
}
