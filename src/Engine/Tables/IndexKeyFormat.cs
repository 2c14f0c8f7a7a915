using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// Index keys as bytes whose memcmp order is the index's order: for each key a marker that puts NULL first or last, then the type's
/// sort key, its bits inverted for DESC.
/// </summary>
internal static class IndexKeyFormat
{
    const byte NullFirst = 0x00;
    const byte Value = 0x01;
    const byte NullLast = 0x02;

    public static void Write(Datum value, IndexKeyColumn key, ByteWriter output)
    {
        if (value.IsNull)
        {
            output.WriteByte(key.NullsFirst ? NullFirst : NullLast);
            return;
        }
        output.WriteByte(Value);
        var start = output.Length;
        key.Type.Codec.WriteSortKey(value, output);
        if (!key.Descending) return;
        var length = output.Length - start;
        output.Truncate(start);
        var bytes = output.GetSpan(length)[..length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)~bytes[i];
        output.Advance(length);
    }

    /// <summary>The start of all keys that are not NULL here; or that are.</summary>
    public static byte Marker(IndexKeyColumn key, bool isNull) => !isNull ? Value : key.NullsFirst ? NullFirst : NullLast;

    /// <summary>The smallest byte string above all that start with <paramref name="prefix"/>; null when there is none.</summary>
    public static byte[]? After(ReadOnlySpan<byte> prefix)
    {
        var length = prefix.Length;
        while (length > 0 && prefix[length - 1] == 0xFF) length--;
        if (length == 0) return null;
        var after = prefix[..length].ToArray();
        after[length - 1]++;
        return after;
    }
}
