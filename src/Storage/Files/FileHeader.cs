using System.Buffers.Binary;
using System.Text;

namespace PgVectorCompat.Storage;

/// <summary>
/// The first 64 bytes of every file.
/// <code>
///  0  8  kind, ASCII ("PGVCCTRL", "PGVCLOG ", "PGVCROWS", "PGVCVECS", "PGVCCKPT", "PGVCINDX")
///  8  4  format version
/// 12  4  CRC-32C of these 64 bytes with this field zero
/// 16  8  identity of the data directory, drawn when it was made: files of two directories do not mix
/// 24 40  fields of the kind
/// </code>
/// </summary>
static class FileHeader
{
    public const int Size = 64;
    public const int FieldsOffset = 24;

    /// <summary>The format of a data directory this program reads and writes: the version of its control files.</summary>
    public const int FormatVersion = 3;

    /// <summary>
    /// The version of each kind of file, so that an upgrade touches only kinds that changed. Version 2 of the directory brought
    /// snapshots of indexes, which the manifest lists; version 3 runs in the images of chunks, and records whose form says that they are
    /// compact, which stand beside older ones.
    /// </summary>
    public static int VersionOf(string kind) => kind is Control or Checkpoint ? FormatVersion : 1;

    public const string Control = "PGVCCTRL";
    public const string Log = "PGVCLOG ";
    public const string Rows = "PGVCROWS";
    public const string Vectors = "PGVCVECS";
    public const string Checkpoint = "PGVCCKPT";
    public const string IndexSnapshot = "PGVCINDX";

    /// <summary>Completes a header whose fields from <see cref="FieldsOffset"/> on are already written.</summary>
    public static void Seal(Span<byte> header, string kind, long identity)
    {
        Encoding.ASCII.GetBytes(kind, header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], VersionOf(kind));
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], identity);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Crc32C.Of(header[..Size]));
    }

    /// <summary>Whether the header is of this kind and unharmed. <see cref="StoreVersionException"/> when its version is not ours.</summary>
    public static bool IsValid(ReadOnlySpan<byte> header, string kind, string fileName) => IsValid(header, kind, fileName, VersionOf(kind));

    /// <summary>The same for another version than ours.</summary>
    public static bool IsValid(ReadOnlySpan<byte> header, string kind, string fileName, int expectedVersion)
    {
        if (!IsUnharmed(header, kind)) return false;
        var version = Version(header);
        return version == expectedVersion ? true : throw new StoreVersionException(fileName, version, expectedVersion);
    }

    /// <summary>Whether the header is of this kind and its checksum right, whatever its version.</summary>
    public static bool IsUnharmed(ReadOnlySpan<byte> header, string kind)
    {
        Span<byte> name = stackalloc byte[8];
        Encoding.ASCII.GetBytes(kind, name);
        if (!header[..8].SequenceEqual(name)) return false;

        Span<byte> copy = stackalloc byte[Size];
        header[..Size].CopyTo(copy);
        copy.Slice(12, 4).Clear();
        return BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) == Crc32C.Of(copy);
    }

    public static int Version(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header[8..]);

    public static long Identity(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
}
