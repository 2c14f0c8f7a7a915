using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>ReadyForQuery's byte.</summary>
public enum TransactionStatus { Idle = 'I', InTransaction = 'T', Failed = 'E' }

/// <summary>
/// One client's conversation: its settings, transaction, prepared statements and portals. The server calls it with what the
/// messages say; everything it has to tell goes to the <see cref="IClient"/>. One thread at a time; only <see cref="Cancel"/>
/// and <see cref="Terminate"/> may come from others.
/// </summary>
/// <remarks>
/// Every method may raise <see cref="PgError"/>; the transaction is then already failed or rolled back as PostgreSQL would, and the
/// caller only reports the error (and, in the extended protocol, skips to Sync). A severity of FATAL ends the connection.
/// </remarks>
public sealed class Session : IDisposable
{
    /// <summary>Backend process number that BackendKeyData, pg_backend_pid() and pg_stat_activity show.</summary>
    public int ProcessId => throw new NotSupportedException();

    /// <summary>Secret that a CancelRequest must carry.</summary>
    public int SecretKey => throw new NotSupportedException();

    public TransactionStatus Status => throw new NotSupportedException();

    /// <summary>Start of the transaction, of the client's message, and the time now: microseconds from 2000-01-01 UTC.</summary>
    public long TransactionTimestamp => throw new NotSupportedException();
    public long StatementTimestamp => throw new NotSupportedException();
    public long ClockTimestamp => throw new NotSupportedException();

    /// <summary>The 57014 or 57P01 that says why the statement was cancelled.</summary>
    public PgError CancellationError() => throw new NotSupportedException();

    /// <summary>How values are written as text now; the client asks at the start of each result.</summary>
    public TypeSettings TypeSettings => throw new NotSupportedException();

    /// <summary>
    /// How long the client may stay silent from now, in milliseconds; 0 for ever. By status: idle_session_timeout, or inside a
    /// transaction idle_in_transaction_session_timeout. The server enforces it.
    /// </summary>
    public int IdleTimeoutMs => throw new NotSupportedException();

    /// <summary>A sequence's last value and whether nextval has given it out.</summary>
    public (long Last, bool IsCalled) ReadSequence(Catalog.SequenceDefinition sequence) => throw new NotSupportedException();

    /// <summary>Settings that are reported to clients, with their values now: what follows AuthenticationOk.</summary>
    public IEnumerable<(string Name, string Value)> ReportedParameters => throw new NotSupportedException();

    /// <summary>Runs a Query message: all statements of <paramref name="sql"/>, in one implicit transaction unless they say otherwise.</summary>
    public void Query(string sql) => throw new NotSupportedException();

    /// <summary>Parse: analyses one statement and keeps it under <paramref name="name"/> ("" for the unnamed one).</summary>
    /// <param name="parameterTypes">OIDs; 0 or missing ones are inferred.</param>
    public void Parse(string name, string sql, ReadOnlySpan<uint> parameterTypes) => throw new NotSupportedException();

    /// <summary>Describe of a statement: its parameters' OIDs and its columns, null when it returns no rows.</summary>
    public (IReadOnlyList<uint> Parameters, IReadOnlyList<ResultColumn>? Columns) DescribeStatement(string name) => throw new NotSupportedException();

    /// <summary>Describe of a portal: its columns and their formats, null when it returns no rows.</summary>
    public (IReadOnlyList<ResultColumn> Columns, IReadOnlyList<WireFormat> Formats)? DescribePortal(string name) => throw new NotSupportedException();

    /// <summary>Bind. Format code counts follow the protocol: none, one for all, or one each.</summary>
    public void Bind(string portal, string statement, ReadOnlySpan<short> parameterFormats, BindValues values, ReadOnlySpan<short> resultFormats)
        => throw new NotSupportedException();

    /// <summary>Execute: at most <paramref name="maxRows"/> rows, 0 for all.</summary>
    public void Execute(string portal, int maxRows) => throw new NotSupportedException();

    public void CloseStatement(string name) => throw new NotSupportedException();
    public void ClosePortal(string name) => throw new NotSupportedException();

    /// <summary>Sync: commits (or, after an error, has rolled back) the implicit transaction and drops its portals.</summary>
    public void Sync() => throw new NotSupportedException();

    /// <summary>
    /// After an error inside the protocol layer itself (malformed message, an error that Session did not raise): fails the
    /// transaction as any statement error would.
    /// </summary>
    public void Fail() => throw new NotSupportedException();

    /// <summary>
    /// Notifications and changed parameters that wait to be sent; the server calls this before each ReadyForQuery, and after
    /// <see cref="IClient.Wake"/> when the session is idle (then from another thread, but never beside another call).
    /// </summary>
    public void DeliverPending() => throw new NotSupportedException();

    /// <summary>Stops the running statement with 57014, if there is one. From any thread.</summary>
    public void Cancel() => throw new NotSupportedException();

    /// <summary>Stops the running statement and makes the next call raise FATAL 57P01; wakes the client. From any thread.</summary>
    public void Terminate() => throw new NotSupportedException();

    public void Dispose() => throw new NotSupportedException();
}

/// <summary>Parameter values of a Bind message, in the message's own memory.</summary>
public ref struct BindValues(ReadOnlySpan<byte> body, int count)
{
    ReadOnlySpan<byte> _rest = body;

    public int Count { get; } = count;

    /// <summary>The next value; false when it is NULL. Raises 08P01 when the message is shorter than it says.</summary>
    public bool TryNext(out ReadOnlySpan<byte> value)
    {
        var reader = new Types.BinaryReader(_rest);
        var length = reader.ReadInt32();
        value = length < 0 ? default : reader.Take(length);
        _rest = reader.TakeRest();
        return length >= 0;
    }

    /// <summary>What follows the values in the message.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;
}
