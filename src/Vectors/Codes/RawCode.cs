using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PgVectorCompat.Vectors.Lanes;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// The vector itself as its code, in float32 or binary16, padded with zeros (which no metric counts) to whole registers. Under cosine
/// distance it is scaled to length one.
/// </summary>
/// <remarks>
/// Inner products in few dimensions: a graph of the largest inner products would link everything to the few longest vectors, and not find the way
/// between them. There vectors are linked by L2 instead, by the same kernel: with −‖x‖²/2 and 1 put after x, and 1 and −‖y‖²/2 after y, −⟨x, y⟩ becomes
/// ‖x − y‖²/2; queries have zeros there. With many dimensions and lengths that differ much the direct graph is far better.
/// </remarks>
sealed unsafe class RawCode<TMetric, TElement>(DenseInput input) : VectorCode<RawQuery<TMetric, TElement>>
    where TMetric : struct, IMetric where TElement : unmanaged
{
    readonly bool _linkedByL2 = typeof(TMetric) == typeof(InnerProductMetric) && typeof(TElement) == typeof(float) && input.Dimensions < VectorCodes.FewDimensions;

    /// <summary>Elements of a code: dimensions, and two for the length if vectors are linked by L2, rounded up to the widest register.</summary>
    readonly int _count = (input.Dimensions + (input.Dimensions < VectorCodes.FewDimensions ? 2 : 0) + 15) / 16 * 16;

    public override int CodeBytes => _count * sizeof(TElement);
    public override int QueryBytes => _count * sizeof(float);

    public override bool TryEncode(ReadOnlySpan<byte> value, byte* code)
    {
        if (typeof(TElement) == typeof(float))
        {
            if (!Read(value, (float*)code)) return false;
            if (_linkedByL2)
            {
                var vector = new ReadOnlySpan<float>((float*)code, input.Dimensions);
                ((float*)code)[input.Dimensions] = Math.Max(-Float32Kernels.Dot(vector, vector) / 2, float.MinValue);
                ((float*)code)[input.Dimensions + 1] = 1;
            }
            return true;
        }
        var wide = stackalloc float[_count];
        if (!Read(value, wide)) return false;
        HalfConversion.ToHalf(new(wide, _count), new Span<Half>(code, _count));
        return true;
    }

    public override bool TryEncode(ReadOnlySpan<byte> value, byte* code, out float error)
    {
        const float half = 1f / 2048; // of the last of binary16's eleven bits
        error = 0;
        if (!TryEncode(value, code)) return false;
        if (typeof(TElement) == typeof(float)) return true;
        var wide = stackalloc float[_count];
        Read(value, wide);
        error = half * (float)Norms.L2(new ReadOnlySpan<float>(wide, input.Dimensions));
        return true;
    }

    public override RawQuery<TMetric, TElement> Prepare(ReadOnlySpan<byte> value, byte* memory)
    {
        Read(value, (float*)memory);
        return new((float*)memory, _count);
    }

    public override RawQuery<TMetric, TElement> Prepare(byte* code, byte* memory)
    {
        if (_linkedByL2)
        {
            var query = (float*)memory;
            new ReadOnlySpan<float>((float*)code, _count).CopyTo(new(query, _count));
            (query[input.Dimensions], query[input.Dimensions + 1]) = (query[input.Dimensions + 1], query[input.Dimensions]);
            return new(query, _count);
        }
        if (typeof(TElement) == typeof(float)) return new((float*)code, _count);
        HalfConversion.ToSingle(new ReadOnlySpan<Half>(code, _count), new(memory, _count));
        return new((float*)memory, _count);
    }

    /// <summary>Float32 orders as the exact distance does; halves of a float32 vector err in the fourth digit.</summary>
    public override int RerankWidth(int k) => typeof(TElement) == typeof(float) || input.Element == VectorElement.Float16 ? k : k + k / 4 + 2;

    public override void Save(BinaryWriter writer) { }

    bool Read(ReadOnlySpan<byte> value, float* vector)
    {
        new Span<float>(vector + input.Dimensions, _count - input.Dimensions).Clear();
        return input.Read(value, new(vector, input.Dimensions));
    }
}

