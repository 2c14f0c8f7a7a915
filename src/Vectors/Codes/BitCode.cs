using System.Runtime.CompilerServices;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>A bit string as its own code, padded with zeros to whole words of eight bytes.</summary>
sealed unsafe class BitCode<TDistance>(int bits) : VectorCode<BitQuery<TDistance>> where TDistance : struct, IBitDistance
{
    readonly int _valueBytes = (bits + 7) / 8;

    public override int CodeBytes => (_valueBytes + 7) / 8 * 8;
    public override int QueryBytes => CodeBytes;

    public override bool TryEncode(ReadOnlySpan<byte> value, byte* code)
    {
        value[.._valueBytes].CopyTo(new(code, _valueBytes));
        new Span<byte>(code + _valueBytes, CodeBytes - _valueBytes).Clear();
        return true;
    }

    public override BitQuery<TDistance> Prepare(ReadOnlySpan<byte> value, byte* memory)
    {
        TryEncode(value, memory);
        return new(memory, CodeBytes);
    }

    public override BitQuery<TDistance> Prepare(byte* code, byte* memory) => new(code, CodeBytes);
    public override int RerankWidth(int k) => k;
    public override void Save(BinaryWriter writer) { }
}

/// <summary>A distance between bit strings.</summary>
interface IBitDistance
{
    static abstract float Of(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b);
}

readonly struct HammingDistance : IBitDistance
{
    public static float Of(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => BitKernels.Hamming(a, b);
}

readonly struct JaccardDistance : IBitDistance
{
    public static float Of(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => (float)BitKernels.Jaccard(a, b);
}

readonly unsafe struct BitQuery<TDistance>(byte* query, int count) : ICodeQuery where TDistance : struct, IBitDistance
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float To(byte* code) => TDistance.Of(new(query, count), new(code, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void To(byte* code0, byte* code1, byte* code2, byte* code3, float* distances)
    {
        distances[0] = To(code0);
        distances[1] = To(code1);
        distances[2] = To(code2);
        distances[3] = To(code3);
    }
}
