using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

public sealed class VisibilityTests : IDisposable
{
    readonly TemporaryStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_row_is_seen_by_others_from_its_commit_on()
    {
        using var writer = _store.Store.Begin();
        var row = _store.Insert(writer, 7);
        using var before = _store.Store.TakeSnapshot();
        Assert.Null(_store.Read(row));

        writer.Commit();

        Assert.Equal(7, _store.Read(row));
        Assert.Null(_store.Read(row, before));
    }

    [Fact]
    public void A_statement_does_not_see_its_own_writes_the_next_one_does()
    {
        using var transaction = _store.Store.Begin();
        using var statement = transaction.TakeSnapshot();
        var row = _store.Insert(transaction, 7);
        Assert.Null(_store.Read(row, statement));
        Assert.Null(_store.Read(row, transaction));

        transaction.AdvanceCommand();

        Assert.Equal(7, _store.Read(row, transaction));
        Assert.Null(_store.Read(row, statement));
    }

    [Fact]
    public void An_open_cursor_keeps_seeing_what_it_saw_when_it_was_opened()
    {
        var row = _store.Insert(1);
        using var transaction = _store.Store.Begin();
        _store.Update(transaction, row, 2);
        transaction.AdvanceCommand();
        using var cursor = transaction.TakeSnapshot();
        _store.Update(transaction, row, 3);
        transaction.AdvanceCommand();
        _store.Delete(transaction, row);
        transaction.AdvanceCommand();

        Assert.Equal(2, _store.Read(row, cursor));
        Assert.Null(_store.Read(row, transaction));
        Assert.Equal(1, _store.Read(row));
    }

    [Fact]
    public void A_snapshot_of_a_snapshot_sees_the_same_commits_and_newer_own_writes()
    {
        var row = _store.Insert(1);
        using var transaction = _store.Store.Begin();
        using var first = transaction.TakeSnapshot();
        var own = _store.Insert(transaction, 5);
        transaction.AdvanceCommand();
        using (var other = _store.Store.Begin())
        {
            _store.Update(other, row, 2);
            other.Commit();
        }

        using var second = transaction.TakeSnapshot(first);

        Assert.Equal(1, _store.Read(row, second));
        Assert.Equal(5, _store.Read(own, second));
        Assert.Equal(WriteStatus.ChangedSince, _store.Update(transaction, row, second, 9).Status);
    }

    [Fact]
    public void Old_versions_go_as_soon_as_no_snapshot_is_between_them()
    {
        var dropped = new List<int>();
        _store.Store.VersionDropped = (_, version) => dropped.Add(BitConverter.ToInt32(version.Image));
        var row = _store.Insert(0);
        using var old = _store.Store.TakeSnapshot();
        for (var value = 1; value <= 5; value++)
        {
            using var transaction = _store.Store.Begin();
            _store.Update(transaction, row, value);
            transaction.Commit();
        }

        _store.Store.CollectGarbage();
        Assert.Equal([1, 2, 3, 4], dropped.Order());
        Assert.Equal(0, _store.Read(row, old));

        old.Dispose();
        _store.Store.CollectGarbage();
        Assert.Equal([0, 1, 2, 3, 4], dropped.Order());
        Assert.Equal(5, _store.Read(row));
    }

    [Fact]
    public void A_row_id_is_given_out_again_only_when_nobody_may_ask_for_the_old_row()
    {
        var row = _store.Insert(1);
        using var old = _store.Store.TakeSnapshot();
        using (var transaction = _store.Store.Begin())
        {
            _store.Delete(transaction, row);
            transaction.Commit();
        }
        _store.Store.CollectGarbage();
        Assert.NotEqual(row, _store.Insert(2));
        Assert.Equal(1, _store.Read(row, old));

        old.Dispose();
        _store.Store.CollectGarbage();
        Assert.Equal(row, _store.Insert(3));
    }

    [Fact]
    public void The_newest_version_shows_who_is_at_work_on_it()
    {
        var row = _store.Insert(1);
        using var writer = _store.Store.Begin();
        _store.Update(writer, row, 2);

        Assert.True(_store.Table.TryReadNewest(row, out var view, out var state));
        Assert.Equal((RowStatus.Writing, writer), (state.Status, state.Writer?.Transaction));
        Assert.Equal(2, BitConverter.ToInt32(view.Image));
        Assert.True(_store.Table.TryReadCommitted(row, out view));
        Assert.Equal(1, BitConverter.ToInt32(view.Image));

        writer.AdvanceCommand();
        _store.Delete(writer, row);
        Assert.True(_store.Table.TryReadNewest(row, out view, out state));
        Assert.Equal((RowStatus.Deleting, writer), (state.Status, state.Writer?.Transaction));
        Assert.Equal(2, BitConverter.ToInt32(view.Image));

        writer.Commit();
        Assert.False(_store.Table.TryReadNewest(row, out _, out state));
        Assert.Equal(RowStatus.Deleted, state.Status);
        Assert.False(_store.Table.TryReadNewest(new(99_999), out _, out state));
        Assert.Equal(RowStatus.None, state.Status);
    }

    [Fact]
    public void The_writer_of_a_version_has_the_same_number_before_and_after_its_commit()
    {
        using var transaction = _store.Store.Begin();
        var row = _store.Insert(transaction, 1);
        Assert.True(_store.Table.TryReadNewest(row, out var view, out _));
        Assert.Equal(transaction.Id, view.Writer);
        var id = transaction.Id;
        transaction.Commit();

        _store.Reopen();

        using var snapshot = _store.Store.TakeSnapshot();
        Assert.True(_store.Table.TryRead(row, snapshot, out view));
        Assert.Equal(id, view.Writer);
        using var later = _store.Store.Begin();
        Assert.True(later.Id > id);
    }

    [Fact]
    public void A_vector_that_an_update_leaves_alone_is_not_copied()
    {
        var row = _store.Insert(1, vector: 42);
        using (var snapshot = _store.Store.TakeSnapshot())
        {
            Assert.True(_store.Table.TryGetSlot(row, 0, snapshot, out var slot));
            Assert.Equal(0, slot);
        }
        using (var transaction = _store.Store.Begin())
        {
            _store.Update(transaction, row, 2);
            transaction.Commit();
        }
        _store.Store.CollectGarbage();
        _store.Store.Checkpoint();
        _store.Insert(3, vector: 43);
        using var after = _store.Store.TakeSnapshot();
        Assert.True(_store.Table.TryRead(row, after, out var view));
        Assert.Equal((0, 42), (view.Slot(0), BitConverter.ToInt32(view.Vector(0))));
    }
}
