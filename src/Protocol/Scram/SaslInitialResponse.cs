using System.Text;

namespace PgVectorCompat.Protocol;

/// <summary>The client's choice of mechanism and its first message, which may be missing (then it is asked for).</summary>
public readonly ref struct SaslInitialResponse
{
    public string Mechanism { get; private init; }
    public bool HasData { get; private init; }
    public ReadOnlySpan<byte> Data { get; private init; }

    public static SaslInitialResponse Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var mechanism = Encoding.UTF8.GetString(reader.ReadCString());
        var length = reader.ReadInt32();
        var message = new SaslInitialResponse { Mechanism = mechanism, HasData = length != -1, Data = length == -1 ? [] : reader.Take(length) };
        reader.End();
        return message;
    }
}
