namespace PgVectorCompat.Types;

/// <summary>
/// The state of avg over vectors: the number of rows and a sum for each element, in double precision. As SQL sees it, in direct
/// calls of vector_accum and kin, it is a double precision[] of the count and the sums.
/// </summary>
/// <remarks>Changed in place by its owner, one aggregate of one group.</remarks>
public sealed class VectorAverage
{
    double _count;
    double[] _sums = [];

    /// <summary>A copy of the state in <paramref name="array"/>. Raises XX000 naming <paramref name="caller"/> when it is none.</summary>
    public static VectorAverage FromArray(PgArray array, string caller)
    {
        if (array.Dimensions != 1 || array.HasNulls || array.ElementType != PgTypes.Float8)
            throw new PgError(SqlState.InternalError, $"{caller}: expected state array");
        var numbers = Array.ConvertAll(array.Items, item => item.AsDouble);
        return new() { _count = numbers[0], _sums = numbers[1..] };
    }

    public PgArray ToArray() => new(PgTypes.Float8, [Datum.Of(_count), .. _sums.Select(Datum.Of)]);

    /// <summary>Adds a row. Raises 22000 when its dimensions differ from those before, 22003 when a sum overflows.</summary>
    public void Add<T, TElement>(T[] vector) where TElement : struct, IVectorElement<T>
    {
        if (_sums.Length == 0)
        {
            // The first row is the state as it is: 0 + -0 would lose the sign.
            _sums = Array.ConvertAll(vector, element => (double)TElement.Widen(element));
            _count++;
            return;
        }
        VectorErrors.CheckTypmod(_sums.Length, vector.Length);
        _count++;
        for (var i = 0; i < vector.Length; i++)
        {
            _sums[i] += TElement.Widen(vector[i]);
            if (double.IsInfinity(_sums[i]))
                throw VectorErrors.Overflow();
        }
    }

    /// <summary>Adds the rows of another state, as vector_combine does.</summary>
    public void Combine(VectorAverage other)
    {
        if (other._count == 0)
            return;
        if (_count == 0)
        {
            (_count, _sums) = (other._count, (double[])other._sums.Clone());
            return;
        }
        VectorErrors.CheckTypmod(_sums.Length, other._sums.Length);
        _count += other._count;
        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i] += other._sums[i];
            if (double.IsInfinity(_sums[i]))
                throw VectorErrors.Overflow();
        }
    }

    /// <summary>The average; null without rows. Raises 22000, 22003 when it is no number of the type.</summary>
    public T[]? Result<T, TElement>(string type) where TElement : struct, IVectorElement<T>
    {
        if (_count == 0)
            return null;
        VectorErrors.CheckDimensions(type, _sums.Length, VectorLimits.MaxDimensions);
        var result = new T[_sums.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var average = (float)(_sums[i] / _count);
            if (!TElement.TryRound(average, out result[i]))
                throw VectorErrors.OutOfRange(type, average);
            VectorErrors.CheckElement(type, average);
        }
        return result;
    }
}
