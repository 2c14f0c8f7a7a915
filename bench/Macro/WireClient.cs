using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace PgVectorCompat.Macro;

/// <summary>
/// A client with next to no cost of its own: blocking socket, messages built once and sent again, replies counted and not decoded.
/// So what is measured is the server.
/// </summary>
public sealed class WireClient : IDisposable
{
    readonly Socket _socket;
    readonly byte[] _buffer = new byte[256 * 1024];
    int _start, _end;

    public WireClient(Target target)
    {
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            _socket.Connect(target.Host, target.Port);
            _socket.Send(Messages.Startup(target.User, target.Database));
            ReadToReady();
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements; raises what the server says.</summary>
    public void Execute(string sql) => RoundTrip(Messages.Query(sql));

    /// <summary>First column of the first row of a query, in text.</summary>
    public string? Scalar(string sql)
    {
        _socket.Send(Messages.Query(sql));
        string? value = null;
        ReadToReady(row => value ??= FirstColumn(row));
        return value;
    }

    static string? FirstColumn(ReadOnlySpan<byte> row)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(row[2..]);
        return length < 0 ? null : Encoding.UTF8.GetString(row.Slice(6, length));
    }

    /// <summary>Prepares a statement under a name.</summary>
    public void Prepare(string name, string sql) => RoundTrip([.. Messages.Parse(name, sql), .. Messages.Sync]);

    /// <summary>Sends a flight and waits for its ReadyForQuery; returns the number of rows.</summary>
    public int RoundTrip(ReadOnlySpan<byte> flight)
    {
        _socket.Send(flight);
        return ReadToReady();
    }

    /// <summary>The same, with the first column of each row, a binary int4.</summary>
    public void RoundTrip(ReadOnlySpan<byte> flight, List<int> ids)
    {
        _socket.Send(flight);
        ReadToReady(row => ids.Add(BinaryPrimitives.ReadInt32BigEndian(row[6..])));
    }

    /// <summary>The same, where the column comes as text.</summary>
    public void RoundTripText(ReadOnlySpan<byte> flight, List<int> ids)
    {
        _socket.Send(flight);
        ReadToReady(row => ids.Add(int.Parse(row.Slice(6, BinaryPrimitives.ReadInt32BigEndian(row[2..])))));
    }

    /// <summary>COPY FROM STDIN: <paramref name="data"/> cut into messages of 64 kB.</summary>
    public void CopyIn(string sql, ReadOnlySpan<byte> data)
    {
        const int pieceLength = 64 * 1024;
        _socket.Send(Messages.Query(sql));
        var message = new byte[5 + pieceLength];
        message[0] = (byte)'d';
        for (; !data.IsEmpty; data = data[Math.Min(pieceLength, data.Length)..])
        {
            var piece = data[..Math.Min(pieceLength, data.Length)];
            BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), piece.Length + 4);
            piece.CopyTo(message.AsSpan(5));
            _socket.Send(message.AsSpan(0, 5 + piece.Length));
        }
        RoundTrip(Messages.CopyDone);
    }

    delegate void RowAction(ReadOnlySpan<byte> row);

    int ReadToReady(RowAction? onRow = null)
    {
        var rows = 0;
        string? error = null;
        while (true)
        {
            Need(5);
            var type = _buffer[_start];
            var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + 1)) + 1;
            if (length > _buffer.Length)
            {
                Skip(length);
                continue;
            }
            Need(length);
            var body = _buffer.AsSpan(_start + 5, length - 5);
            _start += length;
            switch (type)
            {
                case (byte)'D':
                    rows++;
                    onRow?.Invoke(body);
                    break;
                case (byte)'E':
                    error ??= Encoding.UTF8.GetString(body).Replace('\0', ' ');
                    if (error.Contains("FATAL", StringComparison.Ordinal))
                        throw new InvalidOperationException(error);
                    break;
                case (byte)'R' when BinaryPrimitives.ReadInt32BigEndian(body) != 0:
                    throw new NotSupportedException("the server asks for a password; the benchmark connects to trusting servers only");
                case (byte)'Z':
                    return error is null ? rows : throw new InvalidOperationException(error);
            }
        }
    }

    void Need(int count)
    {
        if (_end - _start >= count)
            return;
        if (_buffer.Length - _start < count || _start == _end)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _end -= _start;
            _start = 0;
        }
        while (_end - _start < count)
            _end += Receive(_buffer.AsSpan(_end));
    }

    void Skip(int count)
    {
        while (count > 0)
        {
            Need(1);
            var skipped = Math.Min(count, _end - _start);
            _start += skipped;
            count -= skipped;
        }
    }

    int Receive(Span<byte> target)
        => _socket.Receive(target) is > 0 and var received ? received : throw new IOException("the server closed the connection");

    public void Dispose() => _socket.Dispose();
}
