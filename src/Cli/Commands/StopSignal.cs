using System.Runtime.InteropServices;

namespace PgVectorCompat.Cli.Commands;

/// <summary>Completes when the process is asked to stop (SIGTERM, SIGINT, SIGQUIT), which it then does by itself.</summary>
sealed class StopSignal : IDisposable
{
    readonly TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly PosixSignalRegistration[] _registrations;

    public StopSignal()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Receive),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Receive),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Receive),
        ];
    }

    public Task Received => _received.Task;

    void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        _received.TrySetResult();
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }
}
