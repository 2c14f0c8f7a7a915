using System.Collections.Immutable;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>What one of an index's first keys must be.</summary>
/// <param name="Value">The value; null for IS NULL.</param>
/// <param name="IsList">Whether the value is an array, any of whose elements will do.</param>
public sealed record KeyCondition(Evaluator? Value, bool IsList);

/// <summary>Which part of an index a scan reads, with values that are known when it starts.</summary>
/// <param name="Keys">Of the first keys.</param>
/// <param name="Lower">Bounds on the keys after those (<see cref="IndexRange.Lower"/>).</param>
/// <param name="NotNull">Whether the key after those must not be NULL, also without bounds.</param>
public sealed record IndexConditions(
    ImmutableArray<KeyCondition> Keys, ImmutableArray<Evaluator> Lower, bool LowerInclusive, ImmutableArray<Evaluator> Upper, bool UpperInclusive, bool NotNull);

/// <summary>
/// Searches an index by conditions: once for each combination of listed values, in the order of the index, so that the rows of all
/// searches together come in key order.
/// </summary>
sealed class IndexSearch(IndexAccess index, IndexConditions conditions, bool backward, ExecutionState state) : IDisposable
{
    readonly IndexCursor _cursor = index.Open(state);
    readonly Datum[] _keys = new Datum[conditions.Keys.Length];
    readonly Datum[][] _choices = new Datum[conditions.Keys.Length][];
    readonly int[] _chosen = new int[conditions.Keys.Length];
    readonly Datum[] _lower = new Datum[conditions.Lower.Length];
    readonly Datum[] _upper = new Datum[conditions.Upper.Length];
    bool _hasBegun;
    bool _isOver;
    bool _isSearching;

    /// <summary>The next visible row; false when there are no more.</summary>
    public bool MoveNext(out RowView row)
    {
        while (_isSearching || NextSearch())
        {
            if (_cursor.MoveNext(out row))
                return true;
            _isSearching = false;
        }
        row = default;
        return false;
    }

    /// <summary>The row of the next entry, visible or not; false when there are no more.</summary>
    public bool MoveNextEntry(out RowId row)
    {
        while (_isSearching || NextSearch())
        {
            if (_cursor.MoveNextEntry(out row))
                return true;
            _isSearching = false;
        }
        row = default;
        return false;
    }

    /// <summary>Starts over, with the values that the conditions have then.</summary>
    public void Reset() => _hasBegun = _isSearching = _isOver = false;

    /// <summary>Blocks of the index and of the table that were looked at so far.</summary>
    public long Blocks => _cursor.Blocks;

    public void Dispose() => _cursor.Dispose();

    bool NextSearch()
    {
        _isOver = _isOver || (_hasBegun ? !NextChoice() : !Begin());
        if (_isOver)
            return false;
        _cursor.Seek(new IndexRange
        {
            Equal = _keys,
            Lower = _lower,
            LowerInclusive = conditions.LowerInclusive,
            Upper = _upper,
            UpperInclusive = conditions.UpperInclusive,
            NotNull = conditions.NotNull,
            Backward = backward,
        });
        return _isSearching = true;
    }

    // False when some value is NULL or some list is empty: nothing can be found then.
    bool Begin()
    {
        _hasBegun = true;
        var isPossible = true;
        for (var i = 0; i < _keys.Length && isPossible; i++)
        {
            if (conditions.Keys[i] is not { Value: { } value } key)
                continue;
            _keys[i] = value.Evaluate(default, state);
            if (key.IsList)
            {
                _choices[i] = Choices(_keys[i], i);
                _chosen[i] = 0;
                isPossible = _choices[i].Length > 0;
                _keys[i] = isPossible ? _choices[i][0] : default;
            }
            else
                isPossible = !_keys[i].IsNull;
        }
        return isPossible && Evaluate(conditions.Lower, _lower) && Evaluate(conditions.Upper, _upper);
    }

    bool Evaluate(ImmutableArray<Evaluator> bounds, Datum[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = bounds[i].Evaluate(default, state);
            if (values[i].IsNull)
                return false;
        }
        return true;
    }

    bool NextChoice()
    {
        for (var i = _keys.Length - 1; i >= 0; i--)
        {
            if (!conditions.Keys[i].IsList)
                continue;
            if (++_chosen[i] < _choices[i].Length)
            {
                _keys[i] = _choices[i][_chosen[i]];
                return true;
            }
            _chosen[i] = 0;
            _keys[i] = _choices[i][0];
        }
        return false;
    }

    Datum[] Choices(Datum array, int at)
    {
        if (array.IsNull)
            return [];
        var key = index.Keys[at];
        var codec = key.Type.Codec;
        var choices = array.As<PgArray>().Items.Where(item => !item.IsNull).Distinct(new DatumComparer(codec)).ToArray();
        Array.Sort(choices, codec.Compare);
        if (key.Descending != backward)
            Array.Reverse(choices);
        return choices;
    }
}
