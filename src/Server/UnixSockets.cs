using System.Net.Sockets;

namespace PgVectorCompat.Server;

/// <summary>The sockets that psql uses when it is given no host: <c>.s.PGSQL.&lt;port&gt;</c> in each directory.</summary>
static class UnixSockets
{
    const int Backlog = 512;

    /// <summary>Listening sockets; a directory that cannot be used is logged and left out, since TCP already works.</summary>
    public static List<Socket> Bind(string directories, int port, Action<string> log)
    {
        var sockets = new List<Socket>();
        if (!Socket.OSSupportsUnixDomainSockets)
            return sockets;
        foreach (var directory in directories.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.Combine(directory, $".s.PGSQL.{port}");
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                // Only a server on this port could own the file, and the TCP port is already ours: it was left by a crash.
                File.Delete(path);
                socket.Bind(new UnixDomainSocketEndPoint(path));
                socket.Listen(Backlog);
                sockets.Add(socket);
            }
            catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                socket.Dispose();
                log($"could not create Unix-domain socket \"{path}\": {e.Message}");
            }
        }
        return sockets;
    }
}
