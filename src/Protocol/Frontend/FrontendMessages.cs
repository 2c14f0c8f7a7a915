using System.Buffers.Binary;
using PgVectorCompat.Types;

namespace PgVectorCompat.Protocol;

// One small type per message. All are views of the message's body and hold nothing of their own; names and texts are
// still UTF-8, so that the reader decides whether a string has to be made at all.

/// <summary>Query: the text of one or more statements.</summary>
public readonly ref struct QueryMessage
{
    public ReadOnlySpan<byte> Sql { get; private init; }

    public static QueryMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var message = new QueryMessage { Sql = reader.ReadCString() };
        reader.End();
        return message;
    }
}

/// <summary>Parse: a statement to prepare.</summary>
public readonly ref struct ParseMessage
{
    public ReadOnlySpan<byte> Name { get; private init; }
    public ReadOnlySpan<byte> Sql { get; private init; }
    public BigEndianInt32s ParameterTypes { get; private init; }

    public static ParseMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var message = new ParseMessage
        {
            Name = reader.ReadCString(),
            Sql = reader.ReadCString(),
            ParameterTypes = new(reader.Take(4 * reader.ReadUInt16())),
        };
        reader.End();
        return message;
    }
}

/// <summary>Bind: a portal from a prepared statement and values. Each value is a length (-1 for NULL) and that many bytes.</summary>
public readonly ref struct BindMessage
{
    public ReadOnlySpan<byte> Portal { get; private init; }
    public ReadOnlySpan<byte> Statement { get; private init; }
    public BigEndianInt16s ParameterFormats { get; private init; }
    public int ParameterCount { get; private init; }

    /// <summary>The values, one after the other, each with its length.</summary>
    public ReadOnlySpan<byte> Values { get; private init; }
    public BigEndianInt16s ResultFormats { get; private init; }

    public static BindMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var portal = reader.ReadCString();
        var statement = reader.ReadCString();
        var parameterFormats = new BigEndianInt16s(reader.Take(2 * reader.ReadUInt16()));
        var count = reader.ReadUInt16();

        var values = reader.Rest;
        for (var i = 0; i < count; i++)
        {
            var length = reader.ReadInt32();
            if (length != -1)
                reader.Take(length);
        }
        values = values[..(values.Length - reader.Rest.Length)];

        var message = new BindMessage
        {
            Portal = portal,
            Statement = statement,
            ParameterFormats = parameterFormats,
            ParameterCount = count,
            Values = values,
            ResultFormats = new(reader.Take(2 * reader.ReadUInt16())),
        };
        reader.End();
        return message;
    }
}

/// <summary>Execute: run a portal, for at most so many rows (0 or less: all).</summary>
public readonly ref struct ExecuteMessage
{
    public ReadOnlySpan<byte> Portal { get; private init; }
    public int MaxRows { get; private init; }

    public static ExecuteMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var message = new ExecuteMessage { Portal = reader.ReadCString(), MaxRows = Math.Max(reader.ReadInt32(), 0) };
        reader.End();
        return message;
    }
}

/// <summary>Describe or Close: of a statement or of a portal.</summary>
public readonly ref struct TargetMessage
{
    public bool IsPortal { get; private init; }
    public ReadOnlySpan<byte> Name { get; private init; }

    /// <param name="body">The message's body.</param>
    /// <param name="verb"><c>DESCRIBE</c> or <c>CLOSE</c>, for the error's text.</param>
    public static TargetMessage Read(ReadOnlySpan<byte> body, string verb)
    {
        var reader = new MessageReader(body);
        var kind = reader.ReadByte();
        var message = new TargetMessage { IsPortal = kind == 'P', Name = reader.ReadCString() };
        reader.End();
        return kind is (byte)'P' or (byte)'S'
            ? message
            : throw new PgError(SqlState.ProtocolViolation, $"invalid {verb} message subtype {kind}");
    }
}

/// <summary>FunctionCall: a function by its OID, with arguments. Each is a length (-1 for NULL) and that many bytes.</summary>
public readonly ref struct FunctionCallMessage
{
    public uint Function { get; private init; }
    public BigEndianInt16s ArgumentFormats { get; private init; }
    public int ArgumentCount { get; private init; }

    /// <summary>The arguments, one after the other, each with its length.</summary>
    public ReadOnlySpan<byte> Arguments { get; private init; }
    public short ResultFormat { get; private init; }

    public static FunctionCallMessage Read(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var function = (uint)reader.ReadInt32();
        var formats = new BigEndianInt16s(reader.Take(2 * reader.ReadUInt16()));
        var count = reader.ReadUInt16();
        var arguments = reader.Rest;
        for (var i = 0; i < count; i++)
        {
            var length = reader.ReadInt32();
            if (length < -1)
                throw new PgError(SqlState.ProtocolViolation, $"invalid argument size {length} in function call message");
            if (length > 0)
                reader.Take(length);
        }
        var message = new FunctionCallMessage
        {
            Function = function,
            ArgumentFormats = formats,
            ArgumentCount = count,
            Arguments = arguments[..(arguments.Length - reader.Rest.Length)],
            ResultFormat = (short)reader.ReadUInt16(),
        };
        reader.End();
        return message;
    }
}

/// <summary>Numbers of two bytes as they came.</summary>
public readonly ref struct BigEndianInt16s(ReadOnlySpan<byte> bytes)
{
    readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Count => _bytes.Length / 2;

    /// <summary>Copies them to <paramref name="target"/>, which grows when it is too small; returns the part that was filled.</summary>
    public ReadOnlySpan<short> CopyTo(ref short[] target)
    {
        if (target.Length < Count)
            target = new short[Count];
        for (var i = 0; i < Count; i++)
            target[i] = BinaryPrimitives.ReadInt16BigEndian(_bytes[(i * 2)..]);
        return target.AsSpan(0, Count);
    }
}

/// <summary>Numbers of four bytes as they came.</summary>
public readonly ref struct BigEndianInt32s(ReadOnlySpan<byte> bytes)
{
    readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Count => _bytes.Length / 4;

    /// <summary>Copies them to <paramref name="target"/>, which grows when it is too small; returns the part that was filled.</summary>
    public ReadOnlySpan<uint> CopyTo(ref uint[] target)
    {
        if (target.Length < Count)
            target = new uint[Count];
        for (var i = 0; i < Count; i++)
            target[i] = BinaryPrimitives.ReadUInt32BigEndian(_bytes[(i * 4)..]);
        return target.AsSpan(0, Count);
    }
}
