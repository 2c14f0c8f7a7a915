namespace PgVectorCompat.Types;

/// <summary>The text form of dense vectors: <c>[1,2,3]</c>. Checks come in pgvector's order, since they decide which error a client sees.</summary>
static class VectorText
{
    /// <summary>Reads a vector of float or Half.</summary>
    public static T[] Parse<T, TElement>(string type, ReadOnlySpan<byte> text, int typmod) where TElement : struct, IVectorElement<T>
    {
        var reader = new LiteralReader(type, text);
        reader.SkipSpace();
        if (!reader.TrySkip((byte)'['))
            throw reader.Invalid("Vector contents must start with \"[\".");
        reader.SkipSpace();
        if (reader.TrySkip((byte)']'))
            throw VectorErrors.NoDimensions(type);

        // A literal without mistakes has one element more than commas.
        var elements = new T[Math.Min(text.Count((byte)',') + 1, VectorLimits.MaxDimensions)];
        var count = 0;
        do
        {
            count += ReadRun<T, TElement>(ref reader, elements.AsSpan(count, Math.Max(0, elements.Length - 1 - count)));
            if (count == VectorLimits.MaxDimensions)
                throw VectorErrors.TooManyDimensions(type, VectorLimits.MaxDimensions);
            reader.SkipSpace();
            reader.ReadNumber(out var number, out var digits);
            if (!TElement.TryRound(number, out elements[count++]))
                throw reader.OutOfRange(digits);
            if (!float.IsFinite(number))
                VectorErrors.CheckElement(type, number);
            reader.SkipSpace();
        }
        while (reader.TrySkip((byte)','));

        if (!reader.TrySkip((byte)']'))
            throw reader.Invalid();
        reader.SkipSpace();
        if (!reader.IsAtEnd)
            throw reader.Invalid("Junk after closing right brace.");
        VectorErrors.CheckTypmod(typmod, count);
        return elements;
    }

    /// <summary>
    /// Reads as many numbers as have the usual form and a comma behind them, perhaps with a blank, and says how many those were. The
    /// rest is read one by one. (Apart from the loop above it runs with its position in a register, which halves the time.)
    /// </summary>
    static int ReadRun<T, TElement>(ref LiteralReader reader, Span<T> elements) where TElement : struct, IVectorElement<T>
    {
        var text = reader.Rest;
        int at = 0, count = 0;
        while (count < elements.Length
            && ShortDecimal.TryRead(text, at, out var number) && text[at + number.Length] == ','
            && SingleReader.TryScale(number.Mantissa, number.Exponent, number.IsNegative, out var value)
            && TElement.TryRound(value, out elements[count]))
        {
            at += number.Length + 1;
            if (at < text.Length && text[at] == ' ')
                at++;
            count++;
        }
        reader.Skip(at);
        return count;
    }

    public static void Write<T, TElement>(ReadOnlySpan<T> elements, ByteWriter output) where TElement : struct, IVectorElement<T>
    {
        var text = output.GetSpan(1 + elements.Length * (SingleText.MaxLength + 1) + SingleText.Room);
        text[0] = (byte)'[';
        var length = 1;
        foreach (var element in elements)
        {
            length += SingleText.Write(TElement.Widen(element), text[length..]);
            text[length++] = (byte)',';
        }
        text[length - 1] = (byte)']';
        output.Advance(length);
    }
}
