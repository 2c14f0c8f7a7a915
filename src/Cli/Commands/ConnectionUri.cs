using System.Net;
using PgVectorCompat.Server;

namespace PgVectorCompat.Cli.Commands;

/// <summary>Where to connect, in the form that psql and most drivers take.</summary>
static class ConnectionUri
{
    public static string For(ServerOptions options, int port)
    {
        var host = options.Host.Split(',')[0].Trim();
        var address = IPAddress.TryParse(host, out var ip) ? ip : null;
        if (host == "*" || IPAddress.Any.Equals(address) || IPAddress.IPv6Any.Equals(address))
            host = "127.0.0.1";
        else if (address?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            host = $"[{host}]";
        return $"postgres://{Uri.EscapeDataString(options.SuperuserName)}@{host}:{port}/{Uri.EscapeDataString(options.DatabaseName ?? "postgres")}";
    }
}
