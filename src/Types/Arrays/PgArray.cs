namespace PgVectorCompat.Types;

/// <summary>An array value: elements in row-major order with the bounds of each dimension. No dimensions when it is empty.</summary>
public sealed class PgArray
{
    /// <summary>MAXDIM.</summary>
    public const int MaxDimensions = 6;

    /// <summary>MaxArraySize: the most elements an array may have.</summary>
    public const int MaxItems = 134_217_727;

    /// <param name="lengths">Number of elements in each dimension, each above 0; as many as their product has <paramref name="items"/>.</param>
    /// <param name="lowerBounds">First subscript of each dimension.</param>
    public PgArray(PgType elementType, int[] lengths, int[] lowerBounds, Datum[] items)
        => (ElementType, Lengths, LowerBounds, Items) = (elementType, lengths, lowerBounds, items);

    /// <summary>A one-dimensional array with subscripts from <paramref name="lowerBound"/>; empty when there are no items.</summary>
    public PgArray(PgType elementType, Datum[] items, int lowerBound = 1)
        : this(elementType, items.Length == 0 ? [] : [items.Length], items.Length == 0 ? [] : [lowerBound], items)
    {
    }

    public PgType ElementType { get; }
    public int[] Lengths { get; }
    public int[] LowerBounds { get; }
    public Datum[] Items { get; }
    public int Dimensions => Lengths.Length;

    public bool HasNulls
    {
        get
        {
            foreach (var item in Items)
                if (item.IsNull)
                    return true;
            return false;
        }
    }

    /// <summary>Number of elements for dimensions of these lengths. Raises 54000 when there are too many dimensions or elements.</summary>
    public static int CountItems(ReadOnlySpan<int> lengths)
    {
        if (lengths.Length > MaxDimensions)
            throw TooManyDimensions(lengths.Length);
        var count = 1L;
        foreach (var length in lengths)
        {
            count *= length;
            if (length < 0 || count > MaxItems)
                throw new PgError(SqlState.ProgramLimitExceeded, $"array size exceeds the maximum allowed ({MaxItems})");
        }
        return lengths.IsEmpty ? 0 : (int)count;
    }

    public static PgError TooManyDimensions(int count)
        => new(SqlState.ProgramLimitExceeded, $"number of array dimensions ({count}) exceeds the maximum allowed ({MaxDimensions})");

    /// <summary>Index into <see cref="Items"/> of the element with these subscripts, -1 when there is none.</summary>
    public int IndexOf(ReadOnlySpan<int> subscripts)
    {
        if (subscripts.Length != Dimensions || Dimensions == 0)
            return -1;
        var index = 0L;
        for (var d = 0; d < Dimensions; d++)
        {
            var offset = (long)subscripts[d] - LowerBounds[d];
            if (offset < 0 || offset >= Lengths[d])
                return -1;
            index = index * Lengths[d] + offset;
        }
        return (int)index;
    }
}
