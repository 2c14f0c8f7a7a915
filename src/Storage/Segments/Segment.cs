using System.Buffers.Binary;

namespace PgVectorCompat.Storage;

/// <summary>
/// One append-only file of row records. Places are given out front to back and never again; what is written stays as it is until the
/// whole file goes.
/// </summary>
sealed unsafe class Segment : IDisposable
{
    public Segment(int number, DataFile file)
    {
        Number = number;
        File = file;
    }

    public int Number { get; }
    public DataFile File { get; }

    /// <summary>End of the places given out.</summary>
    public long Tail { get; set; } = FileHeader.Size;

    /// <summary>
    /// Records that some version still points to, and rooms that a transaction in progress has taken; exact. At 0 the file is dead.
    /// </summary>
    public long LiveRecords => Volatile.Read(ref _liveRecords);

    /// <summary>Bytes of the live records; after a recovery possibly somewhat too many.</summary>
    public long LiveBytes => Volatile.Read(ref _liveBytes);

    /// <summary>Set under the lock of its <see cref="RowSegments"/>: nothing lives in it, and its file is gone once no reader is left.</summary>
    public bool IsTaken { get; set; }

    long _liveRecords;
    long _liveBytes;

    public void AddLive(long records, long bytes)
    {
        Interlocked.Add(ref _liveRecords, records);
        Interlocked.Add(ref _liveBytes, bytes);
    }

    public byte* At(long offset) => File.Address + offset;

    public static string NameOf(uint table, int number) => $"data/{table}-{number}.rows";

    /// <summary>Header fields: table (4), segment (4).</summary>
    public static Segment Create(Store store, uint table, int number, long length)
    {
        var file = new DataFile(store.CreateData(NameOf(table, number), length));
        var header = new Span<byte>(file.Address, FileHeader.Size);
        BinaryPrimitives.WriteUInt32LittleEndian(header[FileHeader.FieldsOffset..], table);
        BinaryPrimitives.WriteInt32LittleEndian(header[(FileHeader.FieldsOffset + 4)..], number);
        FileHeader.Seal(header, FileHeader.Rows, store.Identity);
        file.MarkWritten();
        return new(number, file);
    }

    public static Segment Open(IFileSystem files, long identity, uint table, int number)
    {
        var name = NameOf(table, number);
        var file = new DataFile(DataFiles.OpenChecked(files, name, FileHeader.Rows, identity));
        var header = new ReadOnlySpan<byte>(file.Address, FileHeader.Size);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[FileHeader.FieldsOffset..]) == table
            && BinaryPrimitives.ReadInt32LittleEndian(header[(FileHeader.FieldsOffset + 4)..]) == number) return new(number, file);
        file.Dispose();
        throw new StoreDamagedException($"{name} belongs to another table or segment");
    }

    public void Dispose() => File.Dispose();
}
