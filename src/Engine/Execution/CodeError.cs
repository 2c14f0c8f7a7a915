using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// How far the distances by code of one search's candidates are from the exact ones, learnt from those that were measured. It tells from which
/// candidate on, in the order of their codes, none can be among the nearest any more, so that their vectors need not be read.
/// </summary>
/// <remarks>
/// Errors of codes are sums over many dimensions and so about normal. A candidate is beyond when it would have to be wrong by four deviations. Equal vectors
/// have equal errors and teach nothing new, so only those at another distance than the one before count.
/// </remarks>
public struct CodeError(Metric metric)
{
    const int FewestMeasured = 12;
    const double Deviations = 4;

    double _mean, _squares, _last = double.NaN;
    int _count;

    /// <summary>A candidate was measured.</summary>
    /// <param name="byCode">As <see cref="Indexes.Candidate.Distance"/>.</param>
    /// <param name="exact">As the operator returns it.</param>
    public void Add(float byCode, double exact)
    {
        if (exact == _last)
            return;
        _last = exact;
        var error = byCode - InCodes(exact);
        var delta = error - _mean;
        _mean += delta / ++_count;
        _squares += delta * (error - _mean);
    }

    /// <summary>Whether a candidate with this distance by code is farther than <paramref name="bound"/>, a distance as the operator returns it; NaN for none.</summary>
    public readonly bool IsBeyond(float byCode, double bound)
        => _count >= FewestMeasured && byCode - _mean - Deviations * Math.Sqrt(_squares / (_count - 1)) > InCodes(bound);

    // Codes compare squares for L2, and for cosine the squared distance of vectors of length one.
    readonly double InCodes(double exact) => metric switch
    {
        Metric.L2 => exact * exact,
        Metric.Cosine => 2 * exact,
        _ => exact,
    };
}
