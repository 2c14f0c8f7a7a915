using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>Bits a dimension of a <see cref="RotatedCode{TBits}"/>, as a type so that kernels are compiled for each.</summary>
interface IBits
{
    static abstract int Count { get; }
}

readonly struct Bits1 : IBits { public static int Count => 1; }
readonly struct Bits2 : IBits { public static int Count => 2; }
readonly struct Bits3 : IBits { public static int Count => 3; }
readonly struct Bits4 : IBits { public static int Count => 4; }
readonly struct Bits5 : IBits { public static int Count => 5; }
readonly struct Bits6 : IBits { public static int Count => 6; }
readonly struct Bits7 : IBits { public static int Count => 7; }
readonly struct Bits8 : IBits { public static int Count => 8; }

/// <summary>
/// RaBitQ with one to eight bits a dimension. A vector x is moved by the mean of the data and rotated, x' = R(x − μ), which makes its numbers much
/// like normal ones; they are kept on a grid of 2ᵇ steps, c, of the size that makes the angle between c and x' least, with the factor f for which
/// f·⟨c, x'⟩ = ‖x'‖². Distances follow as for <see cref="Sq8Code"/>.
/// </summary>
/// <remarks>
/// Code: addend and factor (float32), then planes of four, two and one bits (see <see cref="PlaneDot"/>), the lowest bits first: five bits are a plane
/// of four and one of one. A grid number n stands for c = n − (2ᵇ − 1) ÷ 2.
/// </remarks>
sealed unsafe class RotatedCode<TBits> : VectorCode<RotatedQuery<TBits>> where TBits : struct, IBits
{
    internal const int Header = 2 * sizeof(float);

    const float Limit = 127;

    /// <summary>The step, in standard deviations, that suits normal numbers best (Max 1960), for one to eight bits.</summary>
    static readonly float[] Steps = [1.596f, 0.996f, 0.586f, 0.335f, 0.188f, 0.104f, 0.0569f, 0.0308f];

    /// <summary>Steps tried, relative to the usual one: real data is not quite normal.</summary>
    static readonly float[] Tries = [1, 0.8f, 0.9f, 1.1f, 1.25f];

    readonly DenseInput _input;
    readonly Metric _metric;
    readonly float[] _mean;
    readonly float _meanSquare;
    readonly int _seed;
    readonly Rotation _rotation;

    /// <param name="mean">One number per dimension, or empty for zeros.</param>
    public RotatedCode(DenseInput input, Metric metric, float[] mean, int seed)
    {
        (_input, _metric, _mean, _seed) = (input, metric, mean, seed);
        _meanSquare = Float32Kernels.Dot(mean, mean);
        _rotation = new(input.Dimensions, seed);
        CodeBytes = Header + Planes.Bytes(TBits.Count, _rotation.Padded);
    }

    public override int CodeBytes { get; }
    public override int QueryBytes => _rotation.Padded + PlaneDot.QueryPadding;
    public override long StateBytes => _mean.Length * sizeof(float);

    /// <summary>Measured on wordnet: as many as have .995 of the nearest ten among them.</summary>
    public override int RerankWidth(int k) => TBits.Count switch
    {
        1 => Math.Max(6 * k, k + 70),
        2 => Math.Max(4 * k, k + 40),
        3 => Math.Max(3 * k, k + 25),
        4 => Math.Max(3 * k, k + 30),
        _ => Math.Max(2 * k, k + 10),
    };

    public override void Save(BinaryWriter writer)
    {
        writer.Write(_seed);
        writer.Write(_mean.Length);
        writer.Write(MemoryMarshal.AsBytes<float>(_mean));
    }

    public override bool TryEncode(ReadOnlySpan<byte> value, byte* code) => TryEncode(value, code, out _);

    public override bool TryEncode(ReadOnlySpan<byte> value, byte* code, out float error)
    {
        error = 0;
        var rotated = stackalloc float[_rotation.Padded];
        if (!Rotate(value, rotated, out var addend, out var square)) return false;
        var numbers = stackalloc byte[_rotation.Padded + PlaneDot.QueryPadding];
        new Span<byte>(numbers + _rotation.Padded, PlaneDot.QueryPadding).Clear();
        var (projection, gridSquare) = Quantize(new(rotated, _rotation.Padded), square, numbers);
        var factor = projection > 0 ? square / projection : 0;
        // f·c − x' stands upright on x'.
        error = MathF.Sqrt(Math.Max(0, factor * gridSquare * factor - square));
        ((float*)code)[0] = _metric == Metric.InnerProduct ? addend : square;
        ((float*)code)[1] = factor;
        Planes.Pack(numbers, _rotation.Padded, TBits.Count, code + Header);
        return true;
    }

