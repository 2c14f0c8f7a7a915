namespace PgVectorCompat.Storage;

/// <summary>
/// Writes a list of numbers as differences (below 2^62) to the one before, equal ones in a row once:
/// <code>
/// varint: zigzag of the difference, one bit to the left | bit 0: it is there more than once
/// varint: how often, less 2, if bit 0 is set
/// </code>
/// </summary>
struct DifferenceWriter(ByteBuffer buffer, long start)
{
    long _last = start;
    long _difference;
    int _count;

    public void Add(long value)
    {
        var difference = value - _last;
        _last = value;
        if (_count > 0 && difference == _difference)
        {
            _count++;
            return;
        }
        Finish();
        (_difference, _count) = (difference, 1);
    }

    public void Finish()
    {
        if (_count == 0) return;
        var zigzag = (ulong)((_difference << 1) ^ (_difference >> 63));
        buffer.WriteVarint(zigzag << 1 | (_count > 1 ? 1u : 0));
        if (_count > 1) buffer.WriteVarint((ulong)_count - 2);
        _count = 0;
    }
}

/// <summary>Reads such a list; without runs, one in which each difference is a zigzag varint.</summary>
struct DifferenceReader(long start, bool hasRuns)
{
    long _last = start;
    long _difference;
    ulong _left;

    public long Next(ref ByteSpanReader reader)
    {
        if (_left == 0) Begin(ref reader);
        _left--;
        return _last = unchecked(_last + _difference);
    }

    void Begin(ref ByteSpanReader reader)
    {
        if (!hasRuns)
        {
            (_difference, _left) = (reader.ReadZigzag(), 1);
            return;
        }
        var head = reader.ReadVarint();
        var zigzag = head >> 1;
        _difference = (long)(zigzag >> 1) ^ -(long)(zigzag & 1);
        _left = (head & 1) == 0 ? 1 : reader.ReadVarint() + 2;
    }
}
