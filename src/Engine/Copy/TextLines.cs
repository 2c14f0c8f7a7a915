namespace PgVectorCompat.Engine.Copy;

/// <summary>Lines of the text format: fields between delimiters, backslash escapes.</summary>
internal sealed class TextLines(CopyBuffer buffer, CopyOptions options) : CopyLines(buffer, options)
{
    bool _hasEscapes;

    protected override bool FindEnd()
    {
        _hasEscapes = false;
        var at = 0;
        while (true)
        {
            var found = Buffer.Rest[at..].IndexOfAny((byte)'\n', (byte)'\r', (byte)'\\');
            if (found < 0)
            {
                at = Buffer.Rest.Length;
                if (!Buffer.Fill()) return EndInput(at);
                continue;
            }
            at += found;
            switch (Buffer.Rest[at])
            {
                case (byte)'\n':
                    return LineFeed(at);
                case (byte)'\r':
                    return CarriageReturn(at);
            }
            _hasEscapes = true;
            if (!Buffer.TryRequire(at + 2)) return EndInput(at + 1);
            if (Buffer.Rest[at + 1] == '.' && EndMarker(at) is { } isLine) return isLine;
            at += 2;
        }
    }

    protected override void SplitLine(ReadOnlySpan<byte> line)
    {
        var start = 0;
        while (true)
        {
            var length = FieldLength(line[start..], out var isEscaped);
            Add(line.Slice(start, length), start, isEscaped);
            start += length;
            if (start >= line.Length) return;
            start++;
        }
    }

    int FieldLength(ReadOnlySpan<byte> rest, out bool isEscaped)
    {
        isEscaped = false;
        if (!_hasEscapes)
            return rest.IndexOf(Options.Delimiter) is >= 0 and var plain ? plain : rest.Length;
        for (var at = 0; ; at += 2)
        {
            if (at >= rest.Length) return rest.Length;
            var found = rest[at..].IndexOfAny(Options.Delimiter, (byte)'\\');
            if (found < 0) return rest.Length;
            at += found;
            if (rest[at] != '\\') return at;
            isEscaped = true;
        }
    }

    void Add(ReadOnlySpan<byte> raw, int start, bool isEscaped)
    {
        var (isNull, isDefault) = (IsNullText(raw), IsDefaultText(raw));
        if (!isEscaped || isNull || isDefault)
        {
            AddField(start, raw.Length, false, isNull, isDefault);
            return;
        }
        var from = Scratch.Length;
        Unescape(raw);
        AddField(from, Scratch.Length - from, true, false, false);
    }

    void Unescape(ReadOnlySpan<byte> raw)
    {
        while (raw.IndexOf((byte)'\\') is >= 0 and var at)
        {
            Scratch.WriteBytes(raw[..at]);
            raw = raw[(at + 1)..];
            // A backslash at the end of the line stands for nothing.
            if (raw.IsEmpty) return;
            Scratch.WriteByte(Escaped(ref raw));
        }
        Scratch.WriteBytes(raw);
    }

    /// <summary>The byte that an escape stands for; <paramref name="rest"/> begins behind the backslash and is moved behind the escape.</summary>
    static byte Escaped(ref ReadOnlySpan<byte> rest)
    {
        var c = rest[0];
        rest = rest[1..];
        switch (c)
        {
            case (byte)'b': return (byte)'\b';
            case (byte)'f': return (byte)'\f';
            case (byte)'n': return (byte)'\n';
            case (byte)'r': return (byte)'\r';
            case (byte)'t': return (byte)'\t';
            case (byte)'v': return (byte)'\v';
            case >= (byte)'0' and <= (byte)'7':
                var octal = c - '0';
                for (var digits = 1; digits < 3 && !rest.IsEmpty && rest[0] is >= (byte)'0' and <= (byte)'7'; digits++, rest = rest[1..])
                    octal = octal * 8 + (rest[0] - '0');
                return (byte)octal;
            case (byte)'x' when !rest.IsEmpty && char.IsAsciiHexDigit((char)rest[0]):
                var hex = 0;
                for (var digits = 0; digits < 2 && !rest.IsEmpty && char.IsAsciiHexDigit((char)rest[0]); digits++, rest = rest[1..])
                    hex = hex * 16 + Convert.ToInt32(((char)rest[0]).ToString(), 16);
                return (byte)hex;
            default:
                return c;
        }
    }
}
