using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>Lines of the CSV format: fields may be quoted, and line ends inside quotes belong to the field.</summary>
internal sealed class CsvLines(CopyBuffer buffer, CopyOptions options) : CopyLines(buffer, options)
{
    bool _hasQuotes;

    protected override bool FindEnd()
    {
        _hasQuotes = false;
        if (Buffer.TryRequire(2) && Buffer.Rest[0] == '\\' && Buffer.Rest[1] == '.' && EndMarker(0) is { } isLine) return isLine;
        var isQuoted = false;
        var at = 0;
        while (true)
        {
            var rest = Buffer.Rest[at..];
            var found = isQuoted
                ? rest.IndexOfAny([Options.Quote, Options.Escape, (byte)'\n', (byte)'\r'])
                : rest.IndexOfAny(Options.Quote, (byte)'\n', (byte)'\r');
            if (found < 0)
            {
                at = Buffer.Rest.Length;
                if (!Buffer.Fill()) return EndInput(at);
                continue;
            }
            at += found;
            var c = Buffer.Rest[at];
            if (c == Options.Quote)
            {
                _hasQuotes = true;
                isQuoted = !isQuoted;
            }
            else if (c == Options.Escape)
            {
                // Inside quotes it keeps a quote, or another escape, from having its meaning.
                if (Buffer.TryRequire(at + 2) && (Buffer.Rest[at + 1] == Options.Quote || Buffer.Rest[at + 1] == Options.Escape))
                    at++;
            }
            else if (!isQuoted)
            {
                return c == '\n' ? LineFeed(at) : CarriageReturn(at);
            }
            else if (c == (Style == Newline.Lf ? '\n' : '\r'))
            {
                Number++;
            }
            at++;
        }
    }

    protected override void SplitLine(ReadOnlySpan<byte> line)
    {
        var start = 0;
        while (true)
        {
            var next = Add(line, start);
            if (next >= line.Length) return;
            start = next + 1;
        }
    }

    /// <summary>Adds the field at <paramref name="start"/>; where its delimiter stands, or the line's end.</summary>
    int Add(ReadOnlySpan<byte> line, int start)
    {
        if (!_hasQuotes || start == line.Length || line[start] != Options.Quote)
        {
            var rest = line[start..];
            var end = _hasQuotes ? rest.IndexOfAny(Options.Delimiter, Options.Quote) : rest.IndexOf(Options.Delimiter);
            if (end < 0 || rest[end] == Options.Delimiter)
            {
                var raw = end < 0 ? rest : rest[..end];
                AddField(start, raw.Length, false, IsNullText(raw), IsDefaultText(raw));
                return start + raw.Length;
            }
        }
        else if (TryAddQuoted(line, start, out var next))
        {
            return next;
        }
        return AddMixed(line, start);
    }

    /// <summary>The usual case: quotes around the whole field and none inside, so that its bytes can stay where they are.</summary>
    bool TryAddQuoted(ReadOnlySpan<byte> line, int start, out int next)
    {
        var content = line[(start + 1)..];
        var end = content.IndexOfAny(Options.Quote, Options.Escape);
        next = start + 1 + end + 1;
        if (end < 0 || content[end] != Options.Quote || (next < line.Length && line[next] != Options.Delimiter)) return false;
        AddField(start + 1, end, false, false, false);
        return true;
    }

    /// <summary>Any field: quoted and unquoted parts in turn, with escapes.</summary>
    int AddMixed(ReadOnlySpan<byte> line, int start)
    {
        var from = Scratch.Length;
        var isQuoted = false;
        var at = start;
        for (; at < line.Length; at++)
        {
            var c = line[at];
            if (!isQuoted)
            {
                if (c == Options.Delimiter) break;
                if (c == Options.Quote) isQuoted = true;
                else Scratch.WriteByte(c);
            }
            else if (c == Options.Escape && at + 1 < line.Length && (line[at + 1] == Options.Escape || line[at + 1] == Options.Quote))
            {
                Scratch.WriteByte(line[++at]);
            }
            else if (c == Options.Quote)
            {
                isQuoted = false;
            }
            else
            {
                Scratch.WriteByte(c);
            }
        }
        if (isQuoted)
            throw new PgError(SqlState.BadCopyFileFormat, "unterminated CSV quoted field");
        AddField(from, Scratch.Length - from, true, false, false);
        return at;
    }
}
