using System.Collections.Concurrent;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Protocol;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine;

/// <summary>What a client's startup packet asks for, after authentication.</summary>
/// <param name="Settings">Run-time settings of the packet (options expanded), in order.</param>
public sealed record SessionRequest(string User, string Database, IReadOnlyList<(string Name, string Value)> Settings, string? ClientAddress = null, int ClientPort = -1, TlsFacts? Tls = null);

/// <summary>What a connection's TLS agreed on, in OpenSSL's words.</summary>
/// <param name="Version">Such as <c>TLSv1.3</c>.</param>
/// <param name="Cipher">Such as <c>TLS_AES_256_GCM_SHA384</c>.</param>
/// <param name="Bits">Length of the cipher's key.</param>
public sealed record TlsFacts(string Version, string Cipher, int Bits);

/// <summary>A role's stored password, as pg_authid.rolpassword keeps it: a SCRAM verifier; null when it has none.</summary>
public sealed record RoleCredentials(string Name, string? PasswordVerifier, bool CanLogin);

/// <summary>A set of databases over one data directory, and the sessions connected to them.</summary>
public sealed class Cluster : IDisposable
{
    readonly ConcurrentDictionary<int, Session> _sessions = new();
    readonly IndexWarmer _warmer;
    AutoAnalyze? _autoAnalyze;
    int _lastProcessId;

    Cluster(Store store, ServerSettings settings, TimeProvider time)
    {
        Store = store;
        Time = time;
        ServerSettings = settings;
        Catalog = ClusterCatalog.Load(store);
        Tables = new TableRegistry(store);
        Statistics = new StatisticsRegistry(store);
        Tables.ForgetUnknown(Catalog.Databases);
        Tables.Vectors.Start();
        _warmer = new IndexWarmer(Catalog, Tables);
        StartedAt = SettingsLoadedAt = new StatementClock(time).Now;
        // Numbers that look like process ids, and never the server's own.
        _lastProcessId = Environment.ProcessId;
    }

    public Store Store { get; }

    /// <summary>Takes a line for the server's log.</summary>
    internal Action<string> Log { get; private init; } = _ => { };
    public TimeProvider Time { get; }
    public ClusterCatalog Catalog { get; }
    public TableRegistry Tables { get; }

    /// <summary>What SERIALIZABLE transactions depend on.</summary>
    internal Serializability.SerializationGraph Serialization { get; } = new();

    readonly ConcurrentDictionary<uint, DatabaseActivity> _databaseActivity = new();

    /// <summary>Counters of one database.</summary>
    public DatabaseActivity ActivityOf(uint database) => _databaseActivity.GetOrAdd(database, _ => new());

    /// <summary>What ANALYZE has gathered.</summary>
    public StatisticsRegistry Statistics { get; }
    public NotificationHub Notifications { get; } = new();
    public IEnumerable<Session> Sessions => _sessions.Values;

    /// <summary>What <c>-c</c> and ALTER SYSTEM give.</summary>
    public ServerSettings ServerSettings { get; }

    /// <summary>pg_conf_load_time, in microseconds from 2000-01-01 UTC.</summary>
    public long SettingsLoadedAt { get; private set; }

    /// <summary>pg_reload_conf.</summary>
    internal void ReloadSettings(long now)
    {
        ServerSettings.Reload();
        SettingsLoadedAt = now;
    }

    /// <summary>pg_postmaster_start_time, in microseconds from 2000-01-01 UTC.</summary>
    public long StartedAt { get; }

