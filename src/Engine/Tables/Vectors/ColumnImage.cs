using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>Values of a column from <paramref name="Low"/> to <paramref name="High"/>, both in it, as <see cref="ColumnImage.KeyOf"/> gives them.</summary>
internal readonly record struct KeyRange(long Low, long High);

/// <summary>
/// One column of a table in an array by row id, eight bytes a row, so that a condition on it is asked of a whole table in microseconds. It is over all
/// versions of all rows, whoever sees them: a row whose versions differ passes every condition.
/// </summary>
/// <remarks>Numbers, dates and the like are their own keys; a text's key is its hash, so that it serves equality alone, and a few rows too many pass.</remarks>
internal sealed class ColumnImage : IDisposable
{
    /// <summary>Stands for NULL, and where there is no row: passes nothing.</summary>
    const long None = long.MinValue;

    /// <summary>So many rows of different versions are looked at again at a time, and every so many searches.</summary>
    const int RowsLookedAt = 256, LookEvery = 64;

    const int RowsOfWord = 64;

    readonly Table _rows;
    readonly RowDecoder _decoder;
    readonly WrittenRows _written;
    readonly ReaderWriterLockSlim _lock = new();
    readonly HashSet<long> _differing = [];
    readonly Datum[] _decoded = new Datum[1];
    readonly RowVisitor _look;
    long[] _keys = [];
    WrittenRows.Mark _mark;
    int _uses;
    long _seen;
    bool _isSeen, _differs;

    /// <param name="decoder">Decodes the column alone.</param>
    public ColumnImage(Table rows, RowDecoder decoder, WrittenRows written)
    {
        (_rows, _decoder, _written) = (rows, decoder, written);
        _look = Look;
    }

    /// <summary>The key of a value that is not NULL.</summary>
    public static long KeyOf(Datum value) => value.IsInBits ? value.AsInt64 : value.AsString.GetHashCode();

    /// <summary>The rows that may have, in some version, a key in one of the ranges. The caller disposes them.</summary>
    public RowSet Find(ReadOnlySpan<KeyRange> ranges, ExecutionState state)
    {
        BringUpToDate(state);
        _lock.EnterReadLock();
        try
        {
            var set = new RowSet(_keys.Length);
            for (var first = 0; first < _keys.Length; first += RowsOfWord)
            {
                var bits = 0ul;
                foreach (var range in ranges)
                    bits |= Within(_keys.AsSpan(first, RowsOfWord), range);
                if (bits != 0) set.AddWord(first, bits);
            }
            foreach (var row in _differing)
                set.Add(row);
            return set;
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    // A bit for each of 64 keys. One comparison: what is below the range is very large without its sign.
    static ulong Within(ReadOnlySpan<long> keys, KeyRange range)
    {
        var low = Vector512.Create(range.Low);
        var width = Vector512.Create((ulong)(range.High - range.Low));
        var bits = 0ul;
        var blocks = MemoryMarshal.Cast<long, Vector512<long>>(keys);
        for (var i = 0; i < blocks.Length; i++)
            bits |= Vector512.LessThanOrEqual((blocks[i] - low).AsUInt64(), width).ExtractMostSignificantBits() << (i * Vector512<long>.Count);
        return bits;
    }

    void BringUpToDate(ExecutionState state)
    {
        _lock.EnterUpgradeableReadLock();
        try
        {
            var isKnown = _written.TryTake(ref _mark, out var rows);
            var looksAgain = _differing.Count > 0 && (rows is not null || ++_uses % LookEvery == 0);
            if (isKnown && rows is null && !looksAgain) return;
            _lock.EnterWriteLock();
            try
            {
                if (!isKnown)
                    ReadAll(state);
                foreach (var row in rows ?? [])
                    Read(row);
                if (looksAgain)
                    foreach (var row in _differing.Take(RowsLookedAt).ToArray())
                        Read(row);
            }
            finally
            {
                _lock.ExitWriteLock();
            }
        }
        finally
        {
            _lock.ExitUpgradeableReadLock();
        }
    }

    void ReadAll(ExecutionState state)
    {
        _differing.Clear();
        var mark = _written.Listen();
        var end = _rows.NextRowId;
        _keys = [];
        Grow(end);
        for (long row = 0; row < end; row++)
        {
            if ((row & 0xFFF) == 0) state.ThrowIfCancelled();
            Read(row);
        }
        _mark = mark;
    }

    void Read(long row)
    {
        (_isSeen, _differs, _seen) = (false, false, None);
        _rows.AnyVersion(new(row), _look);
        if (row >= _keys.Length) Grow(Math.Max(row + 1, _keys.Length + _keys.Length / 4));
        _keys[row] = _seen;
        if (_differs) _differing.Add(row);
        else _differing.Remove(row);
    }

    bool Look(RowView version)
    {
        _decoder.Decode(version, _decoded);
        var key = _decoded[0].IsNull ? None : KeyOf(_decoded[0]);
        // (The smallest number of all has no key of its own.)
        _differs |= (_isSeen && key != _seen) || (key == None && !_decoded[0].IsNull);
        (_seen, _isSeen) = (key, true);
        return _differs;
    }

    void Grow(long rows)
    {
        var from = _keys.Length;
        Array.Resize(ref _keys, checked((int)((rows + RowsOfWord - 1) / RowsOfWord * RowsOfWord)));
        _keys.AsSpan(from).Fill(None);
    }

    public void Dispose() => _lock.Dispose();
}
