namespace PgVectorCompat.Vectors;

/// <summary>Distances between two bit strings of equal length, packed eight to a byte with zeros after the last bit.</summary>
public static class BitKernels
{
    /// <summary>Number of bits that differ.</summary>
    public static int Hamming(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => BitFold.Run<XorTerm>(a, b);

    /// <summary>1 − |a ∧ b| ÷ |a ∨ b|, from 0 to 1; 1 when no bit is set in both, even if none is set at all.</summary>
    public static double Jaccard(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var common = BitFold.Run<AndTerm>(a, b);
        return common == 0 ? 1 : 1 - common / (double)BitFold.Run<OrTerm>(a, b);
    }
}
