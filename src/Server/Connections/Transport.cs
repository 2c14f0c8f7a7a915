using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using PgVectorCompat.Engine;

namespace PgVectorCompat.Server.Connections;

/// <summary>
/// A client's socket, in clear or under TLS, read and written by blocking calls: one system call each way per round trip, and no
/// change of threads.
/// </summary>
sealed class Transport : IDisposable
{
    readonly Socket _socket;
    SslStream? _tls;
    int _receiveTimeoutMs;

    public Transport(Socket socket)
    {
        _socket = socket;
        if (socket.AddressFamily == AddressFamily.Unix)
            return;
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }

    public bool IsTls => _tls is not null;

    /// <summary>What TLS agreed on; null without TLS.</summary>
    public TlsFacts? TlsFacts => _tls is null ? null : CipherNames.Describe(_tls.SslProtocol, _tls.NegotiatedCipherSuite);

    /// <summary>Whether the client is on this machine.</summary>
    public bool IsLocal => _socket.AddressFamily == AddressFamily.Unix
        || (_socket.RemoteEndPoint is IPEndPoint peer && IPAddress.IsLoopback(peer.Address));

    /// <summary>Where the client is; null for a Unix socket.</summary>
    public IPEndPoint? Peer => _socket.RemoteEndPoint as IPEndPoint;

    /// <summary>Whether the connection failed; nothing can be sent any more.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The first byte of what the client sends, which stays to be read; -1 at the end of the stream.</summary>
    public int Peek()
    {
        Span<byte> first = stackalloc byte[1];
        return _socket.Receive(first, SocketFlags.Peek, out var error) == 1 && error == SocketError.Success ? first[0] : -1;
    }

    /// <summary>Lets the client negotiate TLS. Raises <see cref="IOException"/> or AuthenticationException when it does not come about.</summary>
    public void StartTls(SslServerAuthenticationOptions options)
    {
        var tls = new SslStream(new NetworkStream(_socket, ownsSocket: false));
        tls.AuthenticateAsServer(options);
        _tls = tls;
    }

    /// <summary>The protocol that TLS agreed on through ALPN.</summary>
    public SslApplicationProtocol ApplicationProtocol => _tls?.NegotiatedApplicationProtocol ?? default;

    /// <summary>
    /// Waits for bytes. Returns how many came, 0 at the end of the stream (also when it broke), -1 when <paramref name="timeoutMs"/>
    /// (0 for none) passed.
    /// </summary>
    public int Receive(Span<byte> buffer, int timeoutMs = 0)
    {
        if (timeoutMs != _receiveTimeoutMs)
        {
            _socket.ReceiveTimeout = timeoutMs;
            _receiveTimeoutMs = timeoutMs;
        }
        if (_tls is null)
            return Result(_socket.Receive(buffer, SocketFlags.None, out var error), error);
        try
        {
            return _tls.Read(buffer);
        }
        catch (IOException e)
        {
            return Result(0, (e.InnerException as SocketException)?.SocketErrorCode ?? SocketError.ConnectionReset);
        }
    }

    static int Result(int received, SocketError error) => error switch
    {
        SocketError.Success => received,
        SocketError.TimedOut or SocketError.WouldBlock => -1,
        _ => 0,
    };

    /// <summary>Sends everything, however slow the client is. Raises <see cref="IOException"/> when the connection is broken.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (_tls is not null)
            {
                _tls.Write(bytes);
                return;
            }
            while (!bytes.IsEmpty)
            {
                var sent = _socket.Send(bytes, SocketFlags.None, out var error);
                if (error != SocketError.Success)
                    throw new IOException($"could not send data to client: {error}");
                bytes = bytes[sent..];
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            IsBroken = true;
            throw e as IOException ?? new IOException("connection to client lost", e);
        }
    }

    /// <summary>Makes pending and later calls end. From any thread.</summary>
    public void Abort()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client was faster.
        }
    }

    public void Dispose()
    {
        // Closing the TLS stream says goodbye to the client, which may be gone.
        try
        {
            _tls?.Dispose();
        }
        catch (IOException)
        {
        }
        _socket.Dispose();
    }
}
