using System.Security.Cryptography;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Storage;
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
    readonly StatementRunner _runner;
    readonly StatementClock _clock;
    bool _ended;

    internal Session(Cluster cluster, IClient client, int processId, uint database, RoleDefinition role, SessionSettings settings, SessionRequest request)
    {
        Cluster = cluster;
        Client = client;
        ProcessId = processId;
        SecretKey = RandomNumberGenerator.GetInt32(int.MaxValue);
        DatabaseOid = database;
        Settings = settings;
        Request = request;
        LockOwner = new LockOwner(this);
        Sequences = new SessionSequences(cluster.Catalog.Sequences, database);
        AuthenticatedRole = role.Oid;
        settings.SetRoles(new(role.Oid, role.Oid), isLocal: false);
        _clock = new StatementClock(cluster.Time);
        Interrupts = new Interrupts(cluster.Time);
        Statements = new PreparedStatements();
        Portals = new Portals();
        Notifications = new SessionNotifications(this);
        _runner = new StatementRunner(this);
        StartedAt = _clock.Now;
    }

    // ---- Who and where

    public Cluster Cluster { get; }
    public IClient Client { get; }
    public SessionRequest Request { get; }
    public uint DatabaseOid { get; }
    public LockOwner LockOwner { get; }

    /// <summary>Backend process number that BackendKeyData, pg_backend_pid() and pg_stat_activity show.</summary>
    public int ProcessId { get; }

    /// <summary>Secret that a CancelRequest must carry.</summary>
    public int SecretKey { get; }

    /// <summary>The role that logged in; the one that SET SESSION AUTHORIZATION chose; and the one whose privileges count (SET ROLE).</summary>
    public uint AuthenticatedRole { get; }
    public uint SessionRole => Settings.Roles.Session;
    public uint CurrentRole => ActingRole ?? Settings.Roles.Current;

    /// <summary>Who the engine's own statements run as, while they do.</summary>
    internal uint? ActingRole { get; set; }

    public bool IsSuperuser => Cluster.Catalog.Shared.Find(CurrentRole) is RoleDefinition { IsSuperuser: true };

    // ---- State

    public SessionSettings Settings { get; }
    public PreparedStatements Statements { get; }
    public Portals Portals { get; }
    public SessionNotifications Notifications { get; }
    internal Interrupts Interrupts { get; }

    /// <summary>Bytes of temporary files of running statements, which temp_file_limit bounds.</summary>
    internal long TemporaryBytes { get; set; }

    /// <summary>The transaction; null between statements outside a block.</summary>
    public TransactionBlock? Block { get; internal set; }

    public TransactionStatus Status => Block switch
    {
        { IsExplicit: true, HasFailed: true } => TransactionStatus.Failed,
        { IsExplicit: true } => TransactionStatus.InTransaction,
        _ => TransactionStatus.Idle,
    };

    /// <summary>What pg_stat_activity shows: the last statement's text, whether it runs, and since when.</summary>
    public string ActivityText { get; internal set; } = "";
    public bool IsActive { get; internal set; }
    public long StartedAt { get; }

    /// <summary>How the session ends when it ends now, for pg_stat_database; what terminates it from outside counts as such.</summary>
    public SessionEnd EndsAs { get; set; }

    public long StateChangedAt { get; internal set; }

    /// <summary>Start of the transaction, of the client's message, and the time now: microseconds from 2000-01-01 UTC.</summary>
    public long TransactionTimestamp => Block?.Timestamp ?? _clock.Message;
    public long StatementTimestamp => _clock.Message;
    public long ClockTimestamp => _clock.Now;

    /// <summary>Sequences as this session knows them: nextval, currval, lastval, setval.</summary>
    public SessionSequences Sequences { get; }

    /// <summary>OID of the session's pg_temp_N schema; 0 until it makes a temporary object.</summary>
    public uint TemporarySchema { get; internal set; }

    /// <summary>How values are written as text now; the client asks at the start of each result.</summary>
    public TypeSettings TypeSettings => _runner.TypeSettings;

    /// <summary>The encoding of the client's texts; null when they come and go as they are.</summary>
    public ClientEncoding? ClientEncoding => _runner.ClientEncoding;

    /// <summary>
    /// How long the client may stay silent from now, in milliseconds; 0 for ever. By status: idle_session_timeout, or inside a
    /// transaction idle_in_transaction_session_timeout. The server enforces it.
    /// </summary>
    public int IdleTimeoutMs => Block is { IsExplicit: true } ? Settings.ForStatements.IdleInTransactionTimeoutMs : Settings.ForStatements.IdleTimeoutMs;

    /// <summary>Settings that are reported to clients, with their values now: what follows AuthenticationOk.</summary>
    public IEnumerable<(string Name, string Value)> ReportedParameters => Settings.Report();

    // ---- Messages

    /// <summary>Runs a Query message: all statements of <paramref name="sql"/>, in one implicit transaction unless they say otherwise.</summary>
    public void Query(string sql)
    {
        BeginMessage();
        try
        {
            _runner.Query(sql);
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
        finally
        {
            EndMessage();
        }
    }

    /// <summary>Parse: analyses one statement and keeps it under <paramref name="name"/> ("" for the unnamed one).</summary>
    /// <param name="parameterTypes">OIDs; 0 or missing ones are inferred.</param>
    public void Parse(string name, string sql, ReadOnlySpan<uint> parameterTypes)
    {
        BeginMessage();
        try
        {
            _runner.Parse(name, sql, parameterTypes);
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
        finally
        {
            EndMessage();
        }
    }

    /// <summary>Describe of a statement: its parameters' OIDs and its columns, null when it returns no rows.</summary>
    public (IReadOnlyList<uint> Parameters, IReadOnlyList<ResultColumn>? Columns) DescribeStatement(string name)
        => Guard(() => _runner.Describe(Statements.Get(name)));

    /// <summary>Describe of a portal: its columns and their formats, null when it returns no rows.</summary>
    public (IReadOnlyList<ResultColumn> Columns, IReadOnlyList<WireFormat> Formats)? DescribePortal(string name)
        => Guard<(IReadOnlyList<ResultColumn>, IReadOnlyList<WireFormat>)?>(() =>
        {
            if (Portals.Get(name) is not { Statement.Columns: { } columns } portal)
                return null;
            _runner.RequireNotFailed(portal.Statement.Statement);
            return (columns, portal.Formats);
        });

    /// <summary>Bind. Format code counts follow the protocol: none, one for all, or one each.</summary>
    public void Bind(string portal, string statement, ReadOnlySpan<short> parameterFormats, BindValues values, ReadOnlySpan<short> resultFormats)
    {
        BeginMessage();
        try
        {
            _runner.Bind(portal, statement, parameterFormats, values, resultFormats);
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
    }

    /// <summary>Execute: at most <paramref name="maxRows"/> rows, 0 for all.</summary>
    public void Execute(string portal, int maxRows)
    {
        BeginMessage();
        try
        {
            _runner.Execute(Portals.Get(portal), maxRows);
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
        finally
        {
            EndMessage();
        }
    }

    /// <summary>FunctionCall: one function by its OID, in an implicit transaction unless there is a block. Format code counts are as in <see cref="Bind"/>.</summary>
    public void Call(uint function, ReadOnlySpan<short> argumentFormats, BindValues arguments, short resultFormat)
    {
        BeginMessage();
        try
        {
            new FastPath(this, _runner).Call(function, argumentFormats, arguments, resultFormat);
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
        finally
        {
            EndMessage();
        }
    }

    public void CloseStatement(string name) => Statements.Remove(name);
    public void ClosePortal(string name) => Portals.Close(name);

    /// <summary>Sync: commits (or, after an error, has rolled back) the implicit transaction and drops its portals.</summary>
    public void Sync()
    {
        if (Block is { IsExplicit: true }) return;
        try
        {
            _runner.EndImplicit();
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
    }

    /// <summary>
    /// After an error inside the protocol layer itself (malformed message, an error that Session did not raise): fails the
    /// transaction as any statement error would.
    /// </summary>
    public void Fail() => _runner.Fail();

    /// <summary>Notifications and changed parameters that wait to be sent; the server calls this before each ReadyForQuery and when idle.</summary>
    public void DeliverPending()
    {
        Interrupts.ThrowIfTerminated();
        foreach (var (name, value) in Settings.Changed())
            Client.ParameterStatus(name, value);
        if (Block is null)
            Notifications.Deliver();
    }

    /// <summary>
    /// Raises what has been asked of the running statement meanwhile: 57014 after a cancel or a timeout, FATAL 57P01 after
    /// <see cref="Terminate"/>. Called while a COPY waits for its client.
    /// </summary>
    public void CheckInterrupts()
    {
        if (Interrupts.Token.IsCancellationRequested)
            throw Interrupts.Error();
    }

    /// <summary><see cref="CheckInterrupts"/>, made once.</summary>
    internal Action InterruptCheck => field ??= CheckInterrupts;

    /// <summary>Stops the running statement with 57014, if there is one. From any thread.</summary>
    public void Cancel() => Interrupts.Cancel();

    /// <summary>Stops the running statement and makes the next call raise FATAL 57P01. From any thread.</summary>
    public void Terminate()
    {
        Interrupts.Terminate();
        Client.Wake();
    }

    /// <summary>The 57014 or 57P01 that says why the statement was cancelled.</summary>
    public PgError CancellationError() => Interrupts.Error();

    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        Portals.CloseAll();
        Block?.Rollback();
        Block = null;
        Notifications.Dispose();
        Cluster.Store.Locks.ReleaseAllForSession(LockOwner);
        if (TemporarySchema != 0)
            _runner.DropTemporaryObjects();
        Cluster.ActivityOf(DatabaseOid).CountSessionEnd(Interrupts.IsTerminated ? SessionEnd.Killed : EndsAs, _clock.Now - StartedAt);
        Interrupts.Dispose();
        Cluster.Disconnect(this);
    }

    // ---- For the engine's own use

    /// <summary>A context to bind a statement in, as its names and settings are now.</summary>
    internal Binding.BindingContext NewBindingContext(IReadOnlyList<PgType?>? parameters) => new(_runner.Names(), TypeSettings, parameters);

    /// <summary>Names as they are now.</summary>
    internal NameResolver NewNames() => _runner.Names();

    /// <summary>Value of an expression without columns.</summary>
    internal Datum Evaluate(Binding.BoundExpression expression, Datum[] parameters) => _runner.Evaluate(expression, parameters);

    /// <summary>
    /// Runs a statement of the engine's own (foreign keys), with all privileges, in a snapshot of everything committed so far and own writes,
    /// or in the transaction's own. Returns the number of rows it gave or changed. From REPEATABLE READ up, raises 40001 when it
    /// changes what the transaction does not see.
    /// </summary>
    internal long RunInternal(string sql, PgType[] types, Datum[] parameters, bool inSnapshot = false) => _runner.RunInternal(sql, types, parameters, inSnapshot);

    // ---- Around every message

    T Guard<T>(Func<T> action)
    {
        BeginMessage();
        try
        {
            return action();
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
        finally
        {
            EndMessage();
        }
    }

    void BeginMessage()
    {
        Interrupts.ThrowIfTerminated();
        _clock.BeginMessage();
        Settings.Refresh();
        if (Status is TransactionStatus.InTransaction or TransactionStatus.Failed)
            Cluster.ActivityOf(DatabaseOid).CountIdleInTransaction(Math.Max(0, _clock.Message - StateChangedAt));
        IsActive = true;
        StateChangedAt = _clock.Message;
    }

    void EndMessage()
    {
        IsActive = false;
        StateChangedAt = _clock.Now;
        Cluster.ActivityOf(DatabaseOid).CountActive(Math.Max(0, StateChangedAt - _clock.Message));
        Interrupts.EndStatement();
    }

    /// <summary>Fails the transaction and gives the error to tell the client; whatever is not a <see cref="PgError"/> becomes one.</summary>
    PgError Failed(Exception error)
    {
        var told = Errors.ToPgError(error, this);
        _runner.Fail();
        return told;
    }
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
