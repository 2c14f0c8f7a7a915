using System.Text;

namespace PgVectorCompat.Types;

/// <summary>Reads the text form of an array. Everything it cannot read raises 22P02 <c>malformed array literal</c> with a DETAIL.</summary>
sealed class ArrayTextReader(string text, PgType element, int typmod, TypeSettings settings)
{
    const int Unknown = -1;

    readonly List<Datum> _items = [];
    readonly int[] _lengths = [Unknown, Unknown, Unknown, Unknown, Unknown, Unknown];
    int _dimensions = Unknown;
    int _at;

    public PgArray Read()
    {
        var (statedLengths, lowerBounds) = ReadBounds();
        SkipSpace();
        if (Peek != '{')
            throw Malformed(statedLengths.Count > 0 ? "Array contents must start with \"{\"." : "Array value must start with \"{\" or dimension information.");
        _at++;
        ReadDimension(0);
        SkipSpace();
        if (_at < text.Length)
            throw Malformed("Junk after closing right brace.");

        var lengths = _items.Count == 0 ? [] : _lengths[..(_dimensions + 1)];
        if (statedLengths.Count > 0 && !statedLengths.SequenceEqual(lengths))
            throw Malformed("Specified array dimensions do not match array contents.");
        if (lengths.Length == 0)
            return new PgArray(element, []);
        PgArray.CountItems(lengths);
        return new PgArray(element, lengths, statedLengths.Count > 0 ? [.. lowerBounds] : [.. Enumerable.Repeat(1, lengths.Length)], [.. _items]);
    }

    int Peek => _at < text.Length ? text[_at] : -1;

    void SkipSpace()
    {
        while (_at < text.Length && Utf8Text.IsSpace(text[_at]))
            _at++;
    }

    PgError Malformed(string detail)
        => new(SqlState.InvalidTextRepresentation, $"malformed array literal: \"{text}\"") { Detail = detail };

    /// <summary>Reads <c>[2:4][3]=</c> when the text begins with it.</summary>
    (List<int> Lengths, List<int> LowerBounds) ReadBounds()
    {
        List<int> lengths = [], lowerBounds = [];
        for (SkipSpace(); Peek == '['; SkipSpace())
        {
            _at++;
            if (lengths.Count == PgArray.MaxDimensions)
                throw new PgError(SqlState.ProgramLimitExceeded, $"number of array dimensions exceeds the maximum allowed ({PgArray.MaxDimensions})");
            int lower = 1, upper = ReadBound();
            if (Peek == ':')
            {
                _at++;
                lower = upper;
                upper = ReadBound();
            }
            if (Peek != ']')
                throw Malformed("Missing \"]\" after array dimensions.");
            _at++;
            if (upper == int.MaxValue)
                throw new PgError(SqlState.ProgramLimitExceeded, "array upper bound is too large: 2147483647");
            if (upper < lower)
                throw new PgError(SqlState.ArraySubscriptError, "upper bound cannot be less than lower bound");
            PgArray.CountItems([(int)Math.Min((long)upper - lower + 1, int.MaxValue)]);
            lengths.Add(upper - lower + 1);
            lowerBounds.Add(lower);
        }
        if (lengths.Count > 0 && Peek != '=')
            throw Malformed("Missing \"=\" after array dimensions.");
        if (lengths.Count > 0)
            _at++;
        return (lengths, lowerBounds);
    }

    int ReadBound()
    {
        var start = _at;
        while (Peek is '+' or '-' or (>= '0' and <= '9'))
            _at++;
        if (_at == start)
            throw Malformed("\"[\" must introduce explicitly-specified array dimensions.");
        return int.TryParse(text.AsSpan(start, _at - start), System.Globalization.NumberStyles.AllowLeadingSign, null, out var bound)
            ? bound
            : throw PgError.OutOfRange("array bound is out of integer range");
    }

    /// <summary>Reads what follows an opening brace up to and with its closing one.</summary>
    void ReadDimension(int depth)
    {
        if (depth >= PgArray.MaxDimensions)
            throw new PgError(SqlState.ProgramLimitExceeded, $"number of array dimensions exceeds the maximum allowed ({PgArray.MaxDimensions})");
        var count = 0;
        for (; ; count++)
        {
            SkipSpace();
            if (Peek == '}' && count == 0)
                break;
            if (Peek == '{')
            {
                if (_dimensions != Unknown && depth >= _dimensions)
                    throw Mismatch();
                _at++;
                ReadDimension(depth + 1);
            }
            else
            {
                var item = ReadItem();
                if (_dimensions == Unknown)
                    _dimensions = depth;
                else if (_dimensions != depth)
                    throw Mismatch();
                _items.Add(item);
            }
            SkipSpace();
            if (Peek == element.Delimiter)
                _at++;
            else if (Peek == '}')
            {
                count++;
                break;
            }
            else
                throw Peek < 0 ? Malformed("Unexpected end of input.") : Unexpected();
        }
        _at++;
        // An empty pair of braces below another says nothing but "no elements".
        if (count == 0 && depth > 0 && _items.Count > 0)
            throw Mismatch();
        if (_lengths[depth] == Unknown)
            _lengths[depth] = count;
        else if (_lengths[depth] != count)
            throw Mismatch();
    }

    PgError Mismatch() => Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
    PgError Unexpected() => Malformed(Peek is '{' or '}' || Peek == element.Delimiter ? $"Unexpected \"{(char)Peek}\" character." : "Unexpected array element.");

    Datum ReadItem()
    {
        if (Peek == '"')
            return Value(ReadQuoted());
        if (Peek < 0)
            throw Malformed("Unexpected end of input.");
        var content = new StringBuilder();
        var end = 0;
        var isEscaped = false;
        for (; Peek != element.Delimiter && Peek != '}'; _at++)
        {
            if (Peek < 0)
                throw Malformed("Unexpected end of input.");
            if (Peek is '{')
                throw Unexpected();
            if (Peek is '"')
                throw Malformed("Incorrectly quoted array element.");
            if (Peek == '\\')
            {
                _at++;
                if (Peek < 0)
                    throw Malformed("Unexpected end of input.");
                isEscaped = true;
            }
            else if (Utf8Text.IsSpace(Peek))
            {
                content.Append(text[_at]);
                continue;
            }
            content.Append(text[_at]);
            end = content.Length;
        }
        if (end == 0)
            throw Unexpected();
        content.Length = end;
        var word = content.ToString();
        return !isEscaped && word.Equals("NULL", StringComparison.OrdinalIgnoreCase) ? Datum.Null : Value(word);
    }

    Datum Value(string word) => element.Codec.Parse(word, typmod, settings);

    string ReadQuoted()
    {
        var content = new StringBuilder();
        for (_at++; Peek != '"'; _at++)
        {
            if (Peek == '\\')
                _at++;
            if (Peek < 0)
                throw Malformed("Unexpected end of input.");
            content.Append(text[_at]);
        }
        _at++;
        SkipSpace();
        return Peek < 0 || Peek == element.Delimiter || Peek == '}' ? content.ToString() : throw Malformed("Incorrectly quoted array element.");
    }
}
