using PgVectorCompat.Types;

namespace PgVectorCompat.Protocol;

/// <summary>Writes messages to the client into a buffer. Nothing is sent here.</summary>
/// <remarks>
/// Every message is a type byte, a length that counts itself, and a body; the length is filled in when the body is complete.
/// </remarks>
public sealed partial class BackendWriter(ByteWriter output)
{
    readonly ByteWriter _output = output;

    /// <summary>The buffer behind this writer.</summary>
    public ByteWriter Output => _output;

    /// <summary>What the client's texts are written in; null for UTF-8.</summary>
    public ClientEncoding? Encoding { get; set; }

    int _begun;

    void CString(string text)
    {
        if (Encoding is null)
            _output.WriteCString(text);
        else
            WriteEncoded(text, Encoding);
    }

    // Of a message that cannot be told in the client's encoding nothing is left in the buffer.
    void WriteEncoded(string text, ClientEncoding encoding)
    {
        byte[] bytes;
        try
        {
            bytes = encoding.Encode(text);
        }
        catch (PgError)
        {
            _output.Truncate(_begun);
            throw;
        }
        _output.WriteBytes(bytes);
        _output.WriteByte(0);
    }

    /// <summary>Starts a message; give the result to <see cref="End"/>.</summary>
    int Begin(char type)
    {
        _begun = _output.Length;
        _output.WriteByte((byte)type);
        return _output.ReserveInt32();
    }

    void End(int lengthAt) => _output.SetInt32(lengthAt, _output.Length - lengthAt);

    void Empty(char type)
    {
        _output.WriteByte((byte)type);
        _output.WriteInt32(4);
    }

    public void BackendKeyData(int processId, int secretKey)
    {
        var at = Begin('K');
        _output.WriteInt32(processId);
        _output.WriteInt32(secretKey);
        End(at);
    }

    /// <summary>Only version 3.0 is spoken, and none of these <c>_pq_.</c> options is known.</summary>
    public void NegotiateProtocolVersion(IReadOnlyList<string> unknownOptions)
    {
        var at = Begin('v');
        _output.WriteInt32(3 << 16);
        _output.WriteInt32(unknownOptions.Count);
        foreach (var option in unknownOptions)
            CString(option);
        End(at);
    }

    public void ParameterStatus(string name, string value)
    {
        var at = Begin('S');
        CString(name);
        CString(value);
        End(at);
    }

    /// <param name="status">I, T or E.</param>
    public void ReadyForQuery(byte status)
    {
        _output.WriteByte((byte)'Z');
        _output.WriteInt32(5);
        _output.WriteByte(status);
    }

    public void CommandComplete(string tag)
    {
        var at = Begin('C');
        CString(tag);
        End(at);
    }

    public void ParseComplete() => Empty('1');
    public void BindComplete() => Empty('2');
    public void CloseComplete() => Empty('3');
    public void NoData() => Empty('n');
    public void EmptyQueryResponse() => Empty('I');
    public void PortalSuspended() => Empty('s');
    public void CopyDone() => Empty('c');

    public void ParameterDescription(IReadOnlyList<uint> types)
    {
        var at = Begin('t');
        _output.WriteInt16(types.Count);
        for (var i = 0; i < types.Count; i++)
            _output.WriteInt32((int)types[i]);
        End(at);
    }

    /// <summary>Starts RowDescription; <see cref="RowDescriptionField"/> follows for each column, then <see cref="EndRowDescription"/>.</summary>
    public int BeginRowDescription(int columns)
    {
        var at = Begin('T');
        _output.WriteInt16(columns);
        return at;
    }

    /// <param name="name">What the client sees.</param>
    /// <param name="tableOid">Table of the column, 0 for an expression.</param>
    /// <param name="attributeNumber">Number of the column in it, from 1, or 0.</param>
    /// <param name="type">The value's type.</param>
    /// <param name="typmod">Its modifier, -1 when none.</param>
    /// <param name="isBinary">The format that rows will have.</param>
    public void RowDescriptionField(string name, uint tableOid, short attributeNumber, PgType type, int typmod, bool isBinary)
    {
        CString(name);
        _output.WriteInt32((int)tableOid);
        _output.WriteInt16(attributeNumber);
        _output.WriteInt32((int)type.Oid);
        _output.WriteInt16(type.Length);
        _output.WriteInt32(typmod);
        _output.WriteInt16(isBinary ? 1 : 0);
    }

    public void EndRowDescription(int begun) => End(begun);

    public void CopyInResponse(bool isBinary, int columns) => CopyResponse('G', isBinary, columns);
    public void CopyOutResponse(bool isBinary, int columns) => CopyResponse('H', isBinary, columns);

    void CopyResponse(char type, bool isBinary, int columns)
    {
        var at = Begin(type);
        _output.WriteByte(isBinary ? (byte)1 : (byte)0);
        _output.WriteInt16(columns);
        for (var i = 0; i < columns; i++)
            _output.WriteInt16(isBinary ? 1 : 0);
        End(at);
    }

    public void CopyData(ReadOnlySpan<byte> data)
    {
        _output.WriteByte((byte)'d');
        _output.WriteInt32(4 + data.Length);
        _output.WriteBytes(data);
    }

    /// <summary>The result of a FunctionCall. Raises what the type's output function raises, with nothing left in the buffer.</summary>
    public void FunctionCallResponse(PgType type, Datum value, bool isBinary, TypeSettings settings)
    {
        var at = Begin('V');
        try
        {
            if (value.IsNull)
                _output.WriteInt32(-1);
            else
            {
                var valueAt = _output.ReserveInt32();
                if (isBinary)
                    type.Codec.WriteBinary(value, _output);
                else
                    type.Codec.Write(value, _output, settings);
                if (settings.ClientEncoding is { } encoding && (!isBinary || type.IsTextInBinary))
                {
                    var text = encoding.FromUtf8(_output.Written[(valueAt + sizeof(int))..]);
                    _output.Truncate(valueAt + sizeof(int));
                    _output.WriteBytes(text);
                }
                _output.SetInt32(valueAt, _output.Length - valueAt - 4);
            }
        }
        catch
        {
            _output.Truncate(at - 1);
            throw;
        }
        End(at);
    }

    public void NotificationResponse(int processId, string channel, string payload)
    {
        var at = Begin('A');
        _output.WriteInt32(processId);
        CString(channel);
        CString(payload);
        End(at);
    }
}
