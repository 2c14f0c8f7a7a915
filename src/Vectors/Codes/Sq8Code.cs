using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// One byte a dimension. A vector x is moved by the mean of the data, x' = x − μ, and kept as whole numbers c = round(127 · x' ÷ max|x'|) with
/// the factor f for which f·c has the same inner product with x' as x' itself: f = ‖x'‖² ÷ ⟨c, x'⟩. The query is made of bytes in the same
/// way, so that a distance is one inner product of bytes:
/// <code>
/// ‖q − x‖² ≈ ‖q'‖² + ‖x'‖² − 2·f·fq·⟨c, cq⟩        −⟨q, x⟩ ≈ −⟨μ, q'⟩ − ‖μ‖² − ⟨μ, x'⟩ − f·fq·⟨c, cq⟩
/// </code>
/// Code: addend (float32: ‖x'‖² or −⟨μ, x'⟩), factor (float32: f), then c + 128 in a byte for each dimension.
/// </summary>
sealed unsafe class Sq8Code : VectorCode<Sq8Query>
{
    internal const int Header = 2 * sizeof(float);

    /// <summary>Largest magnitude of a number in a code.</summary>
    const float Limit = 127;

    readonly DenseInput _input;
    readonly Metric _metric;
    readonly float[] _mean;
    readonly float _meanSquare;
    readonly int _blocks;

    /// <param name="mean">One number per dimension, or empty for zeros.</param>
    public Sq8Code(DenseInput input, Metric metric, float[] mean)
    {
        (_input, _metric, _mean) = (input, metric, mean);
        _meanSquare = Float32Kernels.Dot(mean, mean);
        _blocks = (input.Dimensions + ByteDot.Block - 1) / ByteDot.Block * ByteDot.Block;
    }

    public static Sq8Code Load(DenseInput input, Metric metric, BinaryReader reader)
    {
        var mean = new float[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(mean.AsSpan()));
        return new(input, metric, mean);
    }

    public override int CodeBytes => Header + (_input.Dimensions + 3) / 4 * 4;
    public override int QueryBytes => _blocks;
    public override long StateBytes => _mean.Length * sizeof(float);

    public override void Save(BinaryWriter writer)
    {
        writer.Write(_mean.Length);
        writer.Write(MemoryMarshal.AsBytes<float>(_mean));
    }

    public override int RerankWidth(int k) => 2 * k + 20;

    public override bool TryEncode(ReadOnlySpan<byte> value, byte* code) => TryWrite(value, code, out _);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    bool TryWrite(ReadOnlySpan<byte> value, byte* code, out float square)
    {
        square = 0;
        var dimensions = _input.Dimensions;
        var buffer = stackalloc float[dimensions];
        var vector = new Span<float>(buffer, dimensions);
        if (!_input.Read(value, vector)) return false;
        var addend = Center(vector);
        var bytes = (sbyte*)(code + Header);
        var largest = ByteScaling.MaxMagnitude(vector);
        ByteScaling.Round(vector, largest > 0 ? Limit / largest : 0, bytes);
        var projection = ByteScaling.Dot(vector, bytes);
        square = Float32Kernels.Dot(vector, vector);
        ((float*)code)[0] = _metric == Metric.InnerProduct ? addend : square;
        ((float*)code)[1] = projection > 0 ? square / projection : 0;
        for (var i = 0; i < dimensions; i++)
            code[Header + i] ^= 0x80;
        for (var i = dimensions; i < CodeBytes - Header; i++)
            code[Header + i] = 0x80;
        return true;
    }

    public override bool TryEncode(ReadOnlySpan<byte> value, byte* code, out float error)
    {
        error = 0;
        if (!TryWrite(value, code, out var square)) return false;
        long bytes = 0;
        for (var i = 0; i < _input.Dimensions; i++)
            bytes += (code[Header + i] - 128) * (code[Header + i] - 128);
        // f·c − x' stands upright on x'.
        error = MathF.Sqrt(Math.Max(0, ((float*)code)[1] * bytes * ((float*)code)[1] - square));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Sq8Query Prepare(ReadOnlySpan<byte> value, byte* memory)
    {
        var dimensions = _input.Dimensions;
        var buffer = stackalloc float[dimensions];
        var vector = new Span<float>(buffer, dimensions);
        if (!_input.Read(value, vector)) return default;
        var addend = Center(vector);
        var query = (sbyte*)memory;
        new Span<sbyte>(query + dimensions, _blocks - dimensions).Clear();
        var largest = Math.Max(ByteScaling.MaxMagnitude(vector) / Limit, ByteScaling.MaxPair(vector) / (ByteDot.PairLimit - 1));
        ByteScaling.Round(vector, largest > 0 ? 1 / largest : 0, query);
        var square = Float32Kernels.Dot(vector, vector);
        var projection = ByteScaling.Dot(vector, query);
        return Query(query, _metric == Metric.InnerProduct ? addend : square, projection > 0 ? square / projection : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override Sq8Query Prepare(byte* code, byte* memory)
    {
        var query = (sbyte*)memory;
        var scale = ByteScaling.Shrink(code + Header, query, _input.Dimensions, _blocks, ByteDot.PairLimit);
        return Query(query, ((float*)code)[0], ((float*)code)[1] / scale);
    }

    Sq8Query Query(sbyte* query, float addend, float factor)
    {
        var isProduct = _metric == Metric.InnerProduct;
        return new(
            query, _blocks, ByteScaling.Sum(query, _blocks) * 128,
            isProduct ? addend - _meanSquare : addend, isProduct ? -factor : -2 * factor);
    }

    /// <summary>Subtracts the mean; returns −⟨μ, x'⟩.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    float Center(Span<float> vector)
    {
        if (_mean.Length == 0) return 0;
        for (var i = 0; i < vector.Length; i++)
            vector[i] -= _mean[i];
        return -Float32Kernels.Dot(vector, _mean);
    }
}

/// <summary>A query of bytes; a default one finds everything equally far.</summary>
/// <param name="query">Signed bytes, zeros up to <paramref name="count"/>.</param>
/// <param name="count">Bytes, a multiple of <see cref="ByteDot.Block"/>.</param>
/// <param name="offset">128 · Σ query: what the sum is too large by because codes are stored as c + 128.</param>
/// <param name="addend">Added to every distance.</param>
/// <param name="factor">Multiplies every inner product.</param>
readonly unsafe struct Sq8Query(sbyte* query, int count, int offset, float addend, float factor) : ICodeQuery
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float To(byte* code)
    {
        var dot = ByteDot.One(code + Sq8Code.Header, query, count) - offset;
        var distance = addend + ((float*)code)[0] + factor * ((float*)code)[1] * dot;
        return float.IsNaN(distance) ? float.PositiveInfinity : distance;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void To(byte* code0, byte* code1, byte* code2, byte* code3, float* distances)
    {
        const int header = Sq8Code.Header;
        var dots = ByteDot.Four(code0 + header, code1 + header, code2 + header, code3 + header, query, count) - Vector128.Create(offset);
        var addends = Vector128.Create(((float*)code0)[0], ((float*)code1)[0], ((float*)code2)[0], ((float*)code3)[0]);
        var factors = Vector128.Create(((float*)code0)[1], ((float*)code1)[1], ((float*)code2)[1], ((float*)code3)[1]);
        var all = addends + Vector128.Create(addend) + factors * factor * Vector128.ConvertToSingle(dots);
        Vector128.ConditionalSelect(Vector128.Equals(all, all), all, Vector128.Create(float.PositiveInfinity)).Store(distances);
    }
}
