using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// RaBitQ codes of one bit a dimension for vectors that lie around known centres, in blocks of 32 for <see cref="FastScan"/>.
/// </summary>
/// <remarks>
/// Of a vector x near its centre c the residual r = x − c is rotated (R) and only the signs s = sign(Rr) are kept, with a factor f for which
/// f·⟨s, Rr⟩ = ‖r‖². Then f·⟨s, R(q − c)⟩ is an unbiased estimate of ⟨r, q − c⟩, and
/// <code>
/// ‖q − x‖² = ‖q − c‖² + ‖r‖² − 2⟨r, q − c⟩            −⟨q, x⟩ = −⟨q, c⟩ − ⟨r, c⟩ − ⟨r, q − c⟩
/// </code>
/// need of the query only ⟨s, Rq⟩, the same tables for all centres: what s has in common with Rc is known when x is encoded. The estimate of
/// ⟨r, q − c⟩ errs by ‖r‖ · ‖q − c‖ · √((1 − α²) ÷ (α²·(d − 1))), the standard deviation, and by several times as much hardly ever, whatever the
/// data (α is the cosine between s and Rr; RaBitQ, SIGMOD 2024). All centres are taken relative to an origin, for the sake of the tables' precision.
/// <para>A block: numbers of four bits (see <see cref="FastScan"/>), then 32 addends, 32 factors and 32 error factors in float32.</para>
/// </remarks>
public sealed unsafe class ResidualCodes(int dimensions, bool isProduct, int seed)
{
    const int DimensionsPerPlace = 4;

    readonly Rotation _rotation = new(dimensions, seed);

    /// <summary>Numbers of a rotated vector.</summary>
    public int Padded => _rotation.Padded;

    int Places => Padded / DimensionsPerPlace;
    int NumberBytes => Places * FastScan.TableBytes;

    /// <summary>Bytes of a block of 32 codes, a multiple of 64.</summary>
    public int BlockBytes => NumberBytes + 3 * FastScan.Codes * sizeof(float);

    /// <summary>Bytes of a query's tables.</summary>
    public int TableBytes => Places * FastScan.TableBytes;

    /// <summary>Rotates <paramref name="vector"/> − <paramref name="origin"/>.</summary>
    public void Rotate(ReadOnlySpan<float> vector, ReadOnlySpan<float> origin, float* rotated)
    {
        Span<float> moved = stackalloc float[dimensions];
        Subtract(vector, origin, moved);
        _rotation.Apply(moved, rotated);
    }

    /// <summary>Writes the code of a vector into its place in a block.</summary>
    /// <param name="rotatedCenter">The centre as <see cref="Rotate"/> gives it.</param>
    public void Encode(ReadOnlySpan<float> vector, ReadOnlySpan<float> center, float* rotatedCenter, byte* block, int lane)
    {
        Span<float> residual = stackalloc float[dimensions];
        var rotated = stackalloc float[Padded];
        Subtract(vector, center, residual);
        _rotation.Apply(residual, rotated);
        var square = Float32Kernels.Dot(residual, residual);

        float sum = 0, common = 0;
        for (var i = 0; i < Padded; i += 16)
        {
            var x = Vector512.Load(rotated + i);
            var c = Vector512.Load(rotatedCenter + i);
            var bits = Vector512.GreaterThanOrEqual(x, Vector512<float>.Zero);
            sum += Vector512.Sum(Vector512.Abs(x));
            common += Vector512.Sum(Vector512.ConditionalSelect(bits, c, -c));
            var mask = (uint)bits.ExtractMostSignificantBits();
            for (var place = 0; place < 4; place++, mask >>= DimensionsPerPlace)
                FastScan.Set(block, i / DimensionsPerPlace + place, lane, (int)(mask & 15));
        }
        var factor = sum > 0 ? square / sum : 0;
        var cosineSquare = square > 0 ? Math.Min(1, sum / square * (sum / Padded)) : 1;
        var error = MathF.Sqrt(square * (1 - cosineSquare) / (cosineSquare * Math.Max(1, dimensions - 1)));
        var floats = (float*)(block + NumberBytes) + lane;
        floats[0] = isProduct ? factor * common - Float32Kernels.Dot(residual, center) : square + 2 * factor * common;
        floats[FastScan.Codes] = isProduct ? factor : 2 * factor;
        floats[2 * FastScan.Codes] = isProduct ? error : 2 * error;
    }

    /// <summary>Copies a code to another place.</summary>
    public void Copy(byte* from, int fromLane, byte* to, int toLane)
    {
        for (var place = 0; place < Places; place++)
            FastScan.Set(to, place, toLane, FastScan.Get(from, place, fromLane));
        for (var part = 0; part < 3; part++)
            ((float*)(to + NumberBytes))[part * FastScan.Codes + toLane] = ((float*)(from + NumberBytes))[part * FastScan.Codes + fromLane];
    }

