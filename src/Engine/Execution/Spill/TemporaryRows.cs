using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>Rows on disk, written one after the other and then read in that order, once: a run of a sort, a batch of a hash.</summary>
sealed class TemporaryRows(TemporarySpace space, int width)
{
    readonly List<(long Place, int Length)> _pieces = [];
    readonly ByteWriter _output = new(1024);

    public long Count { get; private set; }

    /// <summary>Bytes written.</summary>
    public long Bytes { get; private set; }

    public void Add(ReadOnlySpan<Datum> row)
    {
        RowImage.Write(row, _output, space.Kept);
        Count++;
        // A piece that a row has made a little longer than others would waste most of a second one.
        if (_output.Length >= TemporarySpace.PieceBytes - 1024)
            Flush();
    }

    /// <summary>Gives the memory of rows not written yet back.</summary>
    public void Flush()
    {
        if (_output.Length == 0) return;
        _pieces.Add((space.Write(_output.Written), _output.Length));
        Bytes += _output.Length;
        _output.Clear();
    }

    /// <summary>Reads the rows from the first on; their space is given back on the way, and nothing can be added any more.</summary>
    public Reader Read()
    {
        Flush();
        return new(this);
    }

    public sealed class Reader(TemporaryRows rows)
    {
        readonly Datum[] _row = new Datum[rows.Width];
        byte[] _bytes = [];
        int _at;
        int _end;
        int _piece;

        public ReadOnlySpan<Datum> Current => _row;

        public bool MoveNext()
        {
            if (_at == _end && !ReadPiece())
                return false;
            var input = new Types.BinaryReader(_bytes.AsSpan(_at, _end - _at));
            RowImage.Read(ref input, _row, rows.Space.Kept);
            _at = _end - input.Remaining;
            return true;
        }

        bool ReadPiece()
        {
            if (_piece == rows._pieces.Count)
            {
                _bytes = [];
                (_at, _end) = (0, 0);
                return false;
            }
            var (place, length) = rows._pieces[_piece++];
            if (_bytes.Length < length)
                _bytes = new byte[length];
            rows.Space.Read(place, _bytes.AsSpan(0, length));
            rows.Space.Free(place, length);
            (_at, _end) = (0, length);
            return true;
        }
    }

    int Width => width;
    TemporarySpace Space => space;
}
