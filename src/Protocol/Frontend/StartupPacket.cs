using System.Buffers.Binary;
using System.Text;
using PgVectorCompat.Types;

namespace PgVectorCompat.Protocol;

/// <summary>What a connection begins with: a wish for encryption, a cancellation, or the parameters of a session.</summary>
/// <remarks>
/// On the wire: four bytes of length (counting themselves), four of code, and for a session pairs of zero-ended name and value
/// closed by an empty name. The code is a protocol version (major and minor in two bytes each) or a number no version will reach.
/// </remarks>
public abstract record StartupPacket
{
    /// <summary>PostgreSQL's MAX_STARTUP_PACKET_LENGTH.</summary>
    public const int MaxLength = 10_000;

    const int CancelCode = 80877102, SslCode = 80877103, GssEncryptionCode = 80877104;

    /// <summary>Number of bytes after the length word; -1 when the length is impossible and the connection is to be closed.</summary>
    public static int BodyLength(ReadOnlySpan<byte> lengthWord)
        => BinaryPrimitives.ReadInt32BigEndian(lengthWord) is >= 8 and <= MaxLength and var length ? length - 4 : -1;

    /// <summary>
    /// Reads what follows the length word. Null when it is garbage to be met with silence. Raises FATAL 0A000 for another major
    /// version, 08P01 for a malformed packet, 28000 without a user.
    /// </summary>
    public static StartupPacket? Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var code = reader.ReadInt32();
        return code switch
        {
            SslCode => new SslRequest(),
            GssEncryptionCode => new GssEncryptionRequest(),
            CancelCode => reader.Rest.Length == 8 ? new CancelRequest(reader.ReadInt32(), reader.ReadInt32()) : null,
            _ when code >> 16 == 3 => ReadSession(code & 0xffff, reader),
            _ => throw Fatal(SqlState.FeatureNotSupported,
                $"unsupported frontend protocol {(code >> 16) & 0xffff}.{code & 0xffff}: server supports 3.0 to 3.0"),
        };
    }

    static SessionStartup ReadSession(int minorVersion, MessageReader reader)
    {
        var user = "";
        string? database = null, options = null;
        var settings = new List<(string, string)>();
        var protocolOptions = new List<string>();

        if (reader.Rest.IsEmpty || reader.Rest[^1] != 0)
            throw MissingTerminator();
        for (var name = Text(reader.ReadCString()); name.Length > 0; name = Text(reader.ReadCString()))
        {
            if (reader.Rest.IsEmpty)
                throw MissingTerminator();
            var value = Text(reader.ReadCString());
            if (name == "user")
                user = value;
            else if (name == "database")
                database = value;
            else if (name == "options")
                options = value;
            else if (name.StartsWith("_pq_.", StringComparison.Ordinal))
                protocolOptions.Add(name);
            else
                settings.Add((name, value));
            if (reader.Rest.IsEmpty)
                throw MissingTerminator();
        }
        if (!reader.Rest.IsEmpty)
            throw MissingTerminator();

        if (user.Length == 0)
            throw Fatal(SqlState.InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet");
        return new SessionStartup(
            minorVersion,
            User: Utf8Text.ClipToBytes(user, NameCodec.MaxBytes),
            Database: Utf8Text.ClipToBytes(string.IsNullOrEmpty(database) ? user : database, NameCodec.MaxBytes),
            Settings: options is null ? settings : [.. StartupOptions.Parse(options), .. settings],
            protocolOptions);
    }

    static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    static PgError MissingTerminator()
        => Fatal(SqlState.ProtocolViolation, "invalid startup packet layout: expected terminator as last byte");

    static PgError Fatal(string sqlState, string message) => new(sqlState, message) { Severity = "FATAL" };
}

/// <summary>The client asks for TLS; answered by one byte.</summary>
public sealed record SslRequest : StartupPacket;

/// <summary>The client asks for GSSAPI encryption; answered by one byte.</summary>
public sealed record GssEncryptionRequest : StartupPacket;

/// <summary>Stop the statement of another connection. Never answered.</summary>
public sealed record CancelRequest(int ProcessId, int SecretKey) : StartupPacket;

/// <summary>The parameters of a session.</summary>
/// <param name="MinorVersion">What the client speaks of version 3; more than 0 has to be negotiated down.</param>
/// <param name="User">Role name, clipped to 63 bytes.</param>
/// <param name="Database">Database name, clipped likewise; the user's name when the packet has none.</param>
/// <param name="Settings">Run-time settings in the order in which they apply: those of <c>options</c>, then the packet's own.</param>
/// <param name="ProtocolOptions">Names of <c>_pq_.</c> parameters, none of which this server knows.</param>
public sealed record SessionStartup(
    int MinorVersion,
    string User,
    string Database,
    IReadOnlyList<(string Name, string Value)> Settings,
    IReadOnlyList<string> ProtocolOptions) : StartupPacket
{
    /// <summary>Whether NegotiateProtocolVersion has to be sent before authentication.</summary>
    public bool NeedsNegotiation => MinorVersion > 0 || ProtocolOptions.Count > 0;
}
