using PgVectorCompat.Protocol;

namespace PgVectorCompat.Server.Connections;

/// <summary>
/// Bytes that came and were not handled yet. A flight of many messages is received by one call and taken apart in place.
/// </summary>
/// <remarks>
/// The buffer grows with what really came, at most to twice that, never by what a length word promises; it is given back after a
/// large message.
/// </remarks>
sealed class InputBuffer(Transport transport)
{
    const int InitialSize = 8 * 1024;
    const int CopySize = 64 * 1024;
    const int KeepAtMost = 256 * 1024;

    byte[] _bytes = new byte[InitialSize];
    int _start, _end;
    int _toSkip;

    /// <summary>What is there.</summary>
    public ReadOnlySpan<byte> Available => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Drops bytes from the front.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Drops bytes from the front, now or when they come.</summary>
    public void Skip(int count)
    {
        _toSkip += count;
        SkipWhatIsThere();
    }

    void SkipWhatIsThere()
    {
        var skipped = Math.Min(_toSkip, _end - _start);
        _start += skipped;
        _toSkip -= skipped;
    }

    /// <summary>
    /// The next whole message, if it is there. Its body stays valid until the next <see cref="Fill"/>.
    /// <paramref name="isLost"/> when what is there cannot be a message.
    /// </summary>
    public bool TryTake(out FrontendMessageType type, out ReadOnlySpan<byte> body, out bool isLost, bool authenticating = false)
    {
        type = default;
        body = default;
        isLost = false;
        var available = Available;
        if (available.Length < Frame.HeaderLength)
            return false;
        if (!Frame.TryRead(available, authenticating, out var frame))
        {
            isLost = true;
            return false;
        }
        if (available.Length < frame.TotalLength)
            return false;

        type = frame.Type;
        body = available.Slice(Frame.HeaderLength, frame.BodyLength);
        Consume(frame.TotalLength);
        return true;
    }

    /// <summary>Receives once; returns what <see cref="Transport.Receive"/> does.</summary>
    public int Fill(int timeoutMs = 0)
    {
        MakeRoom();
        var received = transport.Receive(_bytes.AsSpan(_end), timeoutMs);
        if (received > 0)
            _end += received;
        if (_toSkip > 0)
            SkipWhatIsThere();
        return received;
    }

    /// <summary>A larger buffer, for the length of a COPY: fewer calls.</summary>
    public void ExpectMuch()
    {
        if (_bytes.Length < CopySize)
            Resize(CopySize);
    }

    void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_bytes.Length > KeepAtMost)
                _bytes = new byte[InitialSize];
        }
        else if (_end == _bytes.Length)
            Resize(_start >= _bytes.Length / 2 ? _bytes.Length : (int)Math.Min(_bytes.Length * 2L, Array.MaxLength));
    }

    /// <summary>Moves what is there to the front of a buffer of this size, the same one if it has it.</summary>
    void Resize(int size)
    {
        var target = size == _bytes.Length ? _bytes : new byte[size];
        Buffer.BlockCopy(_bytes, _start, target, 0, _end - _start);
        _bytes = target;
        _end -= _start;
        _start = 0;
    }
}
