using System.Buffers.Binary;
using System.Text;

namespace PgVectorCompat.Storage;

/// <summary>
/// The first 64 bytes of every file.
/// <code>
///  0  8  kind, ASCII ("PGVCCTRL", "PGVCLOG ", "PGVCROWS", "PGVCVECS", "PGVCCKPT")
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

    /// <summary>The format this program reads and writes.</summary>
    public const int FormatVersion = 1;

    public const string Control = "PGVCCTRL";
    public const string Log = "PGVCLOG ";
    public const string Rows = "PGVCROWS";
    public const string Vectors = "PGVCVECS";
    public const string Checkpoint = "PGVCCKPT";

    /// <summary>Completes a header whose fields from <see cref="FieldsOffset"/> on are already written.</summary>
    public static void Seal(Span<byte> header, string kind, long identity)
    {
        Encoding.ASCII.GetBytes(kind, header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], FormatVersion);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], identity);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Crc32C.Of(header[..Size]));
    }

    /// <summary>Whether the header is of this kind and unharmed. <see cref="StoreVersionException"/> when its version is not ours.</summary>
    public static bool IsValid(ReadOnlySpan<byte> header, string kind, string fileName)
    {
        Span<byte> name = stackalloc byte[8];
        Encoding.ASCII.GetBytes(kind, name);
        if (!header[..8].SequenceEqual(name)) return false;

        Span<byte> copy = stackalloc byte[Size];
        header[..Size].CopyTo(copy);
        copy.Slice(12, 4).Clear();
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != Crc32C.Of(copy)) return false;

        var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        return version == FormatVersion ? true : throw new StoreVersionException(fileName, version, FormatVersion);
    }

    public static long Identity(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
}
