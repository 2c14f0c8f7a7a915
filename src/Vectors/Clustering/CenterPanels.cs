using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Clustering;

/// <summary>
/// Centres laid out so that one register holds the same dimension of sixteen of them: the products of a point with sixteen centres need no
/// sums across a register. The score of a centre c for a point x is a bias − weight · ⟨x, c⟩; the least score is the nearest centre.
/// </summary>
public sealed class CenterPanels
{
    const int Lanes = 16;

    /// <summary>Points and pairs of panels whose sums fit in the registers of AVX-512.</summary>
    const int TilePoints = 8;

    /// <summary>Points that go together through all panels: they stay in the cache meanwhile.</summary>
    const int ChunkPoints = 64;

    readonly float[] _panels, _bias, _weights;
    readonly int _pairs;

    CenterPanels(ReadOnlySpan<float> centers, int count, int dimensions, Func<float, (float Bias, float Weight)> score)
    {
        (Count, Dimensions) = (count, dimensions);
        _pairs = (count + 2 * Lanes - 1) / (2 * Lanes);
        _panels = new float[(long)_pairs * 2 * Lanes * dimensions];
        _bias = new float[_pairs * 2 * Lanes];
        _weights = new float[_pairs * 2 * Lanes];
        _bias.AsSpan(count).Fill(float.PositiveInfinity);
        for (var c = 0; c < count; c++)
        {
            var center = centers.Slice(c * dimensions, dimensions);
            (_bias[c], _weights[c]) = score(Float32Kernels.Dot(center, center));
            var at = (long)(c / (2 * Lanes)) * 2 * Lanes * dimensions + c % (2 * Lanes);
            foreach (var number in center)
            {
                _panels[at] = number;
                at += 2 * Lanes;
            }
        }
    }

    public int Count { get; }
    public int Dimensions { get; }
    public long Bytes => (long)sizeof(float) * (_panels.Length + _bias.Length + _weights.Length);

    /// <summary>Scores are squared L2 distances less ‖x‖².</summary>
    public static CenterPanels ForL2(ReadOnlySpan<float> centers, int count, int dimensions)
        => new(centers, count, dimensions, square => (square, 2));

    /// <summary>Scores are −⟨x, c⟩ ÷ ‖c‖: the least angle.</summary>
    public static CenterPanels ForAngle(ReadOnlySpan<float> centers, int count, int dimensions)
        => new(centers, count, dimensions, square => (0, square > 0 ? 1 / MathF.Sqrt(square) : 0));

    /// <summary>Scores are −⟨x, c⟩.</summary>
    public static CenterPanels ForProduct(ReadOnlySpan<float> centers, int count, int dimensions)
        => new(centers, count, dimensions, _ => (0, 1));

    /// <summary>The nearest centre of each point, and its score.</summary>
    /// <param name="points">Row by row, <see cref="Dimensions"/> numbers each.</param>
    public unsafe void Nearest(ReadOnlySpan<float> points, Span<int> labels, Span<float> scores)
    {
        var best = stackalloc Vector512<float>[ChunkPoints];
        var indices = stackalloc Vector512<int>[ChunkPoints];
        fixed (float* panels = _panels, bias = _bias, weights = _weights, start = points)
        {
            for (var first = 0; first < labels.Length; first += ChunkPoints)
            {
                var count = Math.Min(ChunkPoints, labels.Length - first);
                new Span<Vector512<float>>(best, count).Fill(Vector512.Create(float.PositiveInfinity));
                new Span<Vector512<int>>(indices, count).Clear();
                for (var pair = 0; pair < _pairs; pair++)
                {
                    var panel = panels + (long)pair * 2 * Lanes * Dimensions;
                    for (var i = 0; i < count; i += TilePoints)
                        Tile(start + (long)(first + i) * Dimensions, Math.Min(TilePoints, count - i), panel, pair, bias, weights, best + i, indices + i);
                }
                for (var i = 0; i < count; i++)
                    (labels[first + i], scores[first + i]) = Least(best[i], indices[i]);
            }
        }
    }

