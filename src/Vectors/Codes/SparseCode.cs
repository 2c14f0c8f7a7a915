using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// Sparse vectors as they are. They differ in length, so the code is the address of a copy: count (int32), indices (int32), values (float32). Under
/// cosine distance the copy has length one.
/// </summary>
sealed unsafe class SparseCode<TDistance>(int dimensions, bool normalize) : VectorCode<SparseQuery<TDistance>> where TDistance : struct, ISparseDistance
{
    /// <summary>pgvector's limit on non-zero elements.</summary>
    const int MostElements = 16_000;

    /// <summary>In few dimensions vectors are linked by L2 under the inner product, for the reason given at <see cref="RawCode{TMetric, TElement}"/>.</summary>
    readonly bool _linkedByL2 = typeof(TDistance) == typeof(SparseInnerProduct) && dimensions < VectorCodes.FewDimensions;

    public override int CodeBytes => sizeof(nint);
    public override int QueryBytes => Size(MostElements);

    public override bool TryEncode(ReadOnlySpan<byte> value, byte* code)
    {
        var count = Count(value);
        var copy = (byte*)NativeMemory.Alloc((nuint)Size(count));
        if (!Read(value, count, copy))
        {
            NativeMemory.Free(copy);
            return false;
        }
        *(byte**)code = copy;
        return true;
    }

    public override SparseQuery<TDistance> Prepare(ReadOnlySpan<byte> value, byte* memory)
    {
        var count = Math.Min(Count(value), MostElements);
        Read(value, count, memory);
        return new(memory, false);
    }

    public override SparseQuery<TDistance> Prepare(byte* code, byte* memory) => new(*(byte**)code, _linkedByL2);

    public override int RerankWidth(int k) => k;
    public override void Save(BinaryWriter writer) { }

    public override ReadOnlySpan<byte> Stored(byte* code) => new(*(byte**)code, Size(**(int**)code));

    public override void Restore(ReadOnlySpan<byte> stored, byte* code)
    {
        var copy = (byte*)NativeMemory.Alloc((nuint)stored.Length);
        stored.CopyTo(new(copy, stored.Length));
        *(byte**)code = copy;
    }

    public override void Release(byte* code)
    {
        NativeMemory.Free(*(byte**)code);
        *(byte**)code = null;
    }

    public override bool IsVariable => true;

    /// <summary>Elements of a vector in its stored form: dimensions, then indices and values.</summary>
    static int Count(ReadOnlySpan<byte> value) => (value.Length - sizeof(int)) / (sizeof(int) + sizeof(float));

    static int Size(int count) => sizeof(int) + count * (sizeof(int) + sizeof(float));

    bool Read(ReadOnlySpan<byte> value, int count, byte* copy)
    {
        *(int*)copy = count;
        value.Slice(sizeof(int), Size(count) - sizeof(int)).CopyTo(new(copy + sizeof(int), Size(count) - sizeof(int)));
        if (!normalize) return true;
        var values = new Span<float>(copy + sizeof(int) + count * sizeof(int), count);
        var norm = Norms.L2(values);
        if (!(norm > 0)) return false;
        foreach (ref var element in values)
            element = (float)(element / norm);
        return true;
    }
}

/// <summary>A distance between sparse vectors.</summary>
interface ISparseDistance
{
    static abstract float Of(ReadOnlySpan<int> indicesA, ReadOnlySpan<float> valuesA, ReadOnlySpan<int> indicesB, ReadOnlySpan<float> valuesB);
}

readonly struct SparseSquaredL2 : ISparseDistance
{
    public static float Of(ReadOnlySpan<int> indicesA, ReadOnlySpan<float> valuesA, ReadOnlySpan<int> indicesB, ReadOnlySpan<float> valuesB)
        => SparseKernels.SquaredL2(indicesA, valuesA, indicesB, valuesB);
}

readonly struct SparseInnerProduct : ISparseDistance
{
    public static float Of(ReadOnlySpan<int> indicesA, ReadOnlySpan<float> valuesA, ReadOnlySpan<int> indicesB, ReadOnlySpan<float> valuesB)
        => -SparseKernels.Dot(indicesA, valuesA, indicesB, valuesB);
}

/// <summary>Twice the cosine distance, of vectors of length one.</summary>
readonly struct SparseCosine : ISparseDistance
{
    public static float Of(ReadOnlySpan<int> indicesA, ReadOnlySpan<float> valuesA, ReadOnlySpan<int> indicesB, ReadOnlySpan<float> valuesB)
        => 2 - 2 * SparseKernels.Dot(indicesA, valuesA, indicesB, valuesB);
}

readonly struct SparseL1 : ISparseDistance
{
    public static float Of(ReadOnlySpan<int> indicesA, ReadOnlySpan<float> valuesA, ReadOnlySpan<int> indicesB, ReadOnlySpan<float> valuesB)
        => SparseKernels.L1(indicesA, valuesA, indicesB, valuesB);
}

/// <summary>A sparse query: the address of a copy as codes point to, and whether the distance is L2's whatever the metric.</summary>
readonly unsafe struct SparseQuery<TDistance>(byte* query, bool byL2) : ICodeQuery where TDistance : struct, ISparseDistance
{
    public float To(byte* code)
    {
        var other = *(byte**)code;
        var distance = byL2
            ? SparseSquaredL2.Of(Indices(query), Values(query), Indices(other), Values(other))
            : TDistance.Of(Indices(query), Values(query), Indices(other), Values(other));
        return float.IsNaN(distance) ? float.PositiveInfinity : distance;
    }

    public void To(byte* code0, byte* code1, byte* code2, byte* code3, float* distances)
    {
        distances[0] = To(code0);
        distances[1] = To(code1);
        distances[2] = To(code2);
        distances[3] = To(code3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ReadOnlySpan<int> Indices(byte* vector) => new(vector + sizeof(int), *(int*)vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ReadOnlySpan<float> Values(byte* vector) => new(vector + sizeof(int) + *(int*)vector * sizeof(int), *(int*)vector);
}
