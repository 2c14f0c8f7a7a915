using PgVectorCompat.Vectors;

namespace PgVectorCompat.Types;

/// <summary>
/// Casts between the vector types and from and to arrays. <c>typmod</c> is the number of dimensions the result must have, or -1.
/// Checks come in pgvector's order: dimensions, typmod, conversion of the elements, then NaN and infinity.
/// </summary>
public static class VectorCasts
{
    /// <summary>From integer[], real[], double precision[] or numeric[] to vector or ruvector.</summary>
    public static float[] ToVector(PgArray array, int typmod, string type = "vector")
    {
        var numbers = Numbers(array, typmod, type, VectorLimits.MaxDimensions);
        CheckElements(type, numbers);
        return numbers;
    }

    /// <summary>From such an array to halfvec. Raises 22003 beyond its range.</summary>
    public static Half[] ToHalfVec(PgArray array, int typmod)
    {
        var numbers = Numbers(array, typmod, "halfvec", VectorLimits.MaxDimensions);
        var result = Round(numbers);
        CheckElements("halfvec", numbers);
        return result;
    }

    /// <summary>From such an array to sparsevec; zeros are dropped.</summary>
    public static SparseVector ToSparseVec(PgArray array, int typmod)
    {
        var numbers = Numbers(array, typmod, "sparsevec", VectorLimits.MaxSparseDimensions);
        CheckElements("sparsevec", numbers);
        return Sparse(numbers);
    }

    public static Half[] ToHalfVec(float[] vector, int typmod)
    {
        VectorErrors.CheckTypmod(typmod, vector.Length);
        return Round(vector);
    }

    public static float[] ToVector(Half[] vector, int typmod)
    {
        VectorErrors.CheckTypmod(typmod, vector.Length);
        return Widen(vector);
    }

    public static SparseVector ToSparseVec(float[] vector, int typmod)
    {
        VectorErrors.CheckTypmod(typmod, vector.Length);
        return Sparse(vector);
    }

    public static SparseVector ToSparseVec(Half[] vector, int typmod) => ToSparseVec(Widen(vector), typmod);

    /// <summary>Raises 54000 when a vector cannot have that many dimensions.</summary>
    public static float[] ToVector(SparseVector vector, int typmod, string type = "vector")
    {
        VectorErrors.CheckDimensions(type, vector.Dimensions, VectorLimits.MaxDimensions);
        VectorErrors.CheckTypmod(typmod, vector.Dimensions);
        return Dense(vector);
    }

    public static Half[] ToHalfVec(SparseVector vector, int typmod)
    {
        VectorErrors.CheckDimensions("halfvec", vector.Dimensions, VectorLimits.MaxDimensions);
        VectorErrors.CheckTypmod(typmod, vector.Dimensions);
        return Round(Dense(vector));
    }

    public static PgArray ToArray(float[] vector) => new(PgTypes.Float4, Array.ConvertAll(vector, number => Datum.Of((double)number)));
    public static PgArray ToArray(Half[] vector) => ToArray(Widen(vector));

    /// <summary>The sparse vector without those of its <paramref name="values"/> that are zero.</summary>
    internal static SparseVector WithoutZeros(int dimensions, int[] indices, float[] values)
    {
        var count = values.Length - values.AsSpan().Count(0f);
        if (count == values.Length)
            return new(dimensions, indices, values);
        var (keptIndices, keptValues) = (new int[count], new float[count]);
        for (int i = 0, kept = 0; i < values.Length; i++)
            if (values[i] != 0)
                (keptIndices[kept], keptValues[kept++]) = (indices[i], values[i]);
        return new(dimensions, keptIndices, keptValues);
    }

    static SparseVector Sparse(float[] dense)
    {
        var count = dense.Length - dense.AsSpan().Count(0f);
        if (count > VectorLimits.MaxNonZeros)
            throw VectorErrors.TooManyNonZeros();
        var (indices, values) = (new int[count], new float[count]);
        for (int i = 0, kept = 0; i < dense.Length; i++)
            if (dense[i] != 0)
                (indices[kept], values[kept++]) = (i, dense[i]);
        return new(dense.Length, indices, values);
    }

    static float[] Dense(SparseVector vector)
    {
        var dense = new float[vector.Dimensions];
        for (var i = 0; i < vector.Indices.Length; i++)
            dense[vector.Indices[i]] = vector.Values[i];
        return dense;
    }

    static float[] Widen(Half[] vector)
    {
        var wide = new float[vector.Length];
        HalfConversion.ToSingle(vector, wide);
        return wide;
    }

    /// <summary>Raises 22003 for the first finite number that has no half; NaN and infinity stay what they are.</summary>
    static Half[] Round(float[] vector)
    {
        var result = new Half[vector.Length];
        if (!HalfConversion.ToHalf(vector, result))
            foreach (var number in vector)
                if (!HalfElement.TryRound(number, out _))
                    throw VectorErrors.OutOfRange("halfvec", number);
        return result;
    }

    static float[] Numbers(PgArray array, int typmod, string type, int maxDimensions)
    {
        if (array.Dimensions > 1)
            throw VectorErrors.Data("array must be 1-D");
        if (array.HasNulls)
            throw new PgError(SqlState.NullValueNotAllowed, "array must not contain nulls");
        VectorErrors.CheckDimensions(type, array.Items.Length, maxDimensions);
        VectorErrors.CheckTypmod(typmod, array.Items.Length);
        return Array.ConvertAll(array.Items, Converter(array.ElementType));
    }

    static Converter<Datum, float> Converter(PgType element)
    {
        if (element == PgTypes.Int4)
            return static item => item.AsInt32;
        if (element == PgTypes.Float4 || element == PgTypes.Float8)
            return static item => (float)item.AsDouble;
        if (element == PgTypes.Numeric)
            return static item => NumericConversions.ToSingle(item.As<PgNumeric>());
        throw VectorErrors.Data("unsupported array type");
    }

    static void CheckElements(string type, float[] elements)
    {
        foreach (var element in elements)
            if (!float.IsFinite(element))
                VectorErrors.CheckElement(type, element);
    }
}
