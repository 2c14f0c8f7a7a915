using System.Text;
using System.Text.RegularExpressions;
using PgVectorCompat.Golden.Script;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Golden.Messages;

/// <summary>Turns a message into a line. What differs from run to run (keys, OIDs of tables and of user types, versions) is left out.</summary>
sealed partial class Receiving
{
    const uint FirstUserOid = 16384;

    // Our server is a 15, the one that proves the expectations may be newer.
    const string SinceVersion16 = "ParameterStatus scram_iterations";

    bool[] _binary = [];

    public string Read(MessageStream stream)
    {
        string line;
        do line = ReadAny(stream); while (line.StartsWith(SinceVersion16, StringComparison.Ordinal));
        return line;
    }

    string ReadAny(MessageStream stream)
    {
        var (type, body) = stream.Receive();
        return type switch
        {
            'R' => ReadAuthentication(body),
            'S' => ReadParameter(body),
            'K' => "BackendKeyData",
            'Z' => $"ReadyForQuery {(char)body.Byte()}",
            'T' => ReadRowDescription(body),
            't' => ReadParameterDescription(body),
            'D' => ReadRow(body),
            'C' => $"CommandComplete {body.String()}",
            'I' => "EmptyQueryResponse",
            'n' => "NoData",
            's' => "PortalSuspended",
            '1' => "ParseComplete",
            '2' => "BindComplete",
            '3' => "CloseComplete",
            'E' => "ErrorResponse " + ReadReport(body),
            'N' => "NoticeResponse " + ReadReport(body),
            'A' => $"NotificationResponse {Skip(body, 4)}{body.String()} {body.String()}",
            'G' => "CopyInResponse " + ReadCopyFormats(body),
            'H' => "CopyOutResponse " + ReadCopyFormats(body),
            'd' => "CopyData " + Printable(body.Bytes(body.Remaining)),
            'c' => "CopyDone",
            'V' => ReadFunctionResult(body),
            'v' => ReadNegotiation(body),
            _ => throw new WireException($"unexpected message '{type}'"),
        };
    }

    static string Skip(BodyReader body, int count)
    {
        body.Bytes(count);
        return "";
    }

    static string ReadAuthentication(BodyReader body)
    {
        var method = body.Int32();
        if (method != 10) return $"Authentication {method}";
        var mechanisms = new List<string>();
        while (body.String() is not "" and var mechanism) mechanisms.Add(mechanism);
        return "Authentication SASL " + string.Join(' ', mechanisms);
    }

    static string ReadParameter(BodyReader body)
    {
        var (name, value) = (body.String(), body.String());
        return name == "server_version" ? "ParameterStatus server_version" : $"ParameterStatus {name}={value}";
    }

    static string ReadNegotiation(BodyReader body)
    {
        var text = $"NegotiateProtocolVersion {body.Int32()}";
        for (var count = body.Int32(); count > 0; count--) text += " " + body.String();
        return text;
    }

    string ReadRowDescription(BodyReader body)
    {
        var columns = new string[body.Int16()];
        _binary = new bool[columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var name = body.String();
            var table = body.Int32() == 0 ? "" : " of a table";
            var attribute = body.Int16();
            var type = (uint)body.Int32();
            columns[i] = $"{Cell.Escape(name)}{table}{(attribute == 0 ? "" : $" {attribute}")} type {TypeName(type)} {body.Int16()} {body.Int32()}";
            _binary[i] = body.Int16() != 0;
            if (_binary[i]) columns[i] += " binary";
        }
        return "RowDescription " + string.Join(", ", columns);
    }

    static string ReadParameterDescription(BodyReader body)
    {
        var types = new string[body.Int16()];
        for (var i = 0; i < types.Length; i++) types[i] = TypeName((uint)body.Int32());
        return ("ParameterDescription " + string.Join(' ', types)).TrimEnd();
    }

    static string TypeName(uint oid) => oid < FirstUserOid ? $"{oid}" : "user";

    string ReadRow(BodyReader body)
    {
        var cells = new string[body.Int16()];
        for (var i = 0; i < cells.Length; i++)
        {
            var length = body.Int32();
            if (length < 0) cells[i] = "NULL";
            else if (i < _binary.Length && _binary[i]) cells[i] = "0x" + Convert.ToHexStringLower(body.Bytes(length));
            else cells[i] = Cell.Write(Encoding.UTF8.GetString(body.Bytes(length)));
        }
        return "DataRow " + string.Join('\t', cells);
    }

    static string ReadFunctionResult(BodyReader body)
        => "FunctionCallResponse " + (body.Int32() is >= 0 and var length ? Printable(body.Bytes(length)) : "NULL");

    static string ReadCopyFormats(BodyReader body)
    {
        var overall = body.Byte();
        var columns = new int[body.Int16()];
        for (var i = 0; i < columns.Length; i++) columns[i] = body.Int16();
        return $"{overall} [{string.Join(' ', columns)}]";
    }

    static string ReadReport(BodyReader body)
    {
        var fields = new Dictionary<char, string>();
        for (var letter = body.Byte(); letter != 0; letter = body.Byte()) fields[(char)letter] = body.String();
        var text = $"{fields['S']} {fields['V']} {fields['C']} {Cell.Escape(fields['M'])}";
        foreach (var letter in "DHPWstcdn")
            if (fields.TryGetValue(letter, out var value)) text += $" {letter}={TemporarySchema().Replace(Cell.Escape(value), "pg_temp")}";
        // Drivers prepare again when they read this routine's name.
        return fields.GetValueOrDefault('R') == "RevalidateCachedQuery" ? text + " R=RevalidateCachedQuery" : text;
    }

    [GeneratedRegex("^pg_temp_[0-9]+$")]
    private static partial Regex TemporarySchema();

    static string Printable(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
            if (b is < 9 or > 126) return "0x" + Convert.ToHexStringLower(bytes);
        return Cell.Escape(Encoding.ASCII.GetString(bytes));
    }
}
