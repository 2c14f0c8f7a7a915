using PgVectorCompat.Engine.Sessions;

namespace PgVectorCompat.Engine;

/// <summary>What a client's startup packet asks for, after authentication.</summary>
/// <param name="Settings">Run-time settings of the packet (options expanded), in order.</param>
public sealed record SessionRequest(string User, string Database, IReadOnlyList<(string Name, string Value)> Settings, string? ClientAddress = null, int ClientPort = -1);

/// <summary>A role's stored password, as pg_authid.rolpassword keeps it: a SCRAM verifier; null when it has none.</summary>
public sealed record RoleCredentials(string Name, string? PasswordVerifier, bool CanLogin);

/// <summary>A set of databases over one data directory, and the sessions connected to them.</summary>
public sealed class Cluster : IDisposable
{
    /// <summary>Settings of the whole server, as <c>-c</c> and the configuration file give them. Raises 42704, 22023 for bad ones.</summary>
    public static Cluster Open(ClusterOptions options) => throw new NotSupportedException();

    /// <summary>Credentials for authentication; null when no such role exists.</summary>
    public RoleCredentials? FindRole(string name) => throw new NotSupportedException();

    /// <summary>A session for an authenticated user. Raises FATAL 3D000, 28000, 53300, 42704, 22023.</summary>
    public Session Connect(SessionRequest request, IClient client) => throw new NotSupportedException();

    /// <summary>Cancels the statement of the session with this process number, when the key is right; else nothing happens.</summary>
    public void Cancel(int processId, int secretKey) => throw new NotSupportedException();

    /// <summary>Value of a server setting (<c>ssl_cert_file</c>, <c>max_connections</c>, …).</summary>
    public string GetSetting(string name) => throw new NotSupportedException();

    public void Dispose() => throw new NotSupportedException();
}

/// <summary>How to open a cluster.</summary>
/// <param name="DataDirectory">Made when missing.</param>
/// <param name="SuperuserName">Name of the first superuser of a new directory (POSTGRES_USER).</param>
/// <param name="SuperuserPassword">Its password; null for none.</param>
/// <param name="DatabaseName">A database to make in a new directory besides the standard ones (POSTGRES_DB); null for none.</param>
public sealed record ClusterOptions(
    string DataDirectory,
    IReadOnlyDictionary<string, string>? Settings = null,
    string SuperuserName = "postgres",
    string? SuperuserPassword = null,
    string? DatabaseName = null);
