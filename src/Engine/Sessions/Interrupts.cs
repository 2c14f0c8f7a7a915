using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>What can stop a running statement from outside: cancel requests, statement_timeout, termination.</summary>
internal sealed class Interrupts(TimeProvider time) : IDisposable
{
    enum Reason { None, UserRequest, StatementTimeout, Termination }

    readonly Lock _lock = new();
    CancellationTokenSource _source = new();
    ITimer? _timer;
    Reason _reason;
    bool _isRunning;
    bool _hasEnded;

    /// <summary>Cancelled when the running statement shall stop.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>A statement starts; from now on cancel requests count.</summary>
    /// <param name="timeoutMs">statement_timeout; 0 for none.</param>
    public void BeginStatement(int timeoutMs)
    {
        lock (_lock)
        {
            _isRunning = true;
            if (_reason != Reason.Termination && _source.IsCancellationRequested)
                Renew();
            if (timeoutMs > 0)
            {
                _timer ??= time.CreateTimer(_ => Stop(Reason.StatementTimeout), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(TimeSpan.FromMilliseconds(timeoutMs), Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void EndStatement()
    {
        if (!_isRunning) return;
        lock (_lock)
        {
            _isRunning = false;
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (_reason is Reason.UserRequest or Reason.StatementTimeout)
                Renew();
        }
    }

    public void Cancel() => Stop(Reason.UserRequest);

    public void Terminate()
    {
        lock (_lock)
        {
            _reason = Reason.Termination;
            if (!_hasEnded)
                _source.Cancel();
        }
    }

    public bool IsTerminated => _reason == Reason.Termination;

    public void ThrowIfTerminated()
    {
        if (_reason == Reason.Termination)
            throw Error();
    }

    public PgError Error() => _reason switch
    {
        Reason.Termination => new PgError(SqlState.AdminShutdown, "terminating connection due to administrator command") { Severity = "FATAL" },
        Reason.StatementTimeout => new PgError(SqlState.QueryCanceled, "canceling statement due to statement timeout"),
        _ => new PgError(SqlState.QueryCanceled, "canceling statement due to user request"),
    };

    void Stop(Reason reason)
    {
        lock (_lock)
        {
            if (!_isRunning || _reason != Reason.None) return;
            _reason = reason;
            _source.Cancel();
        }
    }

    void Renew()
    {
        _reason = Reason.None;
        _source.Dispose();
        _source = new CancellationTokenSource();
    }

    /// <summary>The session is over. Others may still ask it to stop.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _hasEnded = true;
            _isRunning = false;
            _timer?.Dispose();
            _source.Dispose();
        }
    }
}
