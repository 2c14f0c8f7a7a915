using System.Buffers.Text;

namespace PgVectorCompat.Types;

/// <summary>The text form of sparsevec: <c>{1:1.5,3:2}/5</c>, indices from 1. Checks come in pgvector's order.</summary>
static class SparseVectorText
{
    const string TypeName = "sparsevec";

    public static SparseVector Parse(ReadOnlySpan<byte> text, int typmod)
    {
        if (text.Count((byte)',') + 1 > VectorLimits.MaxNonZeros)
            throw VectorErrors.TooManyNonZeros();

        var reader = new LiteralReader(TypeName, text);
        reader.SkipSpace();
        if (!reader.TrySkip((byte)'{'))
            throw reader.Invalid("Vector contents must start with \"{\".");
        var (indices, values) = ReadEntries(ref reader, text.Count((byte)',') + 1);

        reader.SkipSpace();
        if (!reader.TrySkip((byte)'/'))
            throw reader.Invalid("Unexpected end of input.");
        var dimensions = reader.ReadInteger();
        reader.SkipSpace();
        if (!reader.IsAtEnd)
            throw reader.Invalid("Junk after closing.");
        VectorErrors.CheckDimensions(TypeName, dimensions, VectorLimits.MaxSparseDimensions);
        VectorErrors.CheckTypmod(typmod, dimensions);

        Array.Sort(indices, values);
        for (var i = 0; i < indices.Length; i++)
            SparseVecCodec.CheckIndex(indices, i, dimensions);
        return new(dimensions, indices, values);
    }

    /// <summary>Reads up to the closing brace. Zeros are dropped before anything is asked of their indices.</summary>
    static (int[] Indices, float[] Values) ReadEntries(ref LiteralReader reader, int capacity)
    {
        reader.SkipSpace();
        if (reader.TrySkip((byte)'}'))
            return ([], []);

        var indices = new int[capacity];
        var values = new float[capacity];
        var count = 0;
        do
        {
            var index = reader.ReadInteger();
            reader.SkipSpace();
            if (!reader.TrySkip((byte)':'))
                throw reader.Invalid();
            reader.SkipSpace();
            if (reader.ReadNumber(out var value, out var digits) == NumberStatus.Underflow)
                throw reader.OutOfRange(digits);
            VectorErrors.CheckElement(TypeName, value);
            if (value != 0)
                (indices[count], values[count++]) = (index - 1, value);
            reader.SkipSpace();
        }
        while (reader.TrySkip((byte)','));
        return reader.TrySkip((byte)'}') ? (indices[..count], values[..count]) : throw reader.Invalid();
    }

    public static void Write(SparseVector vector, ByteWriter output)
    {
        const int longestInteger = 10;
        var text = output.GetSpan((vector.Indices.Length + 1) * (longestInteger + SingleText.MaxLength + 2) + SingleText.Room);
        var length = 0;
        text[length++] = (byte)'{';
        for (var i = 0; i < vector.Indices.Length; i++)
        {
            if (i > 0)
                text[length++] = (byte)',';
            Utf8Formatter.TryFormat(vector.Indices[i] + 1, text[length..], out var written);
            length += written;
            text[length++] = (byte)':';
            length += SingleText.Write(vector.Values[i], text[length..]);
        }
        text[length++] = (byte)'}';
        text[length++] = (byte)'/';
        Utf8Formatter.TryFormat(vector.Dimensions, text[length..], out var last);
        output.Advance(length + last);
    }
}
