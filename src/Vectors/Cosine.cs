namespace PgVectorCompat.Vectors;

/// <summary>From the three sums of a cosine to a distance, as pgvector does it.</summary>
public static class Cosine
{
    /// <summary>
    /// 1 − dot ÷ √(squaredNormA · squaredNormB), from 0 to 2. The product and quotient are taken in double precision. NaN when a
    /// norm is zero or a sum overflowed.
    /// </summary>
    public static double Distance(float dot, float squaredNormA, float squaredNormB)
    {
        var similarity = dot / Math.Sqrt((double)squaredNormA * squaredNormB);

        // Rounding can carry the quotient past ±1. Comparisons, not Math.Clamp's, because NaN must pass.
        if (similarity > 1) similarity = 1;
        else if (similarity < -1) similarity = -1;
        return 1 - similarity;
    }
}
