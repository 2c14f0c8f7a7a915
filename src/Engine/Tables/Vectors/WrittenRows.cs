using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// The rows of a table that were written lately, for those who keep something about all rows and bring it up to date when they use it. A row is
/// noted after its version is there and before its transaction can commit: whoever sees the version finds the row noted.
/// </summary>
internal sealed class WrittenRows
{
    /// <summary>After so many writes that nobody cleared the list is begun anew, and what was kept is out of date for good.</summary>
    const int Most = 65_536;

    /// <summary>Up to where somebody has read the list. A default one is out of date.</summary>
    public readonly record struct Mark(long Epoch, int Position);

    readonly Lock _gate = new();
    readonly List<long> _rows = [];
    volatile bool _isHeard;
    long _epoch = 1;

    /// <summary>A row was inserted, or has a new version. Costs nothing while nobody listens.</summary>
    public void Note(RowId row)
    {
        if (!_isHeard) return;
        lock (_gate)
        {
            if (_rows.Count == Most)
            {
                _rows.Clear();
                _epoch++;
                _isHeard = false;
            }
            else
                _rows.Add(row.Value);
        }
    }

    /// <summary>From now on writers are heard: what is read of the rows after this call and what is noted after it miss nothing together.</summary>
    public Mark Listen()
    {
        lock (_gate)
        {
            _isHeard = true;
            return new(_epoch, _rows.Count);
        }
    }

    /// <summary>Rows noted since, and the mark after them; false when the mark is too old for anybody to say. Null for none.</summary>
    public bool TryTake(ref Mark mark, out long[]? rows)
    {
        rows = null;
        lock (_gate)
        {
            if (mark.Epoch != _epoch) return false;
            if (mark.Position == _rows.Count) return true;
            rows = [.. _rows[mark.Position..]];
            mark = mark with { Position = _rows.Count };
            return true;
        }
    }
}
