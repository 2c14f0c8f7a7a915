namespace PgVectorCompat.Indexes.IvfFlat;

/// <summary>The least of the distances offered: a heap with the greatest of them at its root.</summary>
sealed class BestDistances
{
    float[] _heap = new float[64];
    int _count, _capacity;

    /// <summary>Only less than this is among the least: the greatest kept; infinite until there are enough.</summary>
    public float Limit { get; private set; } = float.PositiveInfinity;

    /// <summary>Forgets all, and keeps <paramref name="capacity"/> from now on.</summary>
    public void Start(int capacity) => (_count, _capacity, Limit) = (0, capacity, float.PositiveInfinity);

    /// <summary>Takes a distance that is less than <see cref="Limit"/>.</summary>
    public void Offer(float distance)
    {
        if (_count < _capacity)
        {
            if (_count == _heap.Length) Array.Resize(ref _heap, 2 * _heap.Length);
            var at = _count++;
            for (int parent; at > 0 && _heap[parent = (at - 1) / 2] < distance; at = parent)
                _heap[at] = _heap[parent];
            _heap[at] = distance;
        }
        else
        {
            var at = 0;
            for (int child; (child = 2 * at + 1) < _count; at = child)
            {
                if (child + 1 < _count && _heap[child + 1] > _heap[child]) child++;
                if (_heap[child] <= distance) break;
                _heap[at] = _heap[child];
            }
            _heap[at] = distance;
        }
        if (_count == _capacity) Limit = _heap[0];
    }
}
