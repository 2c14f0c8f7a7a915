using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
        var elements = GC.AllocateUninitializedArray<T>(Math.Min(text.Count((byte)',') + 1, VectorLimits.MaxDimensions));
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
    /// Reads the numbers that have a comma right behind them, each perhaps with a blank before, and says how many those were; it stops
    /// where one is no number, for its caller to say why. The commas are looked for first, so that no number waits for the end of the
    /// one before.
    /// </summary>
    static int ReadRun<T, TElement>(ref LiteralReader reader, Span<T> elements) where TElement : struct, IVectorElement<T>
    {
        var text = reader.Rest;
        if (text.Length < Block)
            return 0;
        Span<int> ends = stackalloc int[EndsAtOnce];
        int at = 0, count = 0;
        for (var searched = 0; searched < text.Length;)
        {
            var found = ends[..FindCommas(text, ref searched, ends)];
            var read = ReadNumbers<T, TElement>(text, ref at, found, elements[count..]);
            count += read;
            if (read < found.Length)
                break;
        }
        reader.Skip(at);
        return count;
    }

    /// <summary>Bytes in which commas are looked for at once.</summary>
    const int Block = 64;

    const int EndsAtOnce = 512;

    /// <summary>Where commas are from <paramref name="from"/> on, as far as there is room for whole blocks of them.</summary>
    static int FindCommas(ReadOnlySpan<byte> text, ref int from, Span<int> positions)
    {
        var count = 0;
        for (; from < text.Length && count + Block <= positions.Length; from += Block)
        {
            var start = Math.Min(from, text.Length - Block);
            var commas = Vector512.Equals(Vector512.Create(text.Slice(start, Block)), Vector512.Create((byte)',')).ExtractMostSignificantBits() >> (from - start);
            for (; commas != 0; commas &= commas - 1)
                positions[count++] = from + BitOperations.TrailingZeroCount(commas);
        }
        return count;
    }

    /// <summary>Reads the numbers that end at <paramref name="ends"/>, as far as they are usual and there is room, and moves behind them; how many.</summary>
    static int ReadNumbers<T, TElement>(ReadOnlySpan<byte> text, ref int at, ReadOnlySpan<int> ends, Span<T> elements) where TElement : struct, IVectorElement<T>
    {
        var count = 0;
        var room = Math.Min(ends.Length, elements.Length);
        while (count < room)
        {
            if (count + FourDecimals.Count <= room && FourDecimals.IsSupported(ends[count])
                && FourDecimals.TryRead(ref MemoryMarshal.GetReference(text), at, ends.Slice(count, FourDecimals.Count), out var values)
                && TElement.TryRound(values[0], out elements[count]) && TElement.TryRound(values[1], out elements[count + 1])
                && TElement.TryRound(values[2], out elements[count + 2]) && TElement.TryRound(values[3], out elements[count + 3]))
            {
                count += FourDecimals.Count;
                at = ends[count - 1] + 1;
                continue;
            }
            for (var next = Math.Min(count + FourDecimals.Count, room); count < next; count++)
            {
                if (text[at] == ' ')
                    at++;
                if (!TryReadNumber(text, at, ends[count], out var value) || !TElement.TryRound(value, out elements[count]))
                    return count;
                at = ends[count] + 1;
            }
        }
        return count;
    }

    /// <summary>The finite number that fills the text from <paramref name="at"/> to <paramref name="end"/>; false when it is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool TryReadNumber(ReadOnlySpan<byte> text, int at, int end, out float value)
        => OneDecimal.IsSupported && end >= OneDecimal.Window && OneDecimal.TryRead(ref MemoryMarshal.GetReference(text), at, end, out value)
            || TryReadUnusual(text, at, end, out value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool TryReadUnusual(ReadOnlySpan<byte> text, int at, int end, out float value)
        => SingleReader.Read(text, ref at, out value) is NumberStatus.Read or NumberStatus.Underflow && at == end && float.IsFinite(value);

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
