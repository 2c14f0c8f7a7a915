namespace PgVectorCompat.Server;

/// <summary>How clients prove who they are.</summary>
public enum AuthenticationMode
{
    /// <summary>
    /// A role that has a password must give it (SCRAM-SHA-256); one without is trusted from this machine (loopback, Unix socket)
    /// and refused from anywhere else.
    /// </summary>
    Automatic,

    /// <summary>Everybody is who they say they are, from anywhere.</summary>
    Trust,

    /// <summary>The password in clear text (protect it with TLS), for clients that know nothing better.</summary>
    Password,

    /// <summary>SCRAM-SHA-256, and under TLS SCRAM-SHA-256-PLUS; from this machine too.</summary>
    ScramSha256,
}

/// <summary>What a server is started with.</summary>
public sealed record ServerOptions
{
    /// <summary>The data directory; made when missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Addresses to listen on, separated by commas; <c>*</c> for all.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port; 0 for a free one.</summary>
    public int Port { get; init; } = 5432;

    public AuthenticationMode Authentication { get; init; } = AuthenticationMode.Automatic;

    /// <summary>Settings as <c>-c</c> gives them.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Name of the superuser of a new data directory.</summary>
    public string SuperuserName { get; init; } = "postgres";

    /// <summary>Password of that superuser; null for none.</summary>
    public string? SuperuserPassword { get; init; }

    /// <summary>A database to make in a new data directory besides the standard ones.</summary>
    public string? DatabaseName { get; init; }

    /// <summary>Takes lines for the server's log.</summary>
    public Action<string> Log { get; init; } = _ => { };
}
