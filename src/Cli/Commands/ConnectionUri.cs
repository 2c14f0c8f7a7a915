using System.Net;
using PgVectorCompat.Server;

namespace PgVectorCompat.Cli.Commands;

/// <summary>Where to connect, in the form that psql and most drivers take.</summary>
static class ConnectionUri
{
    public static string For(ServerOptions options, PgVectorServer server)
    {
        var host = options.Host.Split(',')[0].Trim();
        var address = IPAddress.TryParse(host, out var ip) ? ip : null;
        if (host == "*" || IPAddress.Any.Equals(address) || IPAddress.IPv6Any.Equals(address))
            host = "127.0.0.1";
        else if (address?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            host = $"[{host}]";
        // A directory that was there before has the superuser and the databases it was made with, whatever the options name.
        var database = options.DatabaseName is { } name && server.Cluster.HasDatabase(name) ? name : "postgres";
        return $"postgres://{Uri.EscapeDataString(server.Cluster.Superuser.Name)}@{host}:{server.Port}/{Uri.EscapeDataString(database)}";
    }
}
