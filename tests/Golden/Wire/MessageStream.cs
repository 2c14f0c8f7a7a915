using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace PgVectorCompat.Golden.Wire;

/// <summary>Frames messages on a socket: a type byte, a big-endian length that counts itself, a body.</summary>
sealed class MessageStream : IDisposable
{
    const int MaxMessageBytes = 1 << 30;

    readonly TcpClient _client;
    readonly BufferedStream _stream;
    readonly MemoryStream _out = new();
    readonly byte[] _head = new byte[5];

    public MessageStream(string host, int port, TimeSpan timeout)
    {
        _client = new TcpClient { NoDelay = true, ReceiveTimeout = (int)timeout.TotalMilliseconds };
        _client.Connect(host, port);
        _stream = new BufferedStream(_client.GetStream(), 1 << 16);
    }

    /// <summary>Appends a message; <paramref name="type"/> 0 leaves the type byte out, as start-up messages do.</summary>
    public void Put(char type, Action<BodyWriter>? body = null)
    {
        if (type != 0) _out.WriteByte((byte)type);
        var start = (int)_out.Length;
        _out.Write([0, 0, 0, 0]);
        body?.Invoke(new BodyWriter(_out));
        BinaryPrimitives.WriteInt32BigEndian(_out.GetBuffer().AsSpan(start), (int)_out.Length - start);
    }

    public void PutRaw(ReadOnlySpan<byte> bytes) => _out.Write(bytes);

    /// <summary>The one byte that answers SSLRequest and GSSENCRequest.</summary>
    public byte ReceiveByte() => Receive(() => (byte)_stream.ReadByte());

    public void Send()
    {
        try
        {
            _client.GetStream().Write(_out.GetBuffer(), 0, (int)_out.Length);
        }
        catch (IOException e)
        {
            throw new WireException("the server closed the connection", e);
        }
        _out.SetLength(0);
    }

    public (char Type, BodyReader Body) Receive() => Receive(() =>
    {
        _stream.ReadExactly(_head);
        var length = BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(1)) - 4;
        if (length is < 0 or > MaxMessageBytes) throw new WireException($"a message of {length} bytes");
        var body = new byte[length];
        _stream.ReadExactly(body);
        return ((char)_head[0], new BodyReader(body));
    });

    T Receive<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (EndOfStreamException e)
        {
            throw new WireException("the server closed the connection", e);
        }
        catch (IOException e)
        {
            throw new WireException("the server closed the connection or did not answer in time", e);
        }
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>Writes the parts of a message body.</summary>
readonly struct BodyWriter(MemoryStream target)
{
    public void Int16(int value) => target.Write([(byte)(value >> 8), (byte)value]);

    public void Int32(int value) => target.Write([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);

    public void Bytes(ReadOnlySpan<byte> bytes) => target.Write(bytes);

    public void Byte(char value) => target.WriteByte((byte)value);

    public void String(string value)
    {
        target.Write(Encoding.UTF8.GetBytes(value));
        target.WriteByte(0);
    }
}

/// <summary>Reads the parts of a message body or of a binary value.</summary>
sealed class BodyReader(byte[] body)
{
    int _position;

    public int Remaining => body.Length - _position;

    public byte Byte() => body[_position++];

    public short Int16() => BinaryPrimitives.ReadInt16BigEndian(Bytes(2));

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Bytes(4));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Bytes(8));

    public ReadOnlySpan<byte> Bytes(int count)
    {
        var bytes = body.AsSpan(_position, count);
        _position += count;
        return bytes;
    }

    public string String()
    {
        var end = Array.IndexOf(body, (byte)0, _position);
        var text = Encoding.UTF8.GetString(body, _position, end - _position);
        _position = end + 1;
        return text;
    }
}
