namespace PgVectorCompat.Types;

/// <summary>Writes <c>{1,NULL,"a b"}</c> and <c>[0:1][2:3]={{1,2},{3,4}}</c>.</summary>
static class ArrayTextWriter
{
    public static void Write(PgArray array, PgType element, ByteWriter output, TypeSettings settings)
    {
        if (array.Items.Length == 0)
        {
            output.WriteBytes("{}"u8);
            return;
        }
        if (array.LowerBounds.AsSpan().ContainsAnyExcept(1))
            WriteBounds(array, output);
        var next = 0;
        WriteDimension(array, 0, ref next, element, output, settings);
    }

    static void WriteBounds(PgArray array, ByteWriter output)
    {
        for (var d = 0; d < array.Dimensions; d++)
        {
            output.WriteByte((byte)'[');
            output.WriteFormatted(array.LowerBounds[d]);
            output.WriteByte((byte)':');
            output.WriteFormatted(array.LowerBounds[d] + array.Lengths[d] - 1);
            output.WriteByte((byte)']');
        }
        output.WriteByte((byte)'=');
    }

    static void WriteDimension(PgArray array, int dimension, ref int next, PgType element, ByteWriter output, TypeSettings settings)
    {
        output.WriteByte((byte)'{');
        for (var i = 0; i < array.Lengths[dimension]; i++)
        {
            if (i > 0)
                output.WriteByte((byte)element.Delimiter);
            if (dimension + 1 < array.Dimensions)
                WriteDimension(array, dimension + 1, ref next, element, output, settings);
            else
                WriteItem(array.Items[next++], element, output, settings);
        }
        output.WriteByte((byte)'}');
    }

    static void WriteItem(Datum item, PgType element, ByteWriter output, TypeSettings settings)
    {
        if (item.IsNull)
        {
            output.WriteBytes("NULL"u8);
            return;
        }
        var start = output.Length;
        element.Codec.Write(item, output, settings);
        var text = output.Written[start..];
        if (!NeedsQuotes(text, (byte)element.Delimiter))
            return;
        var plain = text.ToArray();
        output.Truncate(start);
        output.WriteByte((byte)'"');
        foreach (var b in plain)
        {
            if (b is (byte)'"' or (byte)'\\')
                output.WriteByte((byte)'\\');
            output.WriteByte(b);
        }
        output.WriteByte((byte)'"');
    }

    static bool NeedsQuotes(ReadOnlySpan<byte> text, byte delimiter)
    {
        if (text.IsEmpty || System.Text.Ascii.EqualsIgnoreCase(text, "NULL"u8))
            return true;
        foreach (var b in text)
            if (b == delimiter || b is (byte)'"' or (byte)'\\' or (byte)'{' or (byte)'}' || Utf8Text.IsSpace(b))
                return true;
        return false;
    }
}
