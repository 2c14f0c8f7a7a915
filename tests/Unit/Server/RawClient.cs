using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace PgVectorCompat.Unit.Server;

/// <summary>A client that sends any bytes and tells what came back, one short line a message.</summary>
sealed class RawClient : IDisposable
{
    readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
    Stream _stream;

    public RawClient(int port)
    {
        _socket.Connect(IPAddress.Loopback, port);
        _stream = new NetworkStream(_socket);
    }

    /// <summary>A client whose session is ready.</summary>
    public static RawClient Ready(int port, string startup = "user\0postgres\0")
    {
        var client = new RawClient(port);
        client.SendStartup(startup);
        Assert.Equal("Z I", client.ReadToReady()[^1]);
        return client;
    }

    /// <summary>Process number and key from BackendKeyData.</summary>
    public byte[] BackendKey { get; private set; } = [];

    public void SendRaw(params byte[] bytes) => _stream.Write(bytes);

    public void SendStartup(string parameters, int code = 3 << 16)
    {
        var body = Encoding.UTF8.GetBytes(parameters + "\0");
        SendRaw([.. Int32(body.Length + 8), .. Int32(code), .. body]);
    }

    /// <summary>A packet of the kind that comes before a session: a code, perhaps with something after it.</summary>
    public void SendRequest(int code, params byte[] rest) => SendRaw([.. Int32(rest.Length + 8), .. Int32(code), .. rest]);

    public void Send(char type, string body) => Send(type, Encoding.Latin1.GetBytes(body));

    public void Send(char type, byte[] body) => SendRaw([(byte)type, .. Int32(body.Length + 4), .. body]);

    public IReadOnlyList<string> Query(string sql)
    {
        Send('Q', sql + "\0");
        return ReadToReady();
    }

    public int ReadByte() => _stream.ReadByte();

    public SslStream StartTls()
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.Subject == "CN=localhost");
        tls.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [new("postgresql")] });
        _stream = tls;
        return tls;
    }

    /// <summary>Messages up to ReadyForQuery, or to the end of the stream, which is the line EOF.</summary>
    public IReadOnlyList<string> ReadToReady()
    {
        var lines = new List<string>();
        do
        {
            lines.Add(ReadMessage());
        }
        while (lines[^1] != "EOF" && lines[^1][0] != 'Z');
        return lines;
    }

    /// <summary>
    /// <c>E severity sqlstate message</c> for errors, <c>Z status</c>, <c>C tag</c>, <c>R code</c>, <c>S name</c>, and only the
    /// letter for others.
    /// </summary>
    public string ReadMessage()
    {
        var header = new byte[5];
        try
        {
            _stream.ReadExactly(header);
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            return "EOF";
        }
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4];
        _stream.ReadExactly(body);
        var type = (char)header[0];
        var strings = Encoding.UTF8.GetString(body).Split('\0');
        if (type == 'K')
            BackendKey = body;
        return type switch
        {
            'E' => $"E {Field(strings, 'S')} {Field(strings, 'C')} {Field(strings, 'M')}",
            'Z' => $"Z {(char)body[0]}",
            'C' => $"C {strings[0]}",
            'R' => $"R {BinaryPrimitives.ReadInt32BigEndian(body)}",
            'S' => $"S {strings[0]}",
            _ => type.ToString(),
        };
    }

    static string? Field(string[] fields, char letter) => fields.FirstOrDefault(f => f.StartsWith(letter))?[1..];

    static byte[] Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }
}