/// <summary>A query in float32 for codes that are vectors.</summary>
readonly unsafe struct RawQuery<TMetric, TElement>(float* query, int count) : ICodeQuery
    where TMetric : struct, IMetric where TElement : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float To(byte* code)
    {
        if (Vector512.IsHardwareAccelerated) return One<Vector512<float>, Lanes512>(code);
        if (Vector256.IsHardwareAccelerated) return One<Vector256<float>, Lanes256>(code);
        if (Vector128.IsHardwareAccelerated) return One<Vector128<float>, Lanes128>(code);
        return One<float, PlainLanes>(code);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void To(byte* code0, byte* code1, byte* code2, byte* code3, float* distances)
    {
        if (Vector512.IsHardwareAccelerated) Four<Vector512<float>, Lanes512>(code0, code1, code2, code3, distances);
        else if (Vector256.IsHardwareAccelerated) Four<Vector256<float>, Lanes256>(code0, code1, code2, code3, distances);
        else if (Vector128.IsHardwareAccelerated) Four<Vector128<float>, Lanes128>(code0, code1, code2, code3, distances);
        else Four<float, PlainLanes>(code0, code1, code2, code3, distances);
    }

    /// <summary>Two sums, so that an addition need not wait for the last; the count is a multiple of sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float One<V, TLanes>(byte* code) where V : struct where TLanes : struct, ILanes<V>
    {
        Sums<V> even = default, odd = default;
        int i = 0, step = TLanes.Count;
        for (; i <= count - 2 * step; i += 2 * step)
        {
            TMetric.Add<V, TLanes>(ref even, TLanes.Load(in query[i]), Load<V, TLanes>(code, i));
            TMetric.Add<V, TLanes>(ref odd, TLanes.Load(in query[i + step]), Load<V, TLanes>(code, i + step));
        }
        if (i < count) TMetric.Add<V, TLanes>(ref even, TLanes.Load(in query[i]), Load<V, TLanes>(code, i));
        return Signed(TLanes.Sum(TLanes.Add(even.First, odd.First)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Four<V, TLanes>(byte* code0, byte* code1, byte* code2, byte* code3, float* distances) where V : struct where TLanes : struct, ILanes<V>
    {
        Sums<V> sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        for (var i = 0; i < count; i += TLanes.Count)
        {
            var part = TLanes.Load(in query[i]);
            TMetric.Add<V, TLanes>(ref sums0, part, Load<V, TLanes>(code0, i));
            TMetric.Add<V, TLanes>(ref sums1, part, Load<V, TLanes>(code1, i));
            TMetric.Add<V, TLanes>(ref sums2, part, Load<V, TLanes>(code2, i));
            TMetric.Add<V, TLanes>(ref sums3, part, Load<V, TLanes>(code3, i));
        }
        distances[0] = Signed(TLanes.Sum(sums0.First));
        distances[1] = Signed(TLanes.Sum(sums1.First));
        distances[2] = Signed(TLanes.Sum(sums2.First));
        distances[3] = Signed(TLanes.Sum(sums3.First));
    }

    /// <summary>Differences of huge numbers overflow to infinity, which is farthest; ∞ − ∞ in an inner product counts as that too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Signed(float sum)
    {
        var distance = typeof(TMetric) == typeof(InnerProductMetric) ? -sum : sum;
        return float.IsNaN(distance) ? float.PositiveInfinity : distance;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Load<V, TLanes>(byte* code, int index) where V : struct where TLanes : struct, ILanes<V>
        => typeof(TElement) == typeof(float) ? TLanes.Load(in ((float*)code)[index]) : TLanes.Load(in ((Half*)code)[index]);
}
