using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>The lists of an index and their centres.</summary>
sealed class IvfLists
{
    readonly float[] _rotated = [];

    /// <param name="origin">What one-bit codes are taken relative to; the same for the life of the index.</param>
    public IvfLists(ListCenters centers, IvfList[] lists, ResidualCodes? residuals, float[] origin)
    {
        (Centers, Lists, Residuals, Origin) = (centers, lists, residuals, origin);
        if (residuals is null) return;
        _rotated = new float[checked(centers.Count * residuals.Padded)];
        for (var list = 0; list < centers.Count; list++)
            Rotate(list);
    }

    public ListCenters Centers { get; }
    public IvfList[] Lists { get; }

    /// <summary>The one-bit codes of the lists, null where distances are not those of float32 vectors.</summary>
    public ResidualCodes? Residuals { get; }

    public float[] Origin { get; }
    /// <summary>Entries of all lists.</summary>
    public long Live => Lists.Sum(list => (long)list.Live);

    /// <summary>Entries of the longest list.</summary>
    public int Longest => Lists.Max(list => list.Live);

    public long Bytes => Centers.Bytes + (long)_rotated.Length * sizeof(float);

    /// <summary>Writes the one-bit code of a point of a list into a place of a block.</summary>
    public unsafe void EncodeResidual(ReadOnlySpan<float> point, int list, byte* block, int lane)
    {
        fixed (float* rotated = &_rotated[list * Residuals!.Padded])
            Residuals.Encode(point, ((FloatCenters)Centers)[list], rotated, block, lane);
    }

    unsafe void Rotate(int list)
    {
        fixed (float* rotated = &_rotated[list * Residuals!.Padded])
            Residuals.Rotate(((FloatCenters)Centers)[list], Origin, rotated);
    }
}
