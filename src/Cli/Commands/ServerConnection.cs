using Npgsql;

namespace PgVectorCompat.Cli.Commands;

/// <summary>A connection to a server by a URL as psql takes it.</summary>
static class ServerConnection
{
    /// <exception cref="FormatException">It is no such URL.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(string url, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgres" or "postgresql") || uri.Host.Length == 0)
            throw new FormatException($"{url} is no postgres:// URL");
        var user = uri.UserInfo.Split(':', 2);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host.Trim('[', ']'),
            Port = uri.Port > 0 ? uri.Port : 5432,
            Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : "postgres",
            Database = uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(uri.AbsolutePath[1..]) : "postgres",
        };
        if (user.Length > 1) settings.Password = Uri.UnescapeDataString(user[1]);
        // Without loading the catalog's types: these commands read text and numbers only.
        var source = new NpgsqlDataSourceBuilder(settings.ConnectionString).ConfigureTypeLoading(types => types.EnableTypeLoading(false)).Build();
        return await source.OpenConnectionAsync(cancellation);
    }
}
