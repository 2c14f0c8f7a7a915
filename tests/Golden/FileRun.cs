using System.Diagnostics;
using System.Text;
using PgVectorCompat.Golden.Script;
using PgVectorCompat.Golden.Values;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Golden;

/// <summary>One script being run in a database of its own, a record at a time, so that a caller may restart the server in between.</summary>
sealed class FileRun : IDisposable
{
    // Time for a background statement to reach the lock it is to wait for.
    static readonly TimeSpan BackgroundStart = TimeSpan.FromMilliseconds(150);
    static readonly TimeSpan WaitPoll = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan BackgroundEnd = TimeSpan.FromSeconds(30);

    // Each costs the answer's whole time limit; a script that hangs so often is given up.
    const int MaxUnanswered = 2;

    readonly ScriptFile _script;
    readonly Endpoint _endpoint;
    readonly IReadOnlySet<string> _modes;
    readonly bool _complete;
    readonly string _database;
    readonly TypeNames _types;
    readonly Dictionary<string, Connection> _connections = [];
    readonly Dictionary<string, (Record Record, Task<Reply> Reply)> _background = [];
    int _next;
    int _unanswered;

    public FileRun(ScriptFile script, string database, Endpoint endpoint, IReadOnlySet<string> modes, bool complete)
    {
        _script = script;
        _endpoint = endpoint;
        _modes = modes;
        _complete = complete;
        _database = database;
        _types = new TypeNames(AskTypeName);
    }

    public string Path => _script.Path;
    public int Passed { get; private set; }
    public List<string> Failures { get; } = [];
    
    /// <summary>What the mode leaves out, and why.</summary>
    public List<(string Script, int Records, string Reason)> Skipped { get; } = [];
    public bool IsDone => _next >= _script.Records.Count;

    /// <summary>No transaction is open and nothing waits: the server may stop here without changing what follows.</summary>
    public bool IsIdle => _background.Count == 0 && _connections.Values.All(c => c.IsBroken || c.Status == 'I');

    /// <summary>The last record only read: a restart after it proves little.</summary>
    public bool OnlyRead => _next > 0 && _script.Records[_next - 1] is { Sql: var sql }
        && sql.StartsWith("SELECT", StringComparison.OrdinalIgnoreCase) && !sql.Contains("val(", StringComparison.OrdinalIgnoreCase);

    /// <summary>Creates the database with the extension, or records why that failed.</summary>
    public void Begin()
    {
        if (_script.SkipReason(_modes) is { } reason)
        {
            Skipped.Add((_script.Path, _script.Records.Count, reason));
            _next = _script.Records.Count;
            return;
        }
        try
        {
            using var admin = new Connection(_endpoint, "postgres", _types);
            admin.Simple($"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");
            Require(admin.Simple($"CREATE DATABASE {_database}"));
            using var own = new Connection(_endpoint, _database, _types);
            Require(own.Simple("CREATE EXTENSION IF NOT EXISTS vector"));
        }
        catch (WireException e)
        {
            Failures.Add($"{_script.Path}: all {_script.Records.Count} records: cannot prepare its database: {e.Message}");
            _next = _script.Records.Count;
        }
    }

    /// <summary>Runs the next record.</summary>
    public void Step()
    {
        var record = _script.Records[_next++];
        if (ScriptFile.Reason(record.Conditions, _modes) is { } reason)
        {
            Skipped.Add((_script.Path, 1, reason));
            return;
        }
        switch (record.Kind)
        {
            case RecordKind.Halt:
                _next = _script.Records.Count;
                return;
            case RecordKind.Restart:
                CloseConnections();
                return;
            case RecordKind.Draft when !_complete:
                Fail(record, "bare SQL: run with --complete first");
                return;
        }

        try
        {
            FinishBackground(record.Connection);
            if (record.Background)
            {
                var connection = Open(record.Connection);
                var reply = Task.Run(() => Send(connection, record));
                _background[record.Connection] = (record, reply);
                if (record.Waits) AwaitWaiting(record, connection, reply);
                else Thread.Sleep(BackgroundStart);
            }
            else
            {
                Settle(record, Send(Open(record.Connection), record));
            }
        }
        catch (WireException e)
        {
            Fail(record, e.Message);
            if (!e.IsTimeout || ++_unanswered < MaxUnanswered || IsDone) return;
            Failures.Add($"{_script.Path}: given up: {_script.Records.Count - _next} more records");
            _next = _script.Records.Count;
        }
    }

