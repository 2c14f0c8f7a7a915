using System.Collections;
using System.Numerics;

namespace PgVectorCompat.Storage;

/// <summary>
/// A set of numbers from 0 on, a bit each, in pages of 32,768: row ids and vector slots that are free, possibly millions of them. Not safe
/// for several threads.
/// </summary>
sealed class NumberSet : IEnumerable<long>
{
    const int PageShift = 15;
    const int PageWords = 1 << (PageShift - 6);

    readonly List<Page?> _pages = [];

    // No page before this one has a number.
    int _lowest;

    sealed class Page
    {
        public readonly ulong[] Words = new ulong[PageWords];
        public int Count;
    }

    public long Count { get; private set; }

    /// <summary>Adds a number; false when the set had it.</summary>
    public bool Add(long number)
    {
        var index = (int)(number >> PageShift);
        while (_pages.Count <= index) _pages.Add(null);
        var page = _pages[index] ??= new();
        ref var word = ref page.Words[(number >> 6) & (PageWords - 1)];
        var bit = 1ul << (int)(number & 63);
        if ((word & bit) != 0) return false;
        word |= bit;
        page.Count++;
        Count++;
        _lowest = Math.Min(_lowest, index);
        return true;
    }

    public void AddRange(NumberSet other)
    {
        foreach (var number in other) Add(number);
    }

    public bool Contains(long number)
        => number >> PageShift < _pages.Count && _pages[(int)(number >> PageShift)] is { } page
            && (page.Words[(number >> 6) & (PageWords - 1)] & (1ul << (int)(number & 63))) != 0;

    /// <summary>Takes the smallest number out; false when there is none.</summary>
    public bool TryTake(out long number)
    {
        for (; _lowest < _pages.Count; _lowest++)
        {
            if (_pages[_lowest] is not { } page) continue;
            var at = page.Words.AsSpan().IndexOfAnyExcept(0ul);
            number = ((long)_lowest << PageShift) + (at << 6) + BitOperations.TrailingZeroCount(page.Words[at]);
            Remove(page, _lowest, number);
            return true;
        }
        number = 0;
        return false;
    }

    /// <summary>Takes out all of the <paramref name="count"/> numbers from <paramref name="first"/> on, if the set has every one of them.</summary>
    public bool TryTakeAll(long first, int count)
    {
        for (var number = first; number < first + count; number++)
            if (!Contains(number)) return false;
        for (var number = first; number < first + count; number++) Remove(_pages[(int)(number >> PageShift)]!, (int)(number >> PageShift), number);
        return true;
    }

    void Remove(Page page, int index, long number)
    {
        page.Words[(number >> 6) & (PageWords - 1)] &= ~(1ul << (int)(number & 63));
        Count--;
        if (--page.Count == 0) _pages[index] = null;
    }

    public IEnumerator<long> GetEnumerator()
    {
        for (var index = 0; index < _pages.Count; index++)
        {
            if (_pages[index] is not { } page) continue;
            for (var at = 0; at < PageWords; at++)
                for (var word = page.Words[at]; word != 0; word &= word - 1)
                    yield return ((long)index << PageShift) + (at << 6) + BitOperations.TrailingZeroCount(word);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
