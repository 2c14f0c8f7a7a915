using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Protocol;
using PgVectorCompat.Types;

namespace PgVectorCompat.Server.Connections;

/// <summary>
/// The bytes of a COPY FROM STDIN. Messages are passed on piece by piece as they come, so neither a large one nor many small ones
/// are ever held as a whole.
/// </summary>
sealed class CopyInput(InputBuffer input, Session session) : ICopyInput
{
    /// <summary>How often a silent client's session is asked whether it has been cancelled.</summary>
    const int InterruptCheckMs = 200;

    bool _isDone;

    /// <summary>Bytes of the current CopyData message that were not read yet.</summary>
    public int Remaining { get; private set; }

    public bool IsSyncLost { get; private set; }

    public int Read(Span<byte> buffer)
    {
        var filled = 0;
        while (filled < buffer.Length && !_isDone)
        {
            if (Remaining > 0)
            {
                var piece = input.Available;
                if (piece.IsEmpty)
                {
                    if (filled > 0)
                        break;
                    Wait();
                    continue;
                }
                piece = piece[..Math.Min(piece.Length, Math.Min(Remaining, buffer.Length - filled))];
                piece.CopyTo(buffer[filled..]);
                input.Consume(piece.Length);
                filled += piece.Length;
                Remaining -= piece.Length;
            }
            else if (!TryBeginMessage())
            {
                if (filled > 0)
                    break;
                Wait();
            }
        }
        return filled;
    }

    /// <summary>Reads the header of the next message, and all of it unless it is data. False when not enough of it has come.</summary>
    bool TryBeginMessage()
    {
        var available = input.Available;
        if (available.Length < Frame.HeaderLength)
            return false;
        if (!Frame.TryRead(available, authenticating: false, out var frame))
            throw LostSync($"invalid length in message of type 0x{(byte)frame.Type:X2} during COPY from stdin");

        switch (frame.Type)
        {
            case FrontendMessageType.CopyData:
                input.Consume(Frame.HeaderLength);
                Remaining = frame.BodyLength;
                return true;

            case FrontendMessageType.CopyDone or FrontendMessageType.CopyFail or FrontendMessageType.Flush or FrontendMessageType.Sync:
                if (available.Length < frame.TotalLength)
                    return false;
                var body = available.Slice(Frame.HeaderLength, frame.BodyLength);
                input.Consume(frame.TotalLength);
                if (frame.Type == FrontendMessageType.CopyFail)
                    throw Failed(body);

                // A client that pipelines sends Sync before it knows that this is a COPY; it sends another after CopyDone.
                _isDone = frame.Type == FrontendMessageType.CopyDone;
                return true;

            default:
                throw LostSync($"unexpected message type 0x{(byte)frame.Type:X2} during COPY from stdin");
        }
    }

    static PgError Failed(ReadOnlySpan<byte> body)
        => new(SqlState.QueryCanceled, $"COPY from stdin failed: {Utf8Text.Decode(new MessageReader(body).ReadCString())}");

    PgError LostSync(string message)
    {
        IsSyncLost = true;
        return new PgError(SqlState.ProtocolViolation, message);
    }

    void Wait()
    {
        int received;
        while ((received = input.Fill(InterruptCheckMs)) < 0)
            session.CheckInterrupts();
        if (received == 0)
            throw new PgError(SqlState.ConnectionFailure, "unexpected EOF on client connection with an open transaction") { Severity = "FATAL" };
    }
}
