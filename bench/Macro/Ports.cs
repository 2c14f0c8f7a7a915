using System.Net;
using System.Net.Sockets;

namespace PgVectorCompat.Macro;

/// <summary>Ports for servers that the benchmark starts.</summary>
public static class Ports
{
    /// <summary>A port of this machine that nothing listens on.</summary>
    public static int Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
