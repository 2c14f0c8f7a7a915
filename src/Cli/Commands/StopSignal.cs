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

    /// <summary>
    /// A shell without job control starts background programs with SIGINT ignored, which the runtime would leave so; a server stops on it
    /// however it was started. To be called before anything listens to signals: the runtime's own handlers would go.
    /// </summary>
    public static void HearInterrupts()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetDisposition(Interrupt, DefaultDisposition);
    }

    // SIGINT and SIG_DFL of signal(2).
    const int Interrupt = 2;
    const nint DefaultDisposition = 0;

    [DllImport("libc", EntryPoint = "signal")]
    static extern nint SetDisposition(int signal, nint disposition);

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
