namespace PgVectorCompat.Vectors.Lanes;

/// <summary>
/// How a half becomes a float in three operations: sign-extend its 16 bits, shift them so that sign, exponent and fraction lie
/// where a float has them, and multiply by 2¹¹² because the exponents count from different zeros (15 and 127). The
/// multiplication also makes normal numbers of subnormal halves, exactly. (.NET has no vectorised conversion.)
/// </summary>
static class HalfBits
{
    public const int Shift = 13;

    /// <summary>The sign, five exponent bits and ten fraction bits; the copies of the sign between them are cut out.</summary>
    public const int Mask = unchecked((int)0x8FFF_E000);

    public const float Rebias = 5.192296858534828e33f; // 2^112
}
