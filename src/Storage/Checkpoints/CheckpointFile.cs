using System.Buffers.Binary;
using System.Globalization;

namespace PgVectorCompat.Storage;

/// <summary>
/// A checkpoint file: header, chunk images (each behind its CRC-32C), then the manifest. Images stay where they are while a newer
/// checkpoint refers to them, so a checkpoint writes only chunks that changed.
/// </summary>
static class CheckpointFile
{
    /// <summary>Before each image.</summary>
    public const int ChecksumSize = 4;

    public static string NameOf(long number) => string.Create(CultureInfo.InvariantCulture, $"checkpoint/{number:x16}.ckpt");

    /// <summary>
    /// Completes and syncs a file whose images are written: the manifest goes last. Header fields: number (8), manifest offset (8),
    /// manifest length (8), its CRC-32C (4).
    /// </summary>
    public static void Finish(IFileSystem files, FileWriter file, long identity, long number, ReadOnlySpan<byte> manifest, bool sync)
    {
        Span<byte> header = stackalloc byte[FileHeader.Size];
        header.Clear();
        var fields = header[FileHeader.FieldsOffset..];
        BinaryPrimitives.WriteInt64LittleEndian(fields, number);
        BinaryPrimitives.WriteInt64LittleEndian(fields[8..], file.Position);
        BinaryPrimitives.WriteInt64LittleEndian(fields[16..], manifest.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[24..], Crc32C.Of(manifest));
        FileHeader.Seal(header, FileHeader.Checkpoint, identity);

        file.Write(manifest);
        file.Finish(header, sync);
        if (sync) files.FlushFolder("checkpoint");
    }

    public static IFile Open(IFileSystem files, long identity, long number)
        => Open(files, identity, number, FileHeader.FormatVersion);

    public static IFile Open(IFileSystem files, long identity, long number, int version)
        => DataFiles.OpenChecked(files, NameOf(number), FileHeader.Checkpoint, identity, version);

    public static Manifest ReadManifest(IFile file) => ReadManifest(file, FileHeader.FormatVersion);

    public static Manifest ReadManifest(IFile file, int version)
    {
        Span<byte> header = stackalloc byte[FileHeader.Size];
        file.Read(0, header);
        var fields = header[FileHeader.FieldsOffset..];
        var offset = BinaryPrimitives.ReadInt64LittleEndian(fields[8..]);
        var bytes = new byte[BinaryPrimitives.ReadInt64LittleEndian(fields[16..])];
        if (offset + bytes.Length > file.Length) throw new StoreDamagedException($"{file.Name} is cut short");
        file.Read(offset, bytes);
        if (Crc32C.Of(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(fields[24..])) throw new StoreDamagedException($"the manifest in {file.Name} is damaged");
        return Manifest.Read(bytes, version);
    }

    /// <summary>Adds an image to a file being made.</summary>
    public static ChunkLocation AddImage(FileWriter file, long number, ReadOnlySpan<RowVersion> rows, ByteBuffer scratch)
    {
        scratch.Length = 0;
        scratch.WriteUInt32(0);
        ChunkImage.Write(rows, scratch);
        BinaryPrimitives.WriteUInt32LittleEndian(scratch.Written, Crc32C.Of(scratch.Written[ChecksumSize..]));
        var location = new ChunkLocation(number, file.Position, scratch.Length);
        file.Write(scratch.Written);
        return location;
    }

    public static RowVersion[] ReadImage(IFile file, ChunkLocation location, int version = FileHeader.FormatVersion)
    {
        var bytes = System.Buffers.ArrayPool<byte>.Shared.Rent(location.Length);
        try
        {
            var image = bytes.AsSpan(0, location.Length);
            file.Read(location.Offset, image);
            if (BinaryPrimitives.ReadUInt32LittleEndian(image) != Crc32C.Of(image[ChecksumSize..]))
                throw new StoreDamagedException($"a directory chunk in {file.Name} at {location.Offset} is damaged");
            return ChunkImage.Read(image[ChecksumSize..], version);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
