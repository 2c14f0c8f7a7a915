using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Unit.Storage;

/// <summary>Each kind of disagreement that a check of the store names, made by hand in a store that was sound.</summary>
public sealed unsafe class StoreCheckTests : IDisposable
{
    const int Rows = 20;

    readonly TemporaryStore _store = new();
    readonly RowId[] _rows = new RowId[Rows];

    public StoreCheckTests()
    {
        using var transaction = _store.Store.Begin();
        for (var i = 0; i < Rows; i++) _rows[i] = _store.Insert(transaction, i, vector: i * 3);
        transaction.Commit();
        Assert.Empty(Check());
    }

    Table Table => _store.Table;
    Segment Segment => Table.Segments[0];
    Chunk Chunk => Table.Directory.ChunkAt(0)!;

    List<string> Check(bool isQuiet = true)
    {
        var report = new CheckReport();
        _store.Store.Check(isQuiet, report, CancellationToken.None);
        return [.. report.Problems.Select(problem => $"{problem.Where} {problem.What}")];
    }

    RowVersion Version(int row) => Chunk.Newest((int)_rows[row].Value);

    void Set(int row, RowVersion version)
    {
        lock (Chunk.Gate) Chunk.Set((int)_rows[row].Value, version);
    }

    /// <summary>Writes the slot into the record, sealed as if it had always been there.</summary>
    void SetSlot(int row, int slot, int valueOfRow)
    {
        var record = Table.Segments.Record(Version(row).Position);
        var checksum = RowRecord.VectorChecksum(Table.Segments.Record(Version(valueOfRow).Position), 0);
        var image = RowRecord.Image(record, 1).ToArray();
        RowRecord.SetSlot(record, 0, slot, checksum);
        RowRecord.Finish(record, 1, RowRecord.Row(record), RowRecord.Writer(record), image);
        Set(row, Version(row) with { Slot = slot });
    }

    [Fact]
    public void A_wrong_number_of_rows()
    {
        Table.Directory.AddToRowCount(1);
        Assert.Equal(["table 1 has 20 rows, but counts 21"], Check());
        Assert.Empty(Check(isQuiet: false));
    }

    [Fact]
    public void A_wrong_number_of_records_in_a_segment()
    {
        Segment.AddLive(1, 0);
        Assert.Equal(["data/1-0.rows has 20 live records, but counts 21"], Check());
        Assert.Empty(Check(isQuiet: false));
    }

    [Fact]
    public void A_row_in_a_segment_that_is_not_there()
    {
        Set(3, Version(3) with { Position = new(9, 64) });
        Assert.Equal(["table 1 row 3 is in segment 9, which does not exist"], Check(isQuiet: false));
    }

    [Fact]
    public void A_row_whose_place_is_no_record()
    {
        Set(3, Version(3) with { Position = new(0, Version(3).Position.Offset + 8) });
        Assert.StartsWith("table 1 row 3 has a damaged record in data/1-0.rows at", Assert.Single(Check(isQuiet: false)), StringComparison.Ordinal);
        Set(3, Version(3) with { Position = new(0, 0) });
        Assert.Equal(["table 1 row 3 has a damaged record in data/1-0.rows at 0"], Check(isQuiet: false));
    }

    [Fact]
    public void A_row_that_points_to_the_record_of_another()
    {
        Set(3, Version(4));
        Assert.Contains($"table 1 row 3 points to a record of row 4 in data/1-0.rows at {Version(4).Position.Offset}", Check(isQuiet: false));
    }

    [Fact]
    public void A_record_behind_the_end()
    {
        Segment.Tail -= 8;
        Assert.Equal([$"table 1 row 19 has its record in data/1-0.rows at {Version(19).Position.Offset}, behind the end of what is given out"], Check());
    }

    [Fact]
    public void Another_slot_in_the_directory_than_in_the_record()
    {
        Set(3, Version(3) with { Slot = 5 });
        Assert.Equal(["table 1 row 3 has slot 3 in its record and 5 in the directory"], Check());
    }

    [Fact]
    public void A_slot_that_was_never_given_out()
    {
        SetSlot(3, Rows, valueOfRow: 3);
        Assert.Equal([$"table 1 row 3 has slot {Rows} of vector column 0, which was never given out"], Check());
    }

    [Fact]
    public void A_value_that_is_not_what_was_written()
    {
        Table.Vectors(0).Address(3)[1] ^= 1;
        Assert.Equal(["table 1 row 3 has a damaged value in slot 3 of vector column 0"], Check());
    }

    [Fact]
    public void A_slot_of_two_rows()
    {
        SetSlot(3, 2, valueOfRow: 2);
        Assert.Equal(["table 1 row 3 has slot 2 of vector column 0, which belongs to another row too"], Check());
    }

    [Fact]
    public void A_slot_in_use_that_counts_as_free()
    {
        Table.Vectors(0).Free(3);
        Assert.Equal(["table 1 slot 3 of vector column 0 is in use and counts as free"], Check());
        // Once it would be given out, also a check beside others says so.
        _store.Store.Checkpoint();
        _store.Store.CollectGarbage();
        Assert.Equal(["table 1 slot 3 of vector column 0 is in use and counts as free"], Check(isQuiet: false));
    }

    [Fact]
    public void A_row_id_in_use_that_counts_as_free()
    {
        Table.Directory.Free(_rows[3].Value);
        Assert.Equal(["table 1 row 3 is in use and counts as free"], Check());
    }

    [Fact]
    public void A_row_id_beyond_the_last_that_counts_as_free()
    {
        Table.Directory.Free(Rows);
        Assert.Equal([$"table 1 row {Rows} is in use and counts as free"], Check());
    }

    [Fact]
    public void A_damaged_image_of_the_directory()
    {
        _store.Store.Checkpoint();
        var location = Chunk.Location;
        var path = Path.Combine(_store.Folder, CheckpointFile.NameOf(location.File));
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = location.Offset + CheckpointFile.ChecksumSize;
            file.WriteByte(0x55);
        }
        Assert.Equal([$"table 1 a directory chunk in {CheckpointFile.NameOf(location.File)} at {location.Offset} is damaged"], Check());
    }

    public void Dispose() => _store.Dispose();
}
