using PgVectorCompat.Vectors;

namespace PgVectorCompat.Types;

/// <summary>
/// pgvector's functions and operators on dense vectors of one type. Values are never NULL and never changed. All that take two
/// vectors, except <see cref="Concat"/>, raise 22000 when the dimensions differ.
/// </summary>
/// <param name="type">The type's name in messages.</param>
/// <param name="nameInMismatch">Its name where dimensions differ.</param>
public sealed class DenseOperators<T, TElement>(string type, string nameInMismatch) where TElement : struct, IVectorElement<T>
{
    public double L2Distance(T[] a, T[] b) => Math.Sqrt(L2SquaredDistance(a, b));

    public double L2SquaredDistance(T[] a, T[] b)
    {
        CheckSame(a, b);
        return TElement.SquaredL2(a, b);
    }

    public double InnerProduct(T[] a, T[] b)
    {
        CheckSame(a, b);
        return TElement.Dot(a, b);
    }

    /// <summary>-0 when the product is 0, as pgvector's.</summary>
    public double NegativeInnerProduct(T[] a, T[] b) => -InnerProduct(a, b);

    public double CosineDistance(T[] a, T[] b)
    {
        CheckSame(a, b);
        return TElement.CosineDistance(a, b);
    }

    public double L1Distance(T[] a, T[] b)
    {
        CheckSame(a, b);
        return TElement.L1(a, b);
    }

    /// <summary>Angle between vectors of length one, as a fraction of a half turn.</summary>
    public double SphericalDistance(T[] a, T[] b)
    {
        var product = InnerProduct(a, b);
        return Math.Acos(product > 1 ? 1 : product < -1 ? -1 : product) / Math.PI;
    }

    public double Norm(T[] vector) => TElement.Norm(vector);

    /// <summary>Raises 22003 on overflow.</summary>
    public T[] Normalize(T[] vector)
    {
        var result = new T[vector.Length];
        return Checked(TElement.Normalize(vector, result), result);
    }

    /// <summary>Raises 22003 on overflow, as do its neighbours; <see cref="Multiply"/> on underflow too.</summary>
    public T[] Add(T[] a, T[] b)
    {
        CheckSame(a, b);
        var result = new T[a.Length];
        return Checked(TElement.Add(a, b, result), result);
    }

    /// <summary>Adds <paramref name="vector"/> to a sum that the caller owns, in place.</summary>
    public void AddTo(T[] sum, T[] vector)
    {
        CheckSame(sum, vector);
        Checked(TElement.Add(sum, vector, sum), sum);
    }

    public T[] Subtract(T[] a, T[] b)
    {
        CheckSame(a, b);
        var result = new T[a.Length];
        return Checked(TElement.Subtract(a, b, result), result);
    }

    public T[] Multiply(T[] a, T[] b)
    {
        CheckSame(a, b);
        var result = new T[a.Length];
        return Checked(TElement.Multiply(a, b, result), result);
    }

    /// <summary>Raises 54000 when the result has too many dimensions.</summary>
    public T[] Concat(T[] a, T[] b)
    {
        VectorErrors.CheckDimensions(type, a.Length + b.Length, VectorLimits.MaxDimensions);
        return [.. a, .. b];
    }

    /// <summary>
    /// The elements from <paramref name="start"/> (from 1) on, <paramref name="count"/> of them as far as there are any; positions
    /// before the first use up the count. Raises 22000 when none are left.
    /// </summary>
    public T[] Subvector(T[] vector, int start, int count)
    {
        var end = Math.Min((long)start + count, vector.Length + 1L);
        var first = Math.Max(start, 1);
        return count >= 1 && first < end ? vector[(first - 1)..(int)(end - 1)] : throw VectorErrors.NoDimensions(type);
    }

    /// <summary>A bit for each element, set where it is greater than zero.</summary>
    public BitString BinaryQuantize(T[] vector)
    {
        var bits = new byte[BitString.ByteCount(vector.Length)];
        TElement.PackSigns(vector, bits);
        return new(vector.Length, bits);
    }

    void CheckSame(T[] a, T[] b)
    {
        if (a.Length != b.Length)
            throw VectorErrors.Different(nameInMismatch, a.Length, b.Length);
    }

    static T[] Checked(RangeFault fault, T[] result) => fault switch
    {
        RangeFault.None => result,
        RangeFault.Overflow => throw VectorErrors.Overflow(),
        _ => throw VectorErrors.Underflow(),
    };
}

/// <summary>The operators of each dense type.</summary>
public static class VectorOperators
{
    public static readonly DenseOperators<float, SingleElement> Vector = new("vector", "vector");
    public static readonly DenseOperators<Half, HalfElement> HalfVec = new("halfvec", "halfvec");

    /// <summary>As <see cref="Vector"/>, whose words clients look for when dimensions differ.</summary>
    public static readonly DenseOperators<float, SingleElement> RuVector = new("ruvector", "vector");
}
