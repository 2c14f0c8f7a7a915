namespace PgVectorCompat.Types;

/// <summary>Text of JSON values.</summary>
public static class JsonWriter
{
    /// <summary>jsonb's text form: a blank after each colon and comma.</summary>
    public static void Write(JsonbValue value, ByteWriter output)
    {
        switch (value.Kind)
        {
            case JsonKind.Null:
                output.WriteBytes("null"u8);
                return;
            case JsonKind.Boolean:
                output.WriteBytes(value.Flag ? "true"u8 : "false"u8);
                return;
            case JsonKind.Number:
                value.Number.Write(output);
                return;
            case JsonKind.String:
                WriteString(value.Text, output);
                return;
        }
        var isObject = value.Kind == JsonKind.Object;
        output.WriteByte(isObject ? (byte)'{' : (byte)'[');
        for (var i = 0; i < value.Items.Length; i++)
        {
            if (i > 0)
                output.WriteBytes(", "u8);
            if (isObject)
            {
                WriteString(value.Keys[i], output);
                output.WriteBytes(": "u8);
            }
            Write(value.Items[i], output);
        }
        output.WriteByte(isObject ? (byte)'}' : (byte)']');
    }

    /// <summary>jsonb_pretty's form: four blanks for each level.</summary>
    public static void WritePretty(JsonbValue value, ByteWriter output, int depth = 0)
    {
        if (!value.IsContainer)
        {
            Write(value, output);
            return;
        }
        var isObject = value.Kind == JsonKind.Object;
        output.WriteByte(isObject ? (byte)'{' : (byte)'[');
        for (var i = 0; i < value.Items.Length; i++)
        {
            if (i > 0)
                output.WriteByte((byte)',');
            NewLine(output, depth + 1);
            if (isObject)
            {
                WriteString(value.Keys[i], output);
                output.WriteBytes(": "u8);
            }
            WritePretty(value.Items[i], output, depth + 1);
        }
        NewLine(output, depth);
        output.WriteByte(isObject ? (byte)'}' : (byte)']');
    }

    static void NewLine(ByteWriter output, int depth)
    {
        output.WriteByte((byte)'\n');
        output.GetSpan(depth * 4)[..(depth * 4)].Fill((byte)' ');
        output.Advance(depth * 4);
    }

    /// <summary>A quoted string with the escapes that JSON demands and no others.</summary>
    public static void WriteString(ReadOnlySpan<char> text, ByteWriter output)
    {
        output.WriteByte((byte)'"');
        while (IndexOfSpecial(text) is >= 0 and var at)
        {
            output.WriteText(text[..at]);
            output.WriteText(text[at] switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                var c => $"\\u{(int)c:x4}",
            });
            text = text[(at + 1)..];
        }
        output.WriteText(text);
        output.WriteByte((byte)'"');
    }

    static int IndexOfSpecial(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
            if (text[i] < ' ' || text[i] is '"' or '\\')
                return i;
        return -1;
    }
}
