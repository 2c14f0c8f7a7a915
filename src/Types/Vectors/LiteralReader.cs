namespace PgVectorCompat.Types;

/// <summary>What the readers of vector literals share: position, white space, and the errors of a type. The text has no terminator.</summary>
ref struct LiteralReader(string type, ReadOnlySpan<byte> text)
{
    readonly ReadOnlySpan<byte> _text = text;
    int _at;

    /// <summary>22P02 with the whole literal.</summary>
    public readonly PgError Invalid(string? detail = null) => VectorErrors.InvalidText(type, _text, detail);

    public void SkipSpace()
    {
        while (_at < _text.Length && Utf8Text.IsSpace(_text[_at]))
            _at++;
    }

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _text[_at..];

    public void Skip(int count) => _at += count;

    public readonly bool IsAtEnd => _at == _text.Length;

    /// <summary>Steps over <paramref name="character"/> if it is next.</summary>
    public bool TrySkip(byte character)
    {
        if (_at == _text.Length || _text[_at] != character)
            return false;
        _at++;
        return true;
    }

    /// <summary>Reads a number and says how that ended; raises 22P02 when there is none, 22003 when it overflows.</summary>
    public NumberStatus ReadNumber(out float value, out ReadOnlySpan<byte> digits)
    {
        var start = _at;
        var status = SingleReader.Read(_text, ref _at, out value);
        if (status == NumberStatus.Missing)
            throw Invalid();
        digits = _text[start.._at];
        return status == NumberStatus.Overflow ? throw OutOfRange(digits) : status;
    }

    public readonly PgError OutOfRange(ReadOnlySpan<byte> digits) => VectorErrors.OutOfRange(type, Utf8Text.Decode(digits));

    /// <summary>Reads a decimal integer as C's strtol does, held within int's range (without int.MinValue). Raises 22P02 when there is none.</summary>
    public int ReadInteger()
    {
        SkipSpace();
        var i = _at;
        var negative = false;
        if (i < _text.Length && _text[i] is (byte)'-' or (byte)'+')
            negative = _text[i++] == '-';
        var first = i;
        var value = 0L;
        for (; i < _text.Length && char.IsAsciiDigit((char)_text[i]); i++)
            value = Math.Min(value * 10 + (_text[i] - '0'), int.MaxValue);
        if (i == first)
            throw Invalid();
        _at = i;
        return (int)(negative ? -value : value);
    }
}