    /// <summary>Makes the tables of a query.</summary>
    /// <param name="rotated">The query as <see cref="Rotate"/> gives it.</param>
    /// <param name="tables"><see cref="TableBytes"/> bytes, aligned to 64, that live as long as the query is used.</param>
    public ResidualQuery Prepare(float* rotated, byte* tables)
    {
        // A number has a bit for each of four dimensions: the table holds the sums of the query over the bits set, moved to start at 0.
        float widest = 0, least = 0, total = 0;
        for (var i = 0; i < Padded; i += DimensionsPerPlace)
        {
            var four = Vector128.Load(rotated + i);
            widest = Math.Max(widest, Vector128.Sum(Vector128.Abs(four)));
            least += Vector128.Sum(Vector128.Min(four, Vector128<float>.Zero));
            total += Vector128.Sum(four);
        }
        var scale = widest > 0 && float.IsFinite(widest) ? byte.MaxValue / widest : 0;
        for (var i = 0; i < Padded; i += DimensionsPerPlace)
        {
            float q0 = rotated[i] * scale, q1 = rotated[i + 1] * scale, q2 = rotated[i + 2] * scale, q3 = rotated[i + 3] * scale;
            var start = 0.5f - Math.Min(q0, 0) - Math.Min(q1, 0) - Math.Min(q2, 0) - Math.Min(q3, 0);
            var first = Vector128.Create(start, start + q0, start + q1, start + q0 + q1);
            var second = first + Vector128.Create(q2);
            var third = Vector128.Create(q3);
            var low = Vector128.Narrow(Vector128.ConvertToInt32(first), Vector128.ConvertToInt32(second));
            var high = Vector128.Narrow(Vector128.ConvertToInt32(first + third), Vector128.ConvertToInt32(second + third));
            Vector128.Narrow(low.AsUInt16(), high.AsUInt16()).Store(tables + i / DimensionsPerPlace * FastScan.TableBytes);
        }
        return new(tables, Places, NumberBytes, scale > 0 ? 2 / scale : 0, scale > 0 ? 2 * least - total : 0);
    }

    static void Subtract(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> difference)
    {
        Debug.Assert(a.Length == b.Length, "vectors of one index have one length");
        for (var i = 0; i < a.Length; i++)
            difference[i] = a[i] - b[i];
    }
}

/// <summary>A query made ready for blocks of <see cref="ResidualCodes"/>: ⟨s, Rq⟩ is <paramref name="scale"/> · sum + <paramref name="offset"/>.</summary>
public readonly unsafe struct ResidualQuery(byte* tables, int places, int numberBytes, float scale, float offset)
{
    /// <summary>
    /// A query whose estimates are never above those of the exact products: each number of a table is rounded by half a step at most, and half a step more
    /// is given away for the rounding of floats.
    /// </summary>
    public ResidualQuery Lowest => new(tables, places, numberBytes, scale, offset + places * scale);

    /// <summary>
    /// Lower bounds of the distances to the 32 vectors of a block; with <paramref name="error"/> zero the estimates themselves. Returns a bit
    /// for each that is at most <paramref name="limit"/>. Never NaN: what cannot be estimated is −∞.
    /// </summary>
    /// <param name="baseDistance">‖q − c‖² (or −⟨q, c⟩) for the centre of the block's list.</param>
    /// <param name="error">‖q − c‖.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Bounds(byte* block, float baseDistance, float error, float limit, float* bounds)
    {
        var sums = (int*)bounds;
        FastScan.Sum(block, tables, places, sums);
        var floats = (float*)(block + numberBytes);
        return Half(sums, floats, baseDistance, error, limit, bounds)
            | Half(sums + 16, floats + 16, baseDistance, error, limit, bounds + 16) << 16;
    }

    /// <summary>What <paramref name="bounds"/> of a code are below its estimate, for an error of one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Margin(byte* block, int lane) => ((float*)(block + numberBytes))[2 * FastScan.Codes + lane];

    /// <summary>The bound of a single code.</summary>
    public float Bound(byte* block, int lane, float baseDistance, float error)
    {
        var sum = 0;
        for (var place = 0; place < places; place++)
            sum += tables[place * FastScan.TableBytes + FastScan.Get(block, place, lane)];
        var floats = (float*)(block + numberBytes) + lane;
        var bound = baseDistance + floats[0] - floats[FastScan.Codes] * (scale * sum + offset) - floats[2 * FastScan.Codes] * error;
        return float.IsNaN(bound) ? float.NegativeInfinity : bound;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    uint Half(int* sums, float* floats, float baseDistance, float error, float limit, float* bounds)
    {
        var products = Vector512.ConvertToSingle(Vector512.Load(sums)) * scale + Vector512.Create(offset);
        var all = Vector512.Create(baseDistance) + Vector512.Load(floats) - Vector512.Load(floats + FastScan.Codes) * products
            - Vector512.Load(floats + 2 * FastScan.Codes) * error;
        all = Vector512.ConditionalSelect(Vector512.Equals(all, all), all, Vector512.Create(float.NegativeInfinity));
        all.Store(bounds);
        return (uint)Vector512.LessThanOrEqual(all, Vector512.Create(limit)).ExtractMostSignificantBits();
    }
}
