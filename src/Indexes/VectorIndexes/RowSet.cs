using System.Buffers;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Indexes;

/// <summary>A set of row ids, a bit for each; filled by one thread, then read by many. Disposing gives its memory back to a pool.</summary>
public sealed class RowSet : IDisposable
{
    ulong[] _words;

    /// <param name="rows">Row ids from 0 below this have room at once; the set grows beyond.</param>
    public RowSet(long rows = 0) => _words = RentCleared(WordOf(rows) + 1);

    /// <summary>How many rows are in it.</summary>
    public long Count { get; private set; }

    /// <summary>Every row id in it is below this.</summary>
    public long End => (long)_words.Length * 64;

    /// <summary>The bits, the lowest bit of word 0 being row 0; bits may be read beside each other, never written.</summary>
    public ReadOnlySpan<ulong> Words => _words;

    public bool Contains(long row)
    {
        Debug.Assert(row >= 0, "row ids count from 0");
        var words = _words;
        var word = row >> 6;
        return word < words.Length && (Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(words), (nint)word) >> (int)row & 1) != 0;
    }

    /// <summary>Adds a row; false when it was there.</summary>
    public bool Add(long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        var word = WordOf(row);
        if (word >= _words.Length) Grow(word + 1);
        ref var bits = ref _words[word];
        var bit = 1UL << (int)row;
        if ((bits & bit) != 0) return false;
        bits |= bit;
        Count++;
        return true;
    }

    /// <summary>Adds up to 64 rows: bit i of <paramref name="bits"/> is row <paramref name="first"/> + i, and the first a multiple of 64.</summary>
    public void AddWord(long first, ulong bits)
    {
        Debug.Assert(first >= 0 && (first & 63) == 0, "words begin at multiples of 64");
        var word = WordOf(first);
        if (word >= _words.Length) Grow(word + 1);
        Count += BitOperations.PopCount(bits & ~_words[word]);
        _words[word] |= bits;
    }

    /// <summary>Keeps only rows that are in the other set too.</summary>
    public void IntersectWith(RowSet other)
    {
        long count = 0;
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] &= i < other._words.Length ? other._words[i] : 0;
            count += BitOperations.PopCount(_words[i]);
        }
        Count = count;
    }

    /// <summary>Adds all rows of the other set.</summary>
    public void UnionWith(RowSet other)
    {
        if (other._words.Length > _words.Length) Grow(other._words.Length);
        long count = 0;
        for (var i = 0; i < _words.Length; i++)
        {
            if (i < other._words.Length) _words[i] |= other._words[i];
            count += BitOperations.PopCount(_words[i]);
        }
        Count = count;
    }

    /// <summary>Row ids in ascending order.</summary>
    public Enumerator GetEnumerator() => new(_words);

    public void Dispose()
    {
        if (_words.Length > 0) ArrayPool<ulong>.Shared.Return(_words);
        _words = [];
        Count = 0;
    }

    static int WordOf(long row) => checked((int)(row >> 6));

    static ulong[] RentCleared(int words)
    {
        var rented = ArrayPool<ulong>.Shared.Rent(words);
        Array.Clear(rented);
        return rented;
    }

    void Grow(int words)
    {
        var grown = RentCleared(Math.Max(words, 2 * _words.Length));
        _words.CopyTo(grown, 0);
        if (_words.Length > 0) ArrayPool<ulong>.Shared.Return(_words);
        _words = grown;
    }

    /// <summary>Goes through the set bits.</summary>
    public struct Enumerator
    {
        readonly ulong[] _words;
        ulong _rest;
        int _word;

        internal Enumerator(ulong[] words)
        {
            _words = words;
            _word = -1;
        }

        public long Current { get; private set; }

        public bool MoveNext()
        {
            while (_rest == 0)
            {
                if (++_word >= _words.Length) return false;
                _rest = _words[_word];
            }
            Current = ((long)_word << 6) + BitOperations.TrailingZeroCount(_rest);
            _rest &= _rest - 1;
            return true;
        }
    }
}
