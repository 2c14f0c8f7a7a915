namespace PgVectorCompat.Engine.Copy;

/// <summary>Reads the next bytes of a COPY's source, at most the buffer's size; 0 at its end.</summary>
internal delegate int CopySource(Span<byte> buffer);

/// <summary>Takes a piece of a COPY's output.</summary>
internal delegate void CopySink(ReadOnlySpan<byte> data);

/// <summary>A window over a COPY's input: what was read and not consumed yet. It only grows for a row that is larger than it.</summary>
internal sealed class CopyBuffer(CopySource source)
{
    const int InitialBytes = 64 * 1024;

    byte[] _bytes = new byte[InitialBytes];
    int _start;
    int _end;
    bool _isAtEnd;

    /// <summary>Bytes not consumed; they move when <see cref="Fill"/> is called.</summary>
    public ReadOnlySpan<byte> Rest => _bytes.AsSpan(_start, _end - _start);

    public void Consume(int count) => _start += count;

    /// <summary>Reads more behind <see cref="Rest"/>; false when there is no more.</summary>
    public bool Fill()
    {
        if (_isAtEnd) return false;
        if (_end == _bytes.Length)
            MakeRoom();
        var read = source(_bytes.AsSpan(_end));
        _end += read;
        _isAtEnd = read == 0;
        return read > 0;
    }

    void MakeRoom()
    {
        var rest = _end - _start;
        if (rest > _bytes.Length / 2)
        {
            var larger = new byte[checked(_bytes.Length * 2)];
            Rest.CopyTo(larger);
            _bytes = larger;
        }
        else
        {
            Rest.CopyTo(_bytes);
        }
        (_start, _end) = (0, rest);
    }

    /// <summary>Whether at least <paramref name="count"/> bytes are there, after reading as far as needed.</summary>
    public bool TryRequire(int count)
    {
        while (_end - _start < count)
            if (!Fill()) return false;
        return true;
    }

    /// <summary>Reads and forgets what is left.</summary>
    public void Drain()
    {
        do
            _start = _end = 0;
        while (Fill());
    }
}
