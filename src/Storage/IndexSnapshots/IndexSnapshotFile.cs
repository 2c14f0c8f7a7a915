using System.Buffers.Binary;
using System.Globalization;

namespace PgVectorCompat.Storage;

/// <summary>Which snapshot of an index is meant: the checkpoint that wrote it, and the commit up to which it has everything.</summary>
readonly record struct IndexSnapshotLocation(long Checkpoint, long Csn);

/// <summary>
/// A snapshot's file: header, then blocks, each behind its length and CRC-32C. The header says how many bytes the blocks hold together.
/// </summary>
static class IndexSnapshotFile
{
    public const string Folder = "index";

    /// <summary>Payload of every block but the last.</summary>
    public const int BlockBytes = 64 << 10;

    /// <summary>Before each block: length of the payload (4), CRC-32C of length and payload (4).</summary>
    public const int BlockHeaderSize = 8;

    public static string NameOf(IndexSnapshotKey key, long checkpoint)
        => string.Create(CultureInfo.InvariantCulture, $"{Folder}/{key.Table}-{key.Index}-{checkpoint:x16}.idx");

    /// <summary>Header fields: table (4), index (4), checkpoint (8), CSN (8), bytes in all blocks (8).</summary>
    public static void WriteHeader(Span<byte> header, long identity, IndexSnapshotKey key, IndexSnapshotLocation location, long bytes)
    {
        header.Clear();
        var fields = header[FileHeader.FieldsOffset..];
        BinaryPrimitives.WriteUInt32LittleEndian(fields, key.Table);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[4..], key.Index);
        BinaryPrimitives.WriteInt64LittleEndian(fields[8..], location.Checkpoint);
        BinaryPrimitives.WriteInt64LittleEndian(fields[16..], location.Csn);
        BinaryPrimitives.WriteInt64LittleEndian(fields[24..], bytes);
        FileHeader.Seal(header, FileHeader.IndexSnapshot, identity);
    }

    /// <exception cref="StoreDamagedException">The file is missing, damaged, or another snapshot.</exception>
    public static IndexSnapshotReader Open(IFileSystem files, long identity, IndexSnapshotKey key, IndexSnapshotLocation location, Action<string>? damaged = null)
    {
        var name = NameOf(key, location.Checkpoint);
        var file = DataFiles.OpenChecked(files, name, FileHeader.IndexSnapshot, identity);
        Span<byte> header = stackalloc byte[FileHeader.Size];
        Span<byte> expected = stackalloc byte[FileHeader.Size];
        file.Read(0, header);
        var bytes = BinaryPrimitives.ReadInt64LittleEndian(header[(FileHeader.FieldsOffset + 24)..]);
        WriteHeader(expected, identity, key, location, bytes);
        if (header.SequenceEqual(expected)) return new(file, location.Csn, bytes, damaged);
        file.Dispose();
        throw new StoreDamagedException($"{name} is another snapshot than its checkpoint says");
    }
}
