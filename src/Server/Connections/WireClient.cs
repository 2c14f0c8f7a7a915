using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Protocol;
using PgVectorCompat.Types;

namespace PgVectorCompat.Server.Connections;

/// <summary>What a running statement tells its client, written as messages and sent when there is enough of it or it is due.</summary>
/// <param name="transport">Where it goes.</param>
/// <param name="input">Where the bytes of a COPY FROM STDIN come from.</param>
/// <param name="wake">Called when something waits for the session.</param>
sealed class WireClient : IClient
{
    /// <summary>Above this, rows are sent before the statement is done.</summary>
    const int SendAbove = 64 * 1024;

    readonly Transport _transport;
    readonly InputBuffer _input;
    readonly Action _wake;
    readonly ByteWriter _output = new(8 * 1024);
    readonly RowWriter _rows;
    CopyInput? _copy;

    public WireClient(Transport transport, InputBuffer input, Action wake)
    {
        _transport = transport;
        _input = input;
        _wake = wake;
        _rows = new RowWriter(_output);
        Writer = new BackendWriter(_output);
    }

    public BackendWriter Writer { get; }

    /// <summary>The session that talks through this client; set once, right after it was made.</summary>
    public Session? Session { get; set; }

    /// <summary>Whether a message that does not belong into a COPY has left the stream without a place to go on from.</summary>
    public bool IsSyncLost => _copy?.IsSyncLost ?? false;

    /// <summary>Sends everything written so far.</summary>
    public void Flush()
    {
        if (_output.Length == 0)
            return;
        try
        {
            _transport.Send(_output.Written);
        }
        finally
        {
            _output.Clear(keepAtMost: 4 * SendAbove);
        }
    }

    void FlushWhenLarge()
    {
        if (_output.Length >= SendAbove)
            Flush();
    }

    public void BeginRows(IReadOnlyList<ResultColumn> columns, IReadOnlyList<WireFormat> formats, bool describe)
    {
        if (describe)
            DescribeRows(columns, formats);
        _rows.Begin(columns.Count, Session!.TypeSettings);
        for (var i = 0; i < columns.Count; i++)
            _rows.AddColumn(columns[i].Type, IsBinary(formats, i));
    }

    /// <summary>RowDescription.</summary>
    public void DescribeRows(IReadOnlyList<ResultColumn> columns, IReadOnlyList<WireFormat> formats)
    {
        UseEncoding();
        var begun = Writer.BeginRowDescription(columns.Count);
        for (var i = 0; i < columns.Count; i++)
        {
            var column = columns[i];
            Writer.RowDescriptionField(
                column.Name, column.TableOid, column.AttributeNumber, column.Type, column.Typmod, IsBinary(formats, i));
        }
        Writer.EndRowDescription(begun);
    }

    /// <summary>No format means text, one holds for all columns, else each has its own. What does not exist is refused with the first row.</summary>
    static bool IsBinary(IReadOnlyList<WireFormat> formats, int column)
        => formats.Count > 0 && formats[formats.Count == 1 ? 0 : column] != WireFormat.Text;

    public void Row(ReadOnlySpan<Datum> values)
    {
        _rows.Write(values);
        FlushWhenLarge();
    }

    public void Complete(string tag) => Writer.CommandComplete(tag);
    public void FunctionResult(PgType type, Datum value, WireFormat format)
        => Writer.FunctionCallResponse(type, value, format == WireFormat.Binary, Session!.TypeSettings);
    public void EmptyQuery() => Writer.EmptyQueryResponse();
    public void Suspended() => Writer.PortalSuspended();

    public void Notice(PgNotice notice)
    {
        UseEncoding();
        Writer.NoticeResponse(notice.Severity, notice.SqlState, notice.Message, notice.Detail, notice.Hint, notice.Where);
    }

    public void ParameterStatus(string name, string value)
    {
        UseEncoding();
        Writer.ParameterStatus(name, value);
    }

    /// <summary>Takes over what client_encoding says now; before the session is there, texts are UTF-8.</summary>
    public void UseEncoding() => Writer.Encoding = Session?.ClientEncoding;

    /// <summary>A text of the client's. Raises 22021 and 22P05.</summary>
    public string Text(ReadOnlySpan<byte> bytes) => Session!.ClientEncoding is { } encoding ? encoding.Decode(bytes) : Utf8Text.Decode(bytes);

    public void Notification(int processId, string channel, string payload) => Writer.NotificationResponse(processId, channel, payload);

    public ICopyInput BeginCopyIn(WireFormat format, int columns)
    {
        Writer.CopyInResponse(format == WireFormat.Binary, columns);
        Flush();
        _input.ExpectMuch();
        return _copy = new CopyInput(_input, Session!);
    }

    /// <summary>A COPY FROM STDIN ended, perhaps by an error in the middle of a message, whose rest is then skipped.</summary>
    public void EndCopyIn()
    {
        if (_copy is null)
            return;
        _input.Skip(_copy.Remaining);
        _copy = null;
    }

    public void BeginCopyOut(WireFormat format, int columns) => Writer.CopyOutResponse(format == WireFormat.Binary, columns);

    public void CopyData(ReadOnlySpan<byte> data)
    {
        Writer.CopyData(data);
        FlushWhenLarge();
    }

    public void EndCopyOut() => Writer.CopyDone();

    public void Wake() => _wake();
}
