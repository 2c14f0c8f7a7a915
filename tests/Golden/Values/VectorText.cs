using System.Text;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Golden.Values;

/// <summary>pgvector's types and bit strings.</summary>
static class VectorText
{
    public static string Vector(BodyReader value)
    {
        var count = Dimensions(value);
        return List(count, () => FloatText.Of(BitConverter.Int32BitsToSingle(value.Int32())));
    }

    public static string HalfVector(BodyReader value)
    {
        var count = Dimensions(value);
        return List(count, () => FloatText.Of((float)BitConverter.Int16BitsToHalf(value.Int16())));
    }

    /// <summary>Dimensions, count of elements, a spare word, all indices (from 0), all values.</summary>
    public static string SparseVector(BodyReader value)
    {
        var dimensions = value.Int32();
        var indices = new int[value.Int32()];
        if (value.Int32() != 0) throw new WireException("the spare word of a sparsevec is not zero");
        for (var i = 0; i < indices.Length; i++) indices[i] = value.Int32();
        var pairs = indices.Select(index => $"{index + 1}:{FloatText.Of(BitConverter.Int32BitsToSingle(value.Int32()))}");
        return $"{{{string.Join(',', pairs)}}}/{dimensions}";
    }

    public static string Bits(BodyReader value)
    {
        var count = value.Int32();
        var bytes = value.Bytes((count + 7) / 8);
        var text = new StringBuilder(count);
        for (var i = 0; i < count; i++) text.Append((bytes[i / 8] >> (7 - i % 8)) & 1);
        return text.ToString();
    }

    static int Dimensions(BodyReader value)
    {
        var count = value.Int16();
        if (value.Int16() != 0) throw new WireException("the spare word of a vector is not zero");
        return count;
    }

    static string List(int count, Func<string> next) => "[" + string.Join(',', Enumerable.Range(0, count).Select(_ => next())) + "]";
}
