using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>One field of a line: where its bytes are, and whether it is the text for NULL or for a default.</summary>
internal readonly record struct CopyField(int Start, int Length, bool IsInScratch, bool IsNull, bool IsDefault);

/// <summary>
/// Lines and their fields, of the text and CSV formats. A line stays in the buffer, its fields point into it; only fields with escapes are
/// written anew, into a scratch buffer. All of it is valid until the next line is read.
/// </summary>
internal abstract class CopyLines(CopyBuffer buffer, CopyOptions options)
{
    protected enum Newline { Unknown, Lf, Cr, CrLf }

    readonly ByteWriter _scratch = new();
    CopyField[] _fields = new CopyField[16];
    int _toConsume;
    int _lineLength;
    bool _isMarked;

    protected CopyBuffer Buffer => buffer;
    protected CopyOptions Options => options;
    protected ByteWriter Scratch => _scratch;
    protected Newline Style { get; private set; }

    /// <summary>Number of the line read last, from 1. A quoted field's line ends count.</summary>
    public long Number { get; protected set; }

    /// <summary>Whether the input has ended, by itself or with <c>\.</c>, perhaps behind a last line.</summary>
    bool IsDone { get; set; }

    public ReadOnlySpan<byte> Line => buffer.Rest[.._lineLength];
    public int Count { get; private set; }

    /// <summary>A field's bytes, unescaped.</summary>
    public ReadOnlySpan<byte> this[int field]
    {
        get
        {
            var at = _fields[field];
            return at.IsInScratch ? _scratch.Written.Slice(at.Start, at.Length) : buffer.Rest.Slice(at.Start, at.Length);
        }
    }

    /// <summary>Whether the field is the text for NULL, unquoted.</summary>
    public bool IsNull(int field) => _fields[field].IsNull;

    /// <summary>Whether the field is the text for the column's default, unquoted.</summary>
    public bool IsDefault(int field) => _fields[field].IsDefault;

    /// <summary>Goes to the next line; false at the end. Raises 22P04 for line ends of another style than the lines before.</summary>
    public bool MoveNext()
    {
        buffer.Consume(_toConsume);
        (_toConsume, _lineLength, Count) = (0, 0, 0);
        Number++;
        if (!IsDone && FindEnd()) return true;
        if (_isMarked) buffer.Drain();
        return false;
    }

    /// <summary>Splits the line into fields. Raises 22P04 for an unterminated quoted field.</summary>
    public void Split()
    {
        _scratch.Clear();
        Count = 0;
        SplitLine(Line);
    }

    /// <summary>Looks for the end of the line and says so with one of the methods below; their result is its own: whether there is a line.</summary>
    protected abstract bool FindEnd();

    protected abstract void SplitLine(ReadOnlySpan<byte> line);

    protected void AddField(int start, int length, bool isInScratch, bool isNull, bool isDefault)
    {
        if (Count == _fields.Length)
            Array.Resize(ref _fields, Count * 2);
        _fields[Count++] = new(start, length, isInScratch, isNull, isDefault);
    }

    protected bool IsNullText(ReadOnlySpan<byte> raw) => raw.SequenceEqual(options.Null);
    protected bool IsDefaultText(ReadOnlySpan<byte> raw) => options.Default is not null && raw.SequenceEqual(options.Default);

    bool EndLine(int length, int terminator)
    {
        _lineLength = length;
        _toConsume = length + terminator;
        return true;
    }

    /// <summary>The input ends after <paramref name="length"/> bytes without a line end; true when they make a line.</summary>
    protected bool EndInput(int length)
    {
        IsDone = true;
        return EndLine(length, 0) && length > 0;
    }

    // ---- Line ends: the first decides the style

    /// <summary>A line feed outside quotes at <paramref name="at"/>.</summary>
    protected bool LineFeed(int at)
    {
        if (Style is Newline.Cr or Newline.CrLf)
            throw Literal("newline", "\\n");
        Style = Newline.Lf;
        return EndLine(at, 1);
    }

    /// <summary>A carriage return outside quotes at <paramref name="at"/>.</summary>
    protected bool CarriageReturn(int at)
    {
        if (Style is Newline.Unknown or Newline.CrLf)
        {
            if (buffer.TryRequire(at + 2) && buffer.Rest[at + 1] == '\n')
            {
                Style = Newline.CrLf;
                return EndLine(at, 2);
            }
            if (Style == Newline.CrLf)
                throw Literal("carriage return", "\\r");
            Style = Newline.Cr;
        }
        else if (Style == Newline.Lf)
        {
            throw Literal("carriage return", "\\r");
        }
        return EndLine(at, 1);
    }

    PgError Literal(string what, string escape) => options.Format == CopyFormat.Csv
        ? new PgError(SqlState.BadCopyFileFormat, $"unquoted {what} found in data") { Hint = $"Use quoted CSV field to represent {what}." }
        : new PgError(SqlState.BadCopyFileFormat, $"literal {what} found in data") { Hint = $"Use \"{escape}\" to represent {what}." };

    // ---- \.

    /// <summary>
    /// <c>\.</c> stands at <paramref name="at"/>. When it ends the copy, what stands before it is the last line and the rest is dropped.
    /// Null when a CSV line merely begins so. Raises 22P04.
    /// </summary>
    protected bool? EndMarker(int at)
    {
        var isCsv = options.Format == CopyFormat.Csv;
        var next = at + 2;
        if (buffer.TryRequire(next + 1))
        {
            var first = buffer.Rest[next];
            if (Style == Newline.CrLf)
            {
                if (first == '\n') return isCsv ? null : throw OtherStyle();
                if (first != '\r') return isCsv ? null : throw Corrupt();
                if (!buffer.TryRequire(next + 2) || buffer.Rest[next + 1] != '\n') return isCsv ? null : throw Corrupt();
            }
            else
            {
                if (first is not ((byte)'\r' or (byte)'\n')) return isCsv ? null : throw Corrupt();
                if ((Style == Newline.Lf && first != '\n') || (Style == Newline.Cr && first != '\r')) throw OtherStyle();
            }
        }
        _isMarked = true;
        return EndInput(at);
    }

    static PgError Corrupt() => new(SqlState.BadCopyFileFormat, "end-of-copy marker corrupt");
    static PgError OtherStyle() => new(SqlState.BadCopyFileFormat, "end-of-copy marker does not match previous newline style");
}