    /// <summary>Opens the data directory, or makes it. Raises 42704, 22023, F0000 for bad settings; storage's exceptions for the rest.</summary>
    public static Cluster Open(ClusterOptions options)
    {
        if (options.Files is null)
            NewDirectory.Require(options);
        var files = options.Files ?? new DiskFileSystem(options.DataDirectory);
        var settings = new ServerSettings(
            options.Settings ?? new Dictionary<string, string>(), new Dictionary<string, string> { ["data_directory"] = Path.GetFullPath(options.DataDirectory) }, new SettingsFile(files));
        var time = options.Time ?? TimeProvider.System;
        var store = Store.Open(files, StoreOptionsFrom(settings, time, options.IsReadOnly));
        try
        {
            var cluster = new Cluster(store, settings, time) { Log = options.Log };
            if (store.IsNew)
                Bootstrap.Run(cluster.Catalog, options.SuperuserName, options.SuperuserPassword is { } password ? ScramVerifier.Create(password).ToString() : null, options.DatabaseName);
            cluster._autoAnalyze = new AutoAnalyze(cluster);
            return cluster;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    static StoreOptions StoreOptionsFrom(ServerSettings settings, TimeProvider time, bool isReadOnly)
    {
        return new StoreOptions
        {
            Time = time,
            CheckpointInterval = TimeSpan.FromSeconds(int.Parse(settings["checkpoint_timeout"])),
            CheckpointLogBytes = long.Parse(settings["max_wal_size"]) << 20,
            Sync = settings["fsync"] == "on",
            IsReadOnly = isReadOnly,
            ArchiveLog = isReadOnly ? null : ArchiveCommand.From(settings["archive_mode"], settings["archive_command"], settings["data_directory"]),
            BackgroundWork = !isReadOnly,
        };
    }

    /// <summary>Value of a server setting (<c>ssl_cert_file</c>, <c>max_connections</c>, …), as kept: numbers in the setting's unit.</summary>
    public string GetSetting(string name) => ServerSettings[name];

    /// <summary>Credentials for authentication; null when no such role exists.</summary>
    public RoleCredentials? FindRole(string name) => Catalog.Shared.FindRole(name) is { } role ? Credentials(role) : null;

    /// <summary>The superuser that the directory was made with.</summary>
    public RoleCredentials Superuser => Credentials(Catalog.Shared.FindRole(WellKnownOids.BootstrapSuperuser)!);

    public bool HasDatabase(string name) => Catalog.Shared.FindDatabase(name) is not null;

    RoleCredentials Credentials(RoleDefinition role)
        => new(role.Name, role.ValidUntil is { } until && until < Time.GetUtcNow() ? null : role.Password, role.CanLogin);

    /// <summary>A session for an authenticated user. Raises FATAL 3D000, 28000, 53300, 42704, 22023, 42501.</summary>
    public Session Connect(SessionRequest request, IClient client)
    {
        try
        {
            return NewSession(request, client);
        }
        catch (PgError error) when (error.Severity != "FATAL")
        {
            throw new PgError(error.SqlState, error.Message) { Severity = "FATAL", Detail = error.Detail, Hint = error.Hint };
        }
    }

    Session NewSession(SessionRequest request, IClient client)
    {
        var shared = Catalog.Shared;
        var role = shared.FindRole(request.User)
            ?? throw new PgError(SqlState.InvalidAuthorizationSpecification, $"role \"{request.User}\" does not exist");
        if (!role.CanLogin)
            throw new PgError(SqlState.InvalidAuthorizationSpecification, $"role \"{role.Name}\" is not permitted to log in");
        var database = shared.FindDatabase(request.Database)
            ?? throw new PgError(SqlState.InvalidCatalogName, $"database \"{request.Database}\" does not exist");
        if (!database.AllowsConnections)
            throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"database \"{database.Name}\" is not currently accepting connections");
        Privileges.Require(Catalog.Current(database.Oid), role.Oid, database, Privileges.Parse("CONNECT"));

        var limit = int.Parse(GetSetting("max_connections"));
        if (_sessions.Count >= limit)
            throw new PgError(SqlState.TooManyConnections, "sorry, too many clients already");
        if (!role.IsSuperuser && _sessions.Count >= limit - int.Parse(GetSetting("superuser_reserved_connections")))
            throw new PgError(SqlState.TooManyConnections, "remaining connection slots are reserved for non-replication superuser connections");
        if (!role.IsSuperuser && database.ConnectionLimit >= 0 && _sessions.Values.Count(other => other.DatabaseOid == database.Oid) >= database.ConnectionLimit)
            throw new PgError(SqlState.TooManyConnections, $"too many connections for database \"{database.Name}\"");
        if (!role.IsSuperuser && role.ConnectionLimit >= 0 && _sessions.Values.Count(other => other.AuthenticatedRole == role.Oid) >= role.ConnectionLimit)
            throw new PgError(SqlState.TooManyConnections, $"too many connections for role \"{role.Name}\"");

        var session = new Session(this, client, Interlocked.Increment(ref _lastProcessId), database.Oid, role, SettingsFor(request, role, database), request);
        Enter(session, database);
        ActivityOf(database.Oid).CountSession();
        return session;
    }

    /// <summary>Counts the session as one of its database. Raises 3D000 when that is gone by now.</summary>
    void Enter(Session session, DatabaseDefinition database)
    {
        // DROP and RENAME hold the lock that excludes this one from before they look for sessions until they are done.
        var tag = CatalogLocks.Of(0, database);
        Store.Locks.AcquireForSession(session.LockOwner, tag, LockMode.RowExclusive, null, default);
        try
        {
            if (Catalog.Shared.FindDatabase(database.Name)?.Oid != database.Oid)
                throw new PgError(SqlState.InvalidCatalogName, $"database \"{database.Name}\" does not exist") { Detail = "It seems to have just been dropped or renamed." };
            _sessions[session.ProcessId] = session;
        }
        finally
        {
            Store.Locks.ReleaseForSession(session.LockOwner, tag, LockMode.RowExclusive);
        }
    }

    /// <summary>A session's defaults, weakest first: the server's, the database's, the role's, the startup packet's.</summary>
    SessionSettings SettingsFor(SessionRequest request, RoleDefinition role, DatabaseDefinition database)
    {
        var own = new List<(string, SettingValue)>
        {
            ("is_superuser", new(role.IsSuperuser ? "on" : "off", "override")),
            ("session_authorization", new(role.Name, "override")),
            ("lc_collate", new(database.Collation, "override")),
            ("lc_ctype", new(database.Collation, "override")),
        };
        own.AddRange(database.Settings.Select(setting => (Settings.VariableOf(setting.Key), new SettingValue(setting.Value, "database"))));
        own.AddRange(role.Settings.Select(setting => (Settings.VariableOf(setting.Key), new SettingValue(setting.Value, "user"))));
        foreach (var (name, value) in request.Settings)
        {
            var checkedSettings = new SessionSettings(null, []);
            checkedSettings.Set(name, value, isLocal: false, role.IsSuperuser);
            own.Add((Settings.VariableOf(name), new(checkedSettings[name], "client")));
        }
        return new SessionSettings(ServerSettings, own);
    }

    internal void Disconnect(Session session) => _sessions.TryRemove(session.ProcessId, out _);

    /// <summary>Cancels the statement of the session with this process number, when the key is right; else nothing happens.</summary>
    public void Cancel(int processId, int secretKey)
    {
        if (_sessions.TryGetValue(processId, out var session) && session.SecretKey == secretKey)
            session.Cancel();
    }

    public Session? FindSession(int processId) => _sessions.GetValueOrDefault(processId);

    /// <summary>Ends all sessions, writes a last checkpoint and closes the data directory.</summary>
    public void Dispose()
    {
        foreach (var session in _sessions.Values)
            session.Dispose();
        _autoAnalyze?.Dispose();
        _warmer.Dispose();
        Tables.Vectors.Stop();
        Catalog.Sequences.Settle();
        Store.Dispose();
        Tables.Vectors.Dispose();
    }
}

/// <summary>How to open a cluster.</summary>
/// <param name="DataDirectory">Made when missing.</param>
/// <param name="Settings">Settings of the whole server, as <c>-c</c> gives them.</param>
/// <param name="SuperuserName">Name of the first superuser of a new directory (POSTGRES_USER).</param>
/// <param name="SuperuserPassword">Its password; null for none.</param>
/// <param name="DatabaseName">A database to make in a new directory besides the standard ones (POSTGRES_DB); null for none.</param>
public sealed record ClusterOptions(
    string DataDirectory,
    IReadOnlyDictionary<string, string>? Settings = null,
    string SuperuserName = "postgres",
    string? SuperuserPassword = null,
    string? DatabaseName = null)
{
    /// <summary>Another file system than the disk's, for tests.</summary>
    public IFileSystem? Files { get; init; }

    public TimeProvider? Time { get; init; }

    /// <summary>Takes lines of the server's log.</summary>
    public Action<string> Log { get; init; } = _ => { };

    /// <summary>Closing leaves the directory as it is; with an <see cref="OverlayFileSystem"/>, nothing is ever written.</summary>
    public bool IsReadOnly { get; init; }
}
