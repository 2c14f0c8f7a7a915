using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Vectors;

public sealed class NearestHeapTests
{
    [Fact]
    public void Keeps_what_a_sort_by_distance_and_id_puts_first()
    {
        var random = new Random(8);
        for (var round = 0; round < 3000; round++)
        {
            var candidates = Enumerable.Range(0, random.Next(0, 60))
                .Select(id => (Distance: random.Next(20) switch { 0 => double.NaN, 1 => double.PositiveInfinity, var d => d }, Id: (long)id))
                .ToArray();
            random.Shuffle(candidates);
            var heap = new NearestHeap(random.Next(1, 12));

            foreach (var (distance, id) in candidates)
                heap.Offer(distance, id);
            heap.TakeSorted(out var distances, out var ids);

            var expected = candidates
                .OrderBy(c => double.IsNaN(c.Distance)).ThenBy(c => c.Distance).ThenBy(c => c.Id).Take(heap.Capacity).ToArray();
            Assert.Equal(expected.Select(c => c.Id), ids.ToArray());
            Assert.Equal(expected.Select(c => c.Distance), distances.ToArray());
            Assert.Equal(0, heap.Count);
        }
    }

    [Fact]
    public void Bound_rejects_only_what_cannot_be_among_the_nearest()
    {
        var heap = new NearestHeap(2);

        Assert.True(heap.Offer(double.NaN, 1));
        Assert.True(heap.Offer(5, 2));
        Assert.True(double.IsNaN(heap.Bound));
        Assert.True(heap.Offer(7, 9));
        Assert.Equal(7, heap.Bound);
        Assert.False(heap.Offer(double.NaN, 0));
        Assert.False(heap.Offer(7, 10));
        Assert.True(heap.Offer(7, 3));
        heap.Offer([1, 8, 2], firstId: 100);

        heap.TakeSorted(out _, out var ids);
        Assert.Equal([100L, 102L], ids.ToArray());
    }
}