    /// <summary>
    /// Until the server says that a statement sent waits for another session. Time alone would not tell: on a busy machine it may not even have begun.
    /// </summary>
    void AwaitWaiting(Record record, Connection connection, Task reply)
    {
        using var watch = new Connection(_endpoint, "postgres", _types);
        var question = $"SELECT FROM pg_stat_activity WHERE pid = {connection.ProcessId} AND (wait_event_type = 'Lock' OR wait_event = 'SafeSnapshot')";
        for (var time = Stopwatch.StartNew(); watch.Simple(question).Rows.Count == 0 && !reply.IsCompleted && time.Elapsed < BackgroundEnd;)
            Thread.Sleep(WaitPoll);
        if (reply.IsCompleted) Fail(record, "it did not wait");
    }

    /// <summary>Ends all sessions, as a restart of the server does.</summary>
    public void CloseConnections()
    {
        foreach (var name in _background.Keys.ToArray()) FinishBackground(name);
        foreach (var connection in _connections.Values) connection.Dispose();
        _connections.Clear();
    }

    /// <summary>Drops the database, and writes the script back when it was to be completed.</summary>
    public void Dispose()
    {
        CloseConnections();
        if (_complete) ScriptWriter.Write(_script);
        try
        {
            using var admin = new Connection(_endpoint, "postgres", _types);
            admin.Simple($"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");
        }
        catch (WireException)
        {
            // A server that is gone has been reported by the record that met it.
        }
    }

    Connection Open(string name)
    {
        if (!_connections.TryGetValue(name, out var connection) || connection.IsBroken)
            _connections[name] = connection = new Connection(_endpoint, _database, _types);
        return connection;
    }

    Reply Send(Connection connection, Record record)
    {
        var copy = record.Kind == RecordKind.CopyIn ? record.DataBytes() : null;
        if (_modes.Contains(Modes.ExtendedBinary)) return connection.ExtendedBinary(record.Sql, record.Parameters ?? [], copy);
        return record.Parameters is not null || _modes.Contains(Modes.ExtendedText)
            ? connection.ExtendedText(record.Sql, record.Parameters ?? [], copy)
            : connection.Simple(record.Sql, copy);
    }

    void FinishBackground(string connection)
    {
        if (!_background.Remove(connection, out var pending)) return;
        try
        {
            if (pending.Reply.Wait(BackgroundEnd)) Settle(pending.Record, pending.Reply.Result);
            else Fail(pending.Record, "the background statement is still waiting");
        }
        catch (AggregateException e)
        {
            Fail(pending.Record, e.InnerException!.Message);
        }
    }

    void Settle(Record record, Reply reply)
    {
        if (_complete && Judge.Fill(record, reply)) Passed++;
        else if (Judge.Compare(record, reply) is { } difference) Fail(record, difference);
        else Passed++;
    }

    void Fail(Record record, string difference) => Failures.Add($"{_script.Path}:{record.Line}: {record.Sql}\n  {difference}");

    static void Require(Reply reply)
    {
        if (reply.Error is { } error) throw new WireException(Judge.Describe(error));
    }

    string? AskTypeName(uint oid)
    {
        using var connection = new Connection(_endpoint, _database, new TypeNames(_ => null));
        return connection.Simple($"SELECT typname FROM pg_type WHERE oid = {oid}").Rows is [[{ } name]] ? name : null;
    }
}