    public override RotatedQuery<TBits> Prepare(ReadOnlySpan<byte> value, byte* memory)
    {
        var padded = _rotation.Padded;
        var rotated = stackalloc float[padded];
        if (!Rotate(value, rotated, out var addend, out var square)) return default;
        var query = (sbyte*)memory;
        new Span<sbyte>(query + padded, PlaneDot.QueryPadding).Clear();
        var vector = new ReadOnlySpan<float>(rotated, padded);
        var largest = ByteScaling.MaxMagnitude(vector);
        ByteScaling.Round(vector, largest > 0 ? Limit / largest : 0, query);
        var projection = ByteScaling.Dot(vector, query);
        return Query(query, _metric == Metric.InnerProduct ? addend : square, projection > 0 ? square / projection : 0);
    }

    public override (float Error, float Length) QueryError(ReadOnlySpan<byte> value)
    {
        var padded = _rotation.Padded;
        var rotated = stackalloc float[padded];
        var bytes = stackalloc sbyte[padded];
        if (!Rotate(value, rotated, out _, out var square)) return base.QueryError(value);
        var vector = new ReadOnlySpan<float>(rotated, padded);
        var largest = ByteScaling.MaxMagnitude(vector);
        if (!(largest > 0)) return (0, 0);
        ByteScaling.Round(vector, Limit / largest, bytes);
        long squares = 0;
        for (var i = 0; i < padded; i++)
            squares += bytes[i] * bytes[i];
        // f·c stands upright on the query but for its own length, as codes do.
        var factor = square / ByteScaling.Dot(vector, bytes);
        return (MathF.Sqrt(Math.Max(0, factor * squares * factor - square)), MathF.Sqrt(square));
    }

    public override RotatedQuery<TBits> Prepare(byte* code, byte* memory)
    {
        // Twice c is a whole number; with eight bits c itself, rounded down, has to do.
        var padded = _rotation.Padded;
        var query = (sbyte*)memory;
        Planes.Unpack(code + Header, padded, TBits.Count, memory);
        for (var i = 0; i < padded; i += Vector256<byte>.Count)
        {
            var numbers = Vector256.Load(memory + i);
            (TBits.Count == 8
                ? numbers.AsSByte() - Vector256.Create(sbyte.MinValue)
                : (numbers + numbers).AsSByte() - Vector256.Create((sbyte)((1 << TBits.Count) - 1))).Store(query + i);
        }
        new Span<sbyte>(query + padded, PlaneDot.QueryPadding).Clear();
        return Query(query, ((float*)code)[0], ((float*)code)[1] * (TBits.Count == 8 ? 1 : 0.5f));
    }

    RotatedQuery<TBits> Query(sbyte* query, float addend, float factor)
    {
        var isProduct = _metric == Metric.InnerProduct;
        var offset = ByteScaling.Sum(query, _rotation.Padded) * (((1 << TBits.Count) - 1) / 2f);
        return new(query, _rotation.Padded, offset, isProduct ? addend - _meanSquare : addend, isProduct ? -factor : -2 * factor);
    }

    /// <summary>R(x − μ), −⟨μ, x − μ⟩ and ‖x − μ‖².</summary>
    bool Rotate(ReadOnlySpan<byte> value, float* rotated, out float addend, out float square)
    {
        var buffer = stackalloc float[_input.Dimensions];
        var vector = new Span<float>(buffer, _input.Dimensions);
        addend = square = 0;
        if (!_input.Read(value, vector)) return false;
        if (_mean.Length > 0)
        {
            for (var i = 0; i < vector.Length; i++)
                vector[i] -= _mean[i];
            addend = -Float32Kernels.Dot(vector, _mean);
        }
        square = Float32Kernels.Dot(vector, vector);
        _rotation.Apply(vector, rotated);
        return true;
    }

