namespace PgVectorCompat.Vectors;

/// <summary>
/// The nearest <see cref="Capacity"/> of the candidates offered so far, by (distance, id). NaN comes after every number, as in
/// PostgreSQL's order of float8, and -0 equals 0.
/// </summary>
/// <remarks>A binary heap with the worst candidate kept at its root, so that most offers end with one comparison.</remarks>
public sealed class NearestHeap
{
    readonly double[] _distances;
    readonly long[] _ids;

    /// <param name="capacity">At least 1.</param>
    public NearestHeap(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _distances = new double[capacity];
        _ids = new long[capacity];
    }

    public int Capacity => _distances.Length;
    public int Count { get; private set; }

    /// <summary>A candidate farther than this is rejected: the worst distance kept; NaN, which nothing is farther than, until the heap is full.</summary>
    public double Bound { get; private set; } = double.NaN;

    /// <summary>Keeps the candidate if it is among the nearest; false when it is not.</summary>
    public bool Offer(double distance, long id)
    {
        if (distance > Bound) return false;
        if (Count < Capacity)
        {
            SiftUp(Count++, distance, id);
        }
        else
        {
            if (!Precedes(distance, id, _distances[0], _ids[0])) return false;
            SiftDown(distance, id, Count);
        }
        if (Count == Capacity) Bound = _distances[0];
        return true;
    }

    /// <summary>Offers a block of candidates; <paramref name="distances"/> and <paramref name="ids"/> run in parallel.</summary>
    public void Offer(ReadOnlySpan<double> distances, ReadOnlySpan<long> ids)
    {
        for (var i = 0; i < distances.Length; i++)
            if (!(distances[i] > Bound))
                Offer(distances[i], ids[i]);
    }

    /// <summary>Offers a block of candidates whose ids count up from <paramref name="firstId"/>.</summary>
    public void Offer(ReadOnlySpan<double> distances, long firstId)
    {
        for (var i = 0; i < distances.Length; i++)
            if (!(distances[i] > Bound))
                Offer(distances[i], firstId + i);
    }

    /// <summary>
    /// Takes all candidates out, nearest first. The spans live until the next offer.
    /// </summary>
    public void TakeSorted(out ReadOnlySpan<double> distances, out ReadOnlySpan<long> ids)
    {
        distances = _distances.AsSpan(0, Count);
        ids = _ids.AsSpan(0, Count);
        while (Count > 1)
        {
            var (distance, id) = (_distances[0], _ids[0]);
            var last = --Count;
            SiftDown(_distances[last], _ids[last], last);
            (_distances[last], _ids[last]) = (distance, id);
        }
        Clear();
    }

    /// <summary>Forgets all candidates.</summary>
    public void Clear()
    {
        Count = 0;
        Bound = double.NaN;
    }

    /// <summary>Whether a candidate is nearer than another, by id where the distances are equal.</summary>
    static bool Precedes(double distanceA, long idA, double distanceB, long idB)
    {
        if (distanceA < distanceB) return true;
        if (distanceA > distanceB) return false;
        bool lastA = double.IsNaN(distanceA), lastB = double.IsNaN(distanceB);
        return lastA == lastB ? idA < idB : lastB;
    }

    void SiftUp(int at, double distance, long id)
    {
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (!Precedes(_distances[parent], _ids[parent], distance, id)) break;
            (_distances[at], _ids[at]) = (_distances[parent], _ids[parent]);
            at = parent;
        }
        (_distances[at], _ids[at]) = (distance, id);
    }

    /// <summary>Replaces the root of a heap of <paramref name="count"/> candidates.</summary>
    void SiftDown(double distance, long id, int count)
    {
        var at = 0;
        for (int child; (child = 2 * at + 1) < count; at = child)
        {
            if (child + 1 < count && Precedes(_distances[child], _ids[child], _distances[child + 1], _ids[child + 1])) child++;
            if (!Precedes(distance, id, _distances[child], _ids[child])) break;
            (_distances[at], _ids[at]) = (_distances[child], _ids[child]);
        }
        (_distances[at], _ids[at]) = (distance, id);
    }
}
