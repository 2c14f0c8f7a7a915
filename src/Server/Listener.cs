using System.Net.Sockets;

namespace PgVectorCompat.Server;

/// <summary>One listening socket and the thread that accepts its connections.</summary>
sealed class Listener(Socket socket) : IDisposable
{
    static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(50);

    volatile bool _isStopped;

    public void Start(Action<Socket> accepted)
        => new Thread(() => Run(accepted)) { IsBackground = true, Name = $"listener {socket.LocalEndPoint}" }.Start();

    void Run(Action<Socket> accepted)
    {
        while (!_isStopped)
        {
            try
            {
                accepted(socket.Accept());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OutOfMemoryException or ThreadStartException)
            {
                // Out of file descriptors, memory or threads: others may give some back.
                if (!_isStopped)
                    Thread.Sleep(PauseAfterError);
            }
        }
    }

    /// <summary>Stops accepting; a Unix socket's file is removed with it.</summary>
    public void Dispose()
    {
        _isStopped = true;
        var path = (socket.LocalEndPoint as UnixDomainSocketEndPoint)?.ToString();
        socket.Dispose();
        if (path is not null)
            File.Delete(path);
    }
}