    /// <summary>Scores of all centres for one point.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe void Scores(ReadOnlySpan<float> point, Span<float> scores)
    {
        var block = stackalloc float[2 * Lanes];
        fixed (float* panels = _panels, bias = _bias, weights = _weights, x = point)
        {
            for (var pair = 0; pair < _pairs; pair++)
            {
                var panel = panels + (long)pair * 2 * Lanes * Dimensions;
                Vector512<float> even0 = default, even1 = default, odd0 = default, odd1 = default;
                var d = 0;
                for (; d <= Dimensions - 2; d += 2, panel += 4 * Lanes)
                {
                    var (first, second) = (Vector512.Create(x[d]), Vector512.Create(x[d + 1]));
                    even0 = Vector512.MultiplyAddEstimate(first, Vector512.Load(panel), even0);
                    even1 = Vector512.MultiplyAddEstimate(first, Vector512.Load(panel + Lanes), even1);
                    odd0 = Vector512.MultiplyAddEstimate(second, Vector512.Load(panel + 2 * Lanes), odd0);
                    odd1 = Vector512.MultiplyAddEstimate(second, Vector512.Load(panel + 3 * Lanes), odd1);
                }
                if (d < Dimensions)
                {
                    var last = Vector512.Create(x[d]);
                    even0 = Vector512.MultiplyAddEstimate(last, Vector512.Load(panel), even0);
                    even1 = Vector512.MultiplyAddEstimate(last, Vector512.Load(panel + Lanes), even1);
                }
                var at = pair * 2 * Lanes;
                (Vector512.Load(bias + at) - Vector512.Load(weights + at) * (even0 + odd0)).Store(block);
                (Vector512.Load(bias + at + Lanes) - Vector512.Load(weights + at + Lanes) * (even1 + odd1)).Store(block + Lanes);
                new Span<float>(block, Math.Min(2 * Lanes, Count - at)).CopyTo(scores[at..]);
            }
        }
    }

    /// <summary>Up to eight points with two panels; fewer points repeat the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    unsafe void Tile(
        float* points, int count, float* panel, int pair, float* bias, float* weights, Vector512<float>* best, Vector512<int>* indices)
    {
        var stride = (nint)Dimensions;
        float* x0 = points, x1 = At(1), x2 = At(2), x3 = At(3), x4 = At(4), x5 = At(5), x6 = At(6), x7 = At(7);
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
        for (nint d = 0; d < stride; d++, panel += 2 * Lanes)
        {
            var a = Vector512.Load(panel);
            var b = Vector512.Load(panel + Lanes);
            var x = Vector512.Create(x0[d]);
            a0 = Vector512.MultiplyAddEstimate(a, x, a0);
            b0 = Vector512.MultiplyAddEstimate(b, x, b0);
            x = Vector512.Create(x1[d]);
            a1 = Vector512.MultiplyAddEstimate(a, x, a1);
            b1 = Vector512.MultiplyAddEstimate(b, x, b1);
            x = Vector512.Create(x2[d]);
            a2 = Vector512.MultiplyAddEstimate(a, x, a2);
            b2 = Vector512.MultiplyAddEstimate(b, x, b2);
            x = Vector512.Create(x3[d]);
            a3 = Vector512.MultiplyAddEstimate(a, x, a3);
            b3 = Vector512.MultiplyAddEstimate(b, x, b3);
            x = Vector512.Create(x4[d]);
            a4 = Vector512.MultiplyAddEstimate(a, x, a4);
            b4 = Vector512.MultiplyAddEstimate(b, x, b4);
            x = Vector512.Create(x5[d]);
            a5 = Vector512.MultiplyAddEstimate(a, x, a5);
            b5 = Vector512.MultiplyAddEstimate(b, x, b5);
            x = Vector512.Create(x6[d]);
            a6 = Vector512.MultiplyAddEstimate(a, x, a6);
            b6 = Vector512.MultiplyAddEstimate(b, x, b6);
            x = Vector512.Create(x7[d]);
            a7 = Vector512.MultiplyAddEstimate(a, x, a7);
            b7 = Vector512.MultiplyAddEstimate(b, x, b7);
        }
        Keep(0, a0, b0);
        Keep(1, a1, b1);
        Keep(2, a2, b2);
        Keep(3, a3, b3);
        Keep(4, a4, b4);
        Keep(5, a5, b5);
        Keep(6, a6, b6);
        Keep(7, a7, b7);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        float* At(int point) => points + Math.Min(point, count - 1) * stride;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Keep(int point, Vector512<float> productsA, Vector512<float> productsB)
        {
            if (point >= count) return;
            var at = pair * 2 * Lanes;
            KeepPanel(productsA, at);
            KeepPanel(productsB, at + Lanes);

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            void KeepPanel(Vector512<float> products, int at)
            {
                var scores = Vector512.Load(bias + at) - Vector512.Load(weights + at) * products;
                var nearer = Vector512.LessThan(scores, best[point]);
                best[point] = Vector512.ConditionalSelect(nearer, scores, best[point]);
                indices[point] = Vector512.ConditionalSelect(nearer.AsInt32(), Vector512<int>.Indices + Vector512.Create(at), indices[point]);
            }
        }
    }

    /// <summary>The least of sixteen scores; of equal ones the centre with the lowest number.</summary>
    static (int Label, float Score) Least(Vector512<float> scores, Vector512<int> indices)
    {
        var (label, score) = (indices[0], scores[0]);
        for (var lane = 1; lane < Lanes; lane++)
            if (scores[lane] < score || (scores[lane] == score && indices[lane] < label))
                (label, score) = (indices[lane], scores[lane]);
        return (label, score);
    }
}