    /// <summary>Finds the grid numbers whose angle with the vector is least; returns ⟨c, x'⟩ and ‖c‖².</summary>
    static (float Dot, float Square) Quantize(ReadOnlySpan<float> vector, float square, byte* numbers)
    {
        var most = (1 << TBits.Count) - 1;
        var deviation = MathF.Sqrt(square / vector.Length);
        if (!(deviation > 0) || !float.IsFinite(deviation))
        {
            new Span<byte>(numbers, vector.Length).Fill((byte)(1 << (TBits.Count - 1)));
            return (0, 0);
        }
        var (bestCosine, best) = (float.NegativeInfinity, 1f);
        if (TBits.Count > 1)
            foreach (var attempt in Tries)
            {
                var (dot, norm) = Grid(vector, 1 / (attempt * Steps[TBits.Count - 1] * deviation), most, null);
                if (dot / MathF.Sqrt(norm) > bestCosine) (bestCosine, best) = (dot / MathF.Sqrt(norm), attempt);
            }
        return Grid(vector, 1 / (best * Steps[TBits.Count - 1] * deviation), most, numbers);
    }

    /// <summary>⟨c, x'⟩ and ‖c‖² for one size of steps; writes the numbers if wanted.</summary>
    static (float Dot, float Square) Grid(ReadOnlySpan<float> vector, float scale, int most, byte* numbers)
    {
        ref var start = ref MemoryMarshal.GetReference(vector);
        var middle = Vector256.Create(most / 2f);
        Vector256<float> dot = default, square = default;
        for (nuint i = 0; i < (nuint)vector.Length; i += 8)
        {
            var x = Vector256.LoadUnsafe(ref start, i);
            var whole = Vector256.Min(Vector256.Max(Vector256.Floor(x * scale + Vector256.Create((most + 1) / 2f)), Vector256<float>.Zero), Vector256.Create((float)most));
            var c = whole - middle;
            dot += c * x;
            square += c * c;
            if (numbers == null) continue;
            var bytes = Vector256.ConvertToInt32(whole);
            for (var lane = 0; lane < 8; lane++)
                numbers[(int)i + lane] = (byte)bytes[lane];
        }
        return (Vector256.Sum(dot), Vector256.Sum(square));
    }
}

/// <summary>A query of signed bytes for codes in planes; a default one finds everything equally far.</summary>
/// <param name="query">Signed bytes, zeros behind the last.</param>
/// <param name="count">Numbers of a code.</param>
/// <param name="offset">Σ query · (2ᵇ − 1) ÷ 2: what sums are too large by because codes hold numbers from 0.</param>
/// <param name="addend">Added to every distance.</param>
/// <param name="factor">Multiplies every inner product.</param>
readonly unsafe struct RotatedQuery<TBits>(sbyte* query, int count, float offset, float addend, float factor) : ICodeQuery where TBits : struct, IBits
{
    const int Header = 2 * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float To(byte* code)
    {
        var plane = code + Header;
        var width = Planes.Width(TBits.Count);
        var dot = PlaneDot.One(plane, query, count, width);
        if (TBits.Count > width)
        {
            plane += PlaneDot.Bytes(count, width);
            var second = Planes.Width(TBits.Count - width);
            dot += PlaneDot.One(plane, query, count, second) << width;
            if (TBits.Count > width + second)
                dot += PlaneDot.One(plane + PlaneDot.Bytes(count, second), query, count, 1) << (width + second);
        }
        var distance = addend + ((float*)code)[0] + factor * ((float*)code)[1] * (dot - offset);
        return float.IsNaN(distance) ? float.PositiveInfinity : distance;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void To(byte* code0, byte* code1, byte* code2, byte* code3, float* distances)
    {
        var at = Header;
        var width = Planes.Width(TBits.Count);
        var dots = PlaneDot.Four(code0 + at, code1 + at, code2 + at, code3 + at, query, count, width);
        if (TBits.Count > width)
        {
            at += PlaneDot.Bytes(count, width);
            var second = Planes.Width(TBits.Count - width);
            dots += Vector128.ShiftLeft(PlaneDot.Four(code0 + at, code1 + at, code2 + at, code3 + at, query, count, second), width);
            if (TBits.Count > width + second)
            {
                at += PlaneDot.Bytes(count, second);
                dots += Vector128.ShiftLeft(PlaneDot.Four(code0 + at, code1 + at, code2 + at, code3 + at, query, count, 1), width + second);
            }
        }
        var addends = Vector128.Create(((float*)code0)[0], ((float*)code1)[0], ((float*)code2)[0], ((float*)code3)[0]);
        var factors = Vector128.Create(((float*)code0)[1], ((float*)code1)[1], ((float*)code2)[1], ((float*)code3)[1]);
        var all = addends + Vector128.Create(addend) + factors * factor * (Vector128.ConvertToSingle(dots) - Vector128.Create(offset));
        Vector128.ConditionalSelect(Vector128.Equals(all, all), all, Vector128.Create(float.PositiveInfinity)).Store(distances);
    }
}
