using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Protocol;
using PgVectorCompat.Types;

namespace PgVectorCompat.Server.Connections;

/// <summary>
/// Turns messages into calls of the session, and keeps the protocol's own rules: after an error in the extended protocol everything
/// up to Sync is dropped, copy messages outside a COPY are ignored, and every Query and Sync is answered by ReadyForQuery.
/// </summary>
sealed class MessageLoop(Session session, WireClient client, InputBuffer input, Action<string> log)
{
    readonly NameCache _names = new();
    short[] _parameterFormats = new short[8];
    short[] _resultFormats = new short[8];
    uint[] _parameterTypes = new uint[8];
    bool _isSkipping;

    /// <summary>Whether the session has been told of the message at hand, and so has dealt with an error it raised.</summary>
    bool _isInSession;

    /// <summary>Whether the last message was answered by ReadyForQuery: the client is idle and not in the middle of something.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Handles every whole message that is there. False when the conversation is over. Raises FATAL errors for the client.</summary>
    public bool HandleAvailable()
    {
        bool isLost;
        while (input.TryTake(out var type, out var body, out isLost))
            if (!Handle(type, body))
                return false;
        return !isLost;
    }

    bool Handle(FrontendMessageType type, ReadOnlySpan<byte> body)
    {
        if (type == FrontendMessageType.Terminate)
            return false;
        if (_isSkipping && type != FrontendMessageType.Sync)
            return true;

        IsReady = false;
        _isInSession = false;
        var isAnsweredByReady = type is FrontendMessageType.Query or FrontendMessageType.Sync or FrontendMessageType.FunctionCall;
        try
        {
            Dispatch(type, body);
            client.EndCopyIn();
        }
        catch (Exception e) when (e is not IOException)
        {
            if (!Report(e))
                return false;
            client.EndCopyIn();
            _isSkipping = !isAnsweredByReady;
        }
        if (isAnsweredByReady)
            SendReady();
        return true;
    }

    void Dispatch(FrontendMessageType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FrontendMessageType.Query:
                var sql = client.Text(QueryMessage.Read(body).Sql);
                Enter().Query(sql);
                break;
            case FrontendMessageType.Parse:
                Parse(ParseMessage.Read(body));
                break;
            case FrontendMessageType.Bind:
                Bind(BindMessage.Read(body));
                break;
            case FrontendMessageType.Describe:
                Describe(TargetMessage.Read(body, "DESCRIBE"));
                break;
            case FrontendMessageType.Execute:
                var execute = ExecuteMessage.Read(body);
                var portal = Name(execute.Portal);
                Enter().Execute(portal, execute.MaxRows);
                break;
            case FrontendMessageType.Close:
                Close(TargetMessage.Read(body, "CLOSE"));
                break;
            case FrontendMessageType.Flush:
                client.Flush();
                break;
            case FrontendMessageType.Sync:
                _isSkipping = false;
                Enter().Sync();
                break;
            case FrontendMessageType.FunctionCall:
                Call(FunctionCallMessage.Read(body));
                break;
            case FrontendMessageType.CopyData or FrontendMessageType.CopyDone or FrontendMessageType.CopyFail:
                // What a client still sends of a COPY that has failed.
                break;
        }
    }

    /// <summary>The session, which deals with whatever goes wrong from here on.</summary>
    Session Enter()
    {
        _isInSession = true;
        return session;
    }

    void Parse(ParseMessage message)
    {
        var name = Name(message.Name);
        var sql = client.Text(message.Sql);
        var types = message.ParameterTypes.CopyTo(ref _parameterTypes);
        Enter().Parse(name, sql, types);
        client.Writer.ParseComplete();
    }

    void Bind(BindMessage message)
    {
        var portal = Name(message.Portal);
        var statement = Name(message.Statement);
        var parameterFormats = message.ParameterFormats.CopyTo(ref _parameterFormats);
        var resultFormats = message.ResultFormats.CopyTo(ref _resultFormats);
        Enter().Bind(portal, statement, parameterFormats, new BindValues(message.Values, message.ParameterCount), resultFormats);
        client.Writer.BindComplete();
    }

    void Call(FunctionCallMessage message)
    {
        var formats = message.ArgumentFormats.CopyTo(ref _parameterFormats);
        Enter().Call(message.Function, formats, new BindValues(message.Arguments, message.ArgumentCount), message.ResultFormat);
    }

    void Describe(TargetMessage message)
    {
        var name = Name(message.Name);
        if (message.IsPortal)
        {
            if (Enter().DescribePortal(name) is var (columns, formats))
                client.DescribeRows(columns, formats);
            else
                client.Writer.NoData();
        }
        else
        {
            var (parameters, columns) = Enter().DescribeStatement(name);
            client.Writer.ParameterDescription(parameters);
            if (columns is not null)
                client.DescribeRows(columns, []);
            else
                client.Writer.NoData();
        }
    }

    string Name(ReadOnlySpan<byte> bytes) => session.ClientEncoding is { } encoding ? encoding.Decode(bytes) : _names.Get(bytes);

    void Close(TargetMessage message)
    {
        var name = Name(message.Name);
        if (message.IsPortal)
            Enter().ClosePortal(name);
        else
            Enter().CloseStatement(name);
        client.Writer.CloseComplete();
    }

    /// <summary>Tells the client of an error. False when it ends the connection.</summary>
    bool Report(Exception exception)
    {
        var error = ErrorReport.For(exception, log);
        if (!_isInSession || exception is not PgError)
            session.Fail();
        client.UseEncoding();
        try
        {
            client.Writer.ErrorResponse(error);
        }
        catch (PgError untold)
        {
            // What is wrong cannot be said in the client's encoding; that can.
            client.Writer.ErrorResponse(untold);
        }
        if (client.IsSyncLost)
            client.Writer.ErrorResponse(
                new PgError(SqlState.ProtocolViolation, "terminating connection because protocol synchronization was lost") { Severity = "FATAL" });
        client.Flush();
        return error.Severity == "ERROR" && !client.IsSyncLost;
    }

    /// <summary>What has waited for the end of the statement, then ReadyForQuery.</summary>
    public void SendReady()
    {
        session.DeliverPending();
        client.Writer.ReadyForQuery((byte)session.Status);
        client.Flush();
        IsReady = true;
    }
}
