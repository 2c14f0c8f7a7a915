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
    /// Writes and syncs a file. <paramref name="body"/> is what goes behind the header: the images, then the manifest from
    /// <paramref name="manifestStart"/> on. Header fields: number (8), manifest offset (8), manifest length (8), its CRC-32C (4).
    /// </summary>
    public static void Write(IFileSystem files, long identity, long number, ByteBuffer body, int manifestStart, bool sync)
    {
        var manifest = body.Written[manifestStart..];
        Span<byte> header = stackalloc byte[FileHeader.Size];
        header.Clear();
        var fields = header[FileHeader.FieldsOffset..];
        BinaryPrimitives.WriteInt64LittleEndian(fields, number);
        BinaryPrimitives.WriteInt64LittleEndian(fields[8..], FileHeader.Size + manifestStart);
        BinaryPrimitives.WriteInt64LittleEndian(fields[16..], manifest.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[24..], Crc32C.Of(manifest));
        FileHeader.Seal(header, FileHeader.Checkpoint, identity);

        using var file = files.Create(NameOf(number), FileHeader.Size + body.Length);
        file.Write(0, header);
        file.Write(FileHeader.Size, body.Written);
        if (!sync) return;
        file.Flush();
        files.FlushFolder("checkpoint");
    }

    public static IFile Open(IFileSystem files, long identity, long number)
        => DataFiles.OpenChecked(files, NameOf(number), FileHeader.Checkpoint, identity);

    public static Manifest ReadManifest(IFile file)
    {
        Span<byte> header = stackalloc byte[FileHeader.Size];
        file.Read(0, header);
        var fields = header[FileHeader.FieldsOffset..];
        var offset = BinaryPrimitives.ReadInt64LittleEndian(fields[8..]);
        var bytes = new byte[BinaryPrimitives.ReadInt64LittleEndian(fields[16..])];
        if (offset + bytes.Length > file.Length) throw new StoreDamagedException($"{file.Name} is cut short");
        file.Read(offset, bytes);
        if (Crc32C.Of(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(fields[24..])) throw new StoreDamagedException($"the manifest in {file.Name} is damaged");
        return Manifest.Read(bytes);
    }

    /// <summary>Adds an image to a body being made.</summary>
    public static ChunkLocation AddImage(ByteBuffer body, long number, ReadOnlySpan<RowVersion> rows)
    {
        var start = body.Length;
        body.WriteUInt32(0);
        ChunkImage.Write(rows, body);
        var image = body.Written[(start + ChecksumSize)..];
        BinaryPrimitives.WriteUInt32LittleEndian(body.Written[start..], Crc32C.Of(image));
        return new(number, FileHeader.Size + start, image.Length + ChecksumSize);
    }

    public static RowVersion[] ReadImage(IFile file, ChunkLocation location)
    {
        var bytes = System.Buffers.ArrayPool<byte>.Shared.Rent(location.Length);
        try
        {
            var image = bytes.AsSpan(0, location.Length);
            file.Read(location.Offset, image);
            if (BinaryPrimitives.ReadUInt32LittleEndian(image) != Crc32C.Of(image[ChecksumSize..]))
                throw new StoreDamagedException($"a directory chunk in {file.Name} at {location.Offset} is damaged");
            return ChunkImage.Read(image[ChecksumSize..]);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
