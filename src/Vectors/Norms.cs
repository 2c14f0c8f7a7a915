using System.Numerics;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Vectors;

/// <summary>Euclidean lengths, summed in double precision as pgvector does, and vectors scaled to length one.</summary>
public static class Norms
{
    /// <summary>√Σx²; finite for every vector of finite numbers.</summary>
    public static double L2(ReadOnlySpan<float> vector)
    {
        var whole = MemoryMarshal.Cast<float, Vector<float>>(vector);
        Vector<double> sum0 = default, sum1 = default;
        foreach (var numbers in whole)
        {
            Vector.Widen(numbers, out var low, out var high);
            sum0 += low * low;
            sum1 += high * high;
        }
        var sum = Vector.Sum(sum0 + sum1);
        foreach (double number in vector[(whole.Length * Vector<float>.Count)..])
            sum += number * number;
        return Math.Sqrt(sum);
    }

    /// <inheritdoc cref="L2(ReadOnlySpan{float})"/>
    public static double L2(ReadOnlySpan<Half> vector)
    {
        double sum = 0;
        foreach (var number in vector)
            sum += (double)number * (double)number;
        return Math.Sqrt(sum);
    }

    /// <summary>Each element divided by the norm in double precision; a zero vector stays zero.</summary>
    public static RangeFault Normalize(ReadOnlySpan<float> vector, Span<float> result)
    {
        var norm = L2(vector);
        result.Clear();
        if (norm > 0)
            for (var i = 0; i < vector.Length; i++)
            {
                result[i] = (float)(vector[i] / norm);
                if (float.IsInfinity(result[i])) return RangeFault.Overflow;
            }
        return RangeFault.None;
    }

    /// <inheritdoc cref="Normalize(ReadOnlySpan{float}, Span{float})"/>
    /// <remarks>The quotient is rounded to float32 first and then to half.</remarks>
    public static RangeFault Normalize(ReadOnlySpan<Half> vector, Span<Half> result)
    {
        var norm = L2(vector);
        result.Clear();
        if (norm > 0)
            for (var i = 0; i < vector.Length; i++)
            {
                result[i] = (Half)(float)((double)vector[i] / norm);
                if (Half.IsInfinity(result[i])) return RangeFault.Overflow;
            }
        return RangeFault.None;
    }
}
