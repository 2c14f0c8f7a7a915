using PgVectorCompat.Protocol;
using PgVectorCompat.Types;

namespace PgVectorCompat.Server.Connections;

/// <summary>From the first byte of a connection to the packet that says what it is for, with encryption negotiated on the way.</summary>
/// <remarks>Reads exactly what belongs to it: nothing that was sent in clear may be taken for something sent under TLS.</remarks>
static class StartupExchange
{
    const int TlsHandshake = 0x16;

    /// <summary>The session or cancel packet; null when the client left or sent garbage. Raises FATAL errors for the client.</summary>
    public static StartupPacket? Receive(Transport transport, TlsSettings? tls)
    {
        if (transport.Peek() == TlsHandshake)
        {
            if (tls is null)
                return null;
            transport.StartTls(tls.Options);
            if (transport.ApplicationProtocol != TlsSettings.PostgreSql)
                throw Fatal(SqlState.ProtocolViolation, "received direct SSL connection request without ALPN protocol negotiation extension");
        }

        var askedForTls = transport.IsTls;
        var askedForGss = false;
        while (true)
        {
            var packet = ReceivePacket(transport);
            switch (packet)
            {
                case SslRequest when !askedForTls:
                    askedForTls = true;
                    Answer(transport, tls is not null ? 'S' : 'N');
                    if (tls is not null)
                        transport.StartTls(tls.Options);
                    break;

                case GssEncryptionRequest when !askedForGss:
                    askedForGss = true;
                    Answer(transport, 'N');
                    break;

                case SslRequest or GssEncryptionRequest:
                    throw Fatal(SqlState.FeatureNotSupported,
                        $"unsupported frontend protocol 1234.{(packet is SslRequest ? 5679 : 5680)}: server supports 3.0 to 3.0");

                default:
                    return packet;
            }
        }
    }

    static StartupPacket? ReceivePacket(Transport transport)
    {
        Span<byte> lengthWord = stackalloc byte[4];
        if (!ReceiveExactly(transport, lengthWord) || StartupPacket.BodyLength(lengthWord) is not (>= 0 and var length))
            return null;
        var body = new byte[length];
        return ReceiveExactly(transport, body) ? StartupPacket.Read(body) : null;
    }

    static bool ReceiveExactly(Transport transport, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var received = transport.Receive(buffer);
            if (received <= 0)
                return false;
            buffer = buffer[received..];
        }
        return true;
    }

    static void Answer(Transport transport, char answer) => transport.Send([(byte)answer]);

    static PgError Fatal(string sqlState, string message) => new(sqlState, message) { Severity = "FATAL" };
}
