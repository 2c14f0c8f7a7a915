using System.Buffers.Binary;
using PgVectorCompat.Types;

namespace PgVectorCompat.Protocol;

/// <summary>Header of a message: its type, and how many bytes of body follow.</summary>
/// <remarks>
/// On the wire: one byte of type, four of length (which counts itself but not the type), body.
/// Lengths are checked here, before anything is made for the body.
/// </remarks>
public readonly record struct Frame(FrontendMessageType Type, int BodyLength)
{
    public const int HeaderLength = 5;

    /// <summary>PostgreSQL's limit for messages that carry text or data: MaxAllocSize - 1.</summary>
    public const int MaxLargeLength = 0x3ffffffe;

    /// <summary>PostgreSQL's limit for all others.</summary>
    public const int MaxSmallLength = 10_000;

    /// <summary>Limit while the client is not authenticated, as PG_MAX_AUTH_TOKEN_LENGTH.</summary>
    public const int MaxPasswordLength = 65_535;

    public int TotalLength => HeaderLength + BodyLength;

    /// <summary>
    /// Reads a header from the start of <paramref name="input"/>, which holds at least <see cref="HeaderLength"/> bytes. False when
    /// the length is impossible: the stream is then lost, and the connection is closed without a word, as PostgreSQL does.
    /// Raises FATAL 08P01 for an unknown type.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> input, bool authenticating, out Frame frame)
    {
        var type = (FrontendMessageType)input[0];
        var length = BinaryPrimitives.ReadInt32BigEndian(input[1..]);
        var max = authenticating ? MaxPasswordLength : MaxLength(type);
        frame = new Frame(type, length - 4);
        return length >= 4 && length <= max;
    }

    static int MaxLength(FrontendMessageType type) => type switch
    {
        FrontendMessageType.Query or FrontendMessageType.Parse or FrontendMessageType.Bind or FrontendMessageType.FunctionCall
            or FrontendMessageType.CopyData => MaxLargeLength,
        FrontendMessageType.Close or FrontendMessageType.CopyDone or FrontendMessageType.CopyFail or FrontendMessageType.Describe
            or FrontendMessageType.Execute or FrontendMessageType.Flush or FrontendMessageType.Sync
            or FrontendMessageType.Terminate => MaxSmallLength,
        _ => throw new PgError(SqlState.ProtocolViolation, $"invalid frontend message type {(byte)type}") { Severity = "FATAL" },
    };
}
