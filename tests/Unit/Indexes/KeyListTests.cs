using PgVectorCompat.Indexes.Hnsw;
using Xunit;

namespace PgVectorCompat.Unit.Indexes;

public unsafe class KeyListTests
{
    [Fact]
    public void Merging_is_sorting_all()
    {
        var random = new Random(7);
        var places = stackalloc int[40];
        var keys = stackalloc ulong[40];
        for (var round = 0; round < 3000; round++)
        {
            var (count, added) = (random.Next(70), random.Next(1, 40));
            using var list = new KeyList(8);
            var before = Enumerable.Range(0, count).Select(_ => (ulong)random.Next(500)).Order().ToArray();
            var more = Enumerable.Range(0, added).Select(_ => (ulong)random.Next(500)).ToArray();
            foreach (var key in before)
                list.Add(key);
            more.CopyTo(new Span<ulong>(keys, added));

            list.EnsureCapacity(count + added);
            KeyList.Sort(keys, added);
            var first = KeyList.Merge(list.Items, count, keys, added, places);
            list.Count = count + added;

            Assert.Equal([.. before.Concat(more).Order()], list.Span.ToArray());
            Assert.Equal(before.Count(key => key < more.Min()), first);
        }
    }
}
