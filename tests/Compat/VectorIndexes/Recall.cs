using System.Globalization;

namespace PgVectorCompat.Compat.VectorIndexes;

/// <summary>The share of the true nearest rows that each of some random queries found, each in 0 to 1.</summary>
readonly struct Recall(double[] shares)
{
    public double Mean => shares.Average();

    /// <summary>
    /// Fails when the mean is under <paramref name="floor"/> by more than chance explains: three standard errors of the mean. The data and the graphs are random on both
    /// servers, and a mean of twenty queries that lies at the floor falls below it every other time.
    /// </summary>
    public void AtLeast(double floor, string what = "the index")
    {
        var mean = Mean;
        var error = Math.Sqrt(shares.Sum(share => (share - mean) * (share - mean)) / (shares.Length - 1) / shares.Length);
        Assert.True(mean + 3 * error >= floor, string.Create(CultureInfo.InvariantCulture, $"{what}: recall {mean:F4} (standard error {error:F4}) is below {floor}"));
    }
}
