using System.Text;
using PgVectorCompat.Golden.Values;

namespace PgVectorCompat.Golden.Wire;

/// <summary>Where a server listens.</summary>
sealed record Endpoint(string Host, int Port, string User);

/// <summary>
/// A session: start-up under trust, the simple and the extended protocol, COPY. It is written apart from any driver so that
/// the corpus judges every message itself, with text or with binary results.
/// </summary>
sealed class Connection : IDisposable
{
    const int Version3 = 3 << 16;
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(20);

    readonly MessageStream _stream;
    readonly BinaryText _values;
    readonly Dictionary<string, string> _parameters = [];

    /// <summary>The last ReadyForQuery's status: I, T or E.</summary>
    public char Status { get; private set; } = 'I';

    /// <summary>The server's process id for the session.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Set when the session can no longer be used.</summary>
    public bool IsBroken { get; private set; }

    /// <param name="endpoint">The server.</param>
    /// <param name="database">The database.</param>
    /// <param name="types">Names of types that have no fixed OID.</param>
    public Connection(Endpoint endpoint, string database, TypeNames types)
    {
        _stream = new MessageStream(endpoint.Host, endpoint.Port, AnswerTimeout);
        _values = new BinaryText(types, _parameters);
        _stream.Put('\0', body =>
        {
            body.Int32(Version3);
            foreach (var (name, value) in StartupSettings(endpoint.User, database))
            {
                body.String(name);
                body.String(value);
            }
            body.String("");
        });
        _stream.Send();
        var reply = new Reply();
        try
        {
            ReadUntilReady(reply, copyData: null);
        }
        catch (WireException) when (reply.Error is not null)
        {
            // A FATAL error is followed by the end of the socket; the error says more.
        }
        if (reply.Error is { } error)
        {
            Dispose();
            throw new WireException($"cannot connect: ({error.SqlState}) {error.Message}");
        }
    }

    static (string, string)[] StartupSettings(string user, string database) =>
    [
        ("user", user), ("database", database), ("client_encoding", "UTF8"),
        ("DateStyle", "ISO, MDY"), ("TimeZone", "UTC"), ("application_name", "golden"),
    ];

    /// <summary>Runs SQL, possibly several statements, by the simple protocol.</summary>
    public Reply Simple(string sql, byte[]? copyData = null)
    {
        _stream.Put('Q', body => body.String(sql));
        return Exchange(copyData);
    }

    /// <summary>Runs one statement by the extended protocol with text parameters and text results.</summary>
    public Reply ExtendedText(string sql, IReadOnlyList<string?> parameters, byte[]? copyData = null)
    {
        PutParse(sql);
        PutBind(parameters, []);
        _stream.Put('D', body => { body.Byte('P'); body.String(""); });
        PutExecute();
        return Exchange(copyData, syncAfterCopy: true);
    }

    /// <summary>
    /// Runs one statement by the extended protocol. The result columns are described first, and each whose type
    /// <see cref="BinaryText"/> can read is asked for in binary.
    /// </summary>
    public Reply ExtendedBinary(string sql, IReadOnlyList<string?> parameters, byte[]? copyData = null)
    {
        PutParse(sql);
        _stream.Put('D', body => { body.Byte('S'); body.String(""); });
        _stream.Put('H');
        _stream.Send();

        var described = new Reply();
        if (!ReadDescription(described))
        {
            _stream.Put('S');
            _stream.Send();
            ReadUntilReady(described, copyData: null);
            return described;
        }

        var binary = described.Columns.Select(c => _values.CanRead(c.TypeOid)).ToArray();
        PutBind(parameters, binary);
        PutExecute();
        _stream.Send();
        var reply = new Reply { Columns = described.Columns };
        reply.Notices.AddRange(described.Notices);
        ReadUntilReady(reply, copyData, syncAfterCopy: true, binary);
        return reply;
    }

    public void Dispose()
    {
        IsBroken = true;
        _stream.Dispose();
    }

    void PutParse(string sql) => _stream.Put('P', body =>
    {
        body.String("");
        body.String(sql);
        body.Int16(0);
    });

    void PutBind(IReadOnlyList<string?> parameters, bool[] binary) => _stream.Put('B', body =>
    {
        body.String("");
        body.String("");
        body.Int16(0);
        body.Int16(parameters.Count);
        foreach (var parameter in parameters)
        {
            if (parameter is null)
            {
                body.Int32(-1);
                continue;
            }
            var bytes = Encoding.UTF8.GetBytes(parameter);
            body.Int32(bytes.Length);
            body.Bytes(bytes);
        }
        body.Int16(binary.Length);
        foreach (var column in binary) body.Int16(column ? 1 : 0);
    });

