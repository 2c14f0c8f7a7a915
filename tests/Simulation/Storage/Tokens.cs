using System.Buffers.Binary;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Simulation;

/// <summary>Bytes made from a small number, so that a whole image or vector can be checked against it.</summary>
public static class Tokens
{
    public static readonly TableShape Shape = new([100, 4]);

    public static byte[] Image(int token)
    {
        var bytes = new byte[4 + (token % 7 == 0 ? token % 900 : token % 60)];
        Fill(bytes, token);
        return bytes;
    }

    public static byte[] Vector(int column, int token)
    {
        var bytes = new byte[Shape.VectorBytes[column]];
        Fill(bytes, token);
        return bytes;
    }

    public static int Read(ReadOnlySpan<byte> bytes)
    {
        var token = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        for (var i = 4; i < bytes.Length; i++)
            if (bytes[i] != (byte)(token + i)) throw new InvalidDataException($"byte {i} of token {token} is {bytes[i]}");
        return token;
    }

    public static ModelRow Read(RowView row)
    {
        var image = Read(row.Image);
        if (row.Image.Length != Image(image).Length) throw new InvalidDataException($"token {image} has {row.Image.Length} bytes");
        return new(image, row.IsNull(0) ? -1 : Read(row.Vector(0)), row.IsNull(1) ? -1 : Read(row.Vector(1)));
    }

    static void Fill(Span<byte> bytes, int token)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, token);
        for (var i = 4; i < bytes.Length; i++) bytes[i] = (byte)(token + i);
    }
}
