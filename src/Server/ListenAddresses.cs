using System.Net;
using System.Net.Sockets;
using PgVectorCompat.Types;

namespace PgVectorCompat.Server;

/// <summary>Turns a list of addresses into listening TCP sockets.</summary>
static class ListenAddresses
{
    const int Backlog = 512;

    /// <summary>The end points for a list such as <c>localhost,10.0.0.1</c> or <c>*</c>. Raises FATAL for a name that has no address.</summary>
    public static List<IPEndPoint> Resolve(string hosts, int port)
    {
        if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            throw Fatal(SqlState.InvalidParameterValue, $"{port} is outside the valid range for parameter \"port\" (1 .. {IPEndPoint.MaxPort})");
        var endPoints = new List<IPEndPoint>();
        foreach (var host in hosts.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            foreach (var address in Addresses(host))
                if (!endPoints.Any(e => e.Address.Equals(address)))
                    endPoints.Add(new IPEndPoint(address, port));
        return endPoints.Count > 0 ? endPoints : throw Fatal(SqlState.InvalidParameterValue, "no address to listen on");
    }

    static IPAddress[] Addresses(string host)
    {
        if (host == "*")
            return Socket.OSSupportsIPv6 ? [IPAddress.Any, IPAddress.IPv6Any] : [IPAddress.Any];
        if (IPAddress.TryParse(host, out var address))
            return [address];
        try
        {
            return Dns.GetHostAddresses(host);
        }
        catch (SocketException e)
        {
            throw Fatal(SqlState.InvalidParameterValue, $"could not translate host name \"{host}\" to address: {e.Message}");
        }
    }

    /// <summary>
    /// Listening sockets, all on one port. The first address decides which when the port is 0; of the others those that the machine
    /// does not have (IPv6 on many) are left out.
    /// </summary>
    public static List<Socket> Bind(IReadOnlyList<IPEndPoint> endPoints)
    {
        var sockets = new List<Socket>();
        var port = endPoints[0].Port;
        foreach (var endPoint in endPoints)
        {
            var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
                    socket.DualMode = false;
                socket.Bind(new IPEndPoint(endPoint.Address, port));
                socket.Listen(Backlog);
                port = ((IPEndPoint)socket.LocalEndPoint!).Port;
                sockets.Add(socket);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                if (sockets.Count > 0 && e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
                    continue;
                sockets.ForEach(s => s.Dispose());
                throw Fatal(SqlState.ObjectInUse, $"could not bind to address \"{endPoint.Address}\", port {port}: {e.Message}");
            }
        }
        return sockets;
    }

    static PgError Fatal(string sqlState, string message) => new(sqlState, message) { Severity = "FATAL" };
}