    void PutExecute()
    {
        _stream.Put('E', body => { body.String(""); body.Int32(0); });
        _stream.Put('S');
    }

    Reply Exchange(byte[]? copyData, bool syncAfterCopy = false)
    {
        _stream.Send();
        var reply = new Reply();
        ReadUntilReady(reply, copyData, syncAfterCopy);
        return reply;
    }

    /// <summary>Reads to the answer of Describe; false when an error came instead.</summary>
    bool ReadDescription(Reply reply)
    {
        while (true)
        {
            var (type, body) = Receive();
            switch (type)
            {
                case 'T':
                    reply.Columns = ReadColumns(body);
                    return true;
                case 'n':
                    return true;
                case 'E':
                    reply.Error = ReadReport(body);
                    return false;
                case '1' or 't':
                    break;
                default:
                    ReadAsynchronous(type, body, reply);
                    break;
            }
        }
    }

    void ReadUntilReady(Reply reply, byte[]? copyData, bool syncAfterCopy = false, bool[]? binary = null)
    {
        while (true)
        {
            var (type, body) = Receive();
            switch (type)
            {
                case 'Z':
                    Status = (char)body.Byte();
                    return;
                case 'T':
                    reply.Columns = ReadColumns(body);
                    break;
                case 'D':
                    reply.Rows.Add(ReadRow(body, reply.Columns, binary));
                    break;
                case 'C':
                    reply.Tag = body.String();
                    break;
                case 'E':
                    reply.Error = ReadReport(body);
                    break;
                case 'G':
                    SendCopyData(copyData, syncAfterCopy);
                    break;
                case 'H':
                    reply.CopyOut = [];
                    break;
                case 'd':
                    reply.CopyOut?.AddRange(body.Bytes(body.Remaining));
                    break;
                case 'R':
                    if (body.Int32() is not 0 and var method) throw Broken($"authentication method {method} instead of trust");
                    break;
                case 'K':
                    ProcessId = body.Int32();
                    break;
                case 'c' or '1' or '2' or 'I' or 'n' or 't' or 's':
                    break;
                default:
                    ReadAsynchronous(type, body, reply);
                    break;
            }
        }
    }

    void SendCopyData(byte[]? data, bool sync)
    {
        if (data is null)
        {
            _stream.Put('f', body => body.String("the script has no data here"));
        }
        else
        {
            _stream.Put('d', body => body.Bytes(data));
            _stream.Put('c');
        }
        if (sync) _stream.Put('S');
        _stream.Send();
    }

    void ReadAsynchronous(char type, BodyReader body, Reply reply)
    {
        switch (type)
        {
            case 'N':
                reply.Notices.Add(ReadReport(body));
                break;
            case 'S':
                _parameters[body.String()] = body.String();
                break;
            case 'A':
                break;
            default:
                throw Broken($"unexpected message '{type}'");
        }
    }

    (char, BodyReader) Receive()
    {
        try
        {
            return _stream.Receive();
        }
        catch (WireException)
        {
            Dispose();
            throw;
        }
    }

    WireException Broken(string message)
    {
        Dispose();
        return new WireException(message);
    }

    string?[] ReadRow(BodyReader body, IReadOnlyList<Column> columns, bool[]? binary)
    {
        var row = new string?[body.Int16()];
        for (var i = 0; i < row.Length; i++)
        {
            var length = body.Int32();
            if (length < 0) continue;
            var bytes = body.Bytes(length);
            row[i] = binary is not null && binary[i] ? _values.Read(columns[i].TypeOid, bytes.ToArray()) : Encoding.UTF8.GetString(bytes);
        }
        return row;
    }

    static Column[] ReadColumns(BodyReader body)
    {
        var columns = new Column[body.Int16()];
        for (var i = 0; i < columns.Length; i++)
        {
            var name = body.String();
            body.Bytes(6); // table and attribute
            var type = (uint)body.Int32();
            body.Bytes(2); // type length
            columns[i] = new(name, type, body.Int32());
            body.Bytes(2); // format
        }
        return columns;
    }

    static Report ReadReport(BodyReader body)
    {
        var fields = new Dictionary<char, string>();
        for (var letter = body.Byte(); letter != 0; letter = body.Byte())
            fields[(char)letter] = body.String();
        return new Report(fields);
    }
}
