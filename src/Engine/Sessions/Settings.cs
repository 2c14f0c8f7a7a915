using System.Collections.Frozen;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>
/// All settings the server knows. Those that only tune PostgreSQL's own machinery (shared_buffers, autovacuum, …) are here when clients
/// read or set them; their descriptions say so.
/// </summary>
public static class Settings
{
    /// <summary>What server_version and version() claim: the PostgreSQL release whose behaviour is followed.</summary>
    public const string ServerVersion = "15.14";
    public const string ServerVersionNumber = "150014";

    static readonly SettingDefinition[] Definitions =
    [
        // Reported to clients
        Text("application_name", "", "Sets the application name to be reported in statistics and logs.", reported: true),
        Text("client_encoding", "UTF8", "Sets the client's character set encoding.", reported: true, check: CheckClientEncoding),
        Text("DateStyle", "ISO, MDY", "Sets the display format for date and time values.", reported: true, check: SessionText.CheckDateStyle),
        Words("IntervalStyle", "postgres", ["postgres", "postgres_verbose", "sql_standard", "iso_8601"], "Sets the display format for interval values.", reported: true),
        Text("TimeZone", "UTC", "Sets the time zone for displaying and interpreting time stamps.", reported: true, check: SessionText.CheckTimeZone),
        Flag("standard_conforming_strings", true, "Causes '...' strings to treat backslashes literally.", reported: true),
        Flag("default_transaction_read_only", false, "Sets the default read-only status of new transactions.", reported: true),
        Fixed("in_hot_standby", "off", "Shows whether hot standby is currently active.", reported: true, kind: SettingKind.Bool),
        Fixed("integer_datetimes", "on", "Shows whether datetimes are integer based.", reported: true, kind: SettingKind.Bool),
        Fixed("is_superuser", "off", "Shows whether the current user is a superuser.", reported: true, kind: SettingKind.Bool),
        Fixed("server_encoding", "UTF8", "Shows the server (database) character set encoding.", reported: true),
        Fixed("server_version", ServerVersion, "Shows the server version.", reported: true),
        Text("session_authorization", "", "Sets the session user name.", reported: true),

        // Statements and transactions
        Text("search_path", "\"$user\", public", "Sets the schema search order for names that are not schema-qualified."),
        Text("role", "none", "Sets the current role."),
        Words("client_min_messages", "notice", ["debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error"], "Sets the message levels that are sent to the client."),
        Words("transaction_isolation", "read committed", Isolations, "Sets the current transaction's isolation level."),
        Words("default_transaction_isolation", "read committed", Isolations, "Sets the transaction isolation level of each new transaction."),
        Flag("transaction_read_only", false, "Sets the current transaction's read-only status."),
        Flag("transaction_deferrable", false, "Whether to defer a read-only serializable transaction until it can be executed with no possible serialization failures."),
        Flag("default_transaction_deferrable", false, "Sets the default deferrable status of new transactions."),
        Words("synchronous_commit", "on", ["local", "remote_write", "remote_apply", "on", "off"], "Sets the current transaction's synchronization level."),
        Time("statement_timeout", "0", "ms", int.MaxValue, "Sets the maximum allowed duration of any statement."),
        Time("lock_timeout", "0", "ms", int.MaxValue, "Sets the maximum allowed duration of any wait for a lock."),
        Time("idle_in_transaction_session_timeout", "0", "ms", int.MaxValue, "Sets the maximum allowed idle time between queries, when in a transaction."),
        Time("idle_session_timeout", "0", "ms", int.MaxValue, "Sets the maximum allowed idle time between queries, when not in a transaction."),
        Time("deadlock_timeout", "1000", "ms", int.MaxValue, "Has no effect: deadlocks are found when a wait begins.", SettingContext.Superuser),
        Number("extra_float_digits", "1", -15, 3, "Sets the number of digits displayed for floating-point values."),
        Words("bytea_output", "hex", ["escape", "hex"], "Sets the output format for bytea."),
        Words("backslash_quote", "safe_encoding", ["safe_encoding", "on", "off"], "Sets whether \"\\'\" is allowed in string literals."),
        Flag("escape_string_warning", true, "Warn about backslash escapes in ordinary string literals."),
        Flag("quote_all_identifiers", false, "When generating SQL fragments, quote all identifiers."),
        Flag("row_security", true, "Has no effect: there are no row security policies."),
        Flag("synchronize_seqscans", true, "Has no effect: every scan starts at the table's beginning."),
        Flag("check_function_bodies", true, "Check routine bodies during CREATE FUNCTION and CREATE PROCEDURE."),
        Words("array_nulls", "on", ["on"], "Enable input of NULL elements in arrays: always, here."),
        Words("transform_null_equals", "off", ["off"], "Treats \"expr=NULL\" as \"expr IS NULL\": never, here."),
        Words("xmloption", "content", ["content", "document"], "Has no effect: there is no xml type."),
        Words("xmlbinary", "base64", ["base64", "hex"], "Has no effect: there is no xml type."),
        Text("default_tablespace", "", "Sets the default tablespace to create tables and indexes in."),
        Text("temp_tablespaces", "", "Has no effect: there are no tablespaces."),
        Text("default_table_access_method", "heap", "Sets the default table access method for new tables."),
        Words("default_toast_compression", "pglz", ["pglz", "lz4"], "Has no effect: values are not compressed."),
        Words("plan_cache_mode", "auto", ["auto", "force_generic_plan", "force_custom_plan"], "Has no effect: a prepared statement keeps one plan."),
        Words("password_encryption", "scram-sha-256", ["scram-sha-256"], "Chooses the algorithm for encrypting passwords."),
        Text("lc_messages", "C", "Sets the language in which messages are displayed.", SettingContext.Superuser),
        Text("lc_monetary", "C", "Sets the locale for formatting monetary amounts."),
        Text("lc_numeric", "C", "Sets the locale for formatting numbers."),
        Text("lc_time", "C", "Sets the locale for formatting date and time values."),
        Fixed("lc_collate", "C.UTF-8", "Shows the collation order locale."),
        Fixed("lc_ctype", "C.UTF-8", "Shows the character classification and case conversion locale."),
        Text("default_text_search_config", "pg_catalog.simple", "Sets default text search configuration."),
        Number("gin_fuzzy_search_limit", "0", 0, int.MaxValue, "Has no effect: there is no gin."),
        Text("session_preload_libraries", "", "Lists shared libraries to preload.", SettingContext.Superuser),

        // Planner
        Flag("enable_seqscan", true, "Enables the planner's use of sequential-scan plans."),
        Flag("enable_indexscan", true, "Enables the planner's use of index-scan plans."),
        Flag("enable_indexonlyscan", true, "Has no effect: an index scan reads its rows."),
        Flag("enable_bitmapscan", true, "Enables the planner's use of bitmap-scan plans."),
        Flag("enable_hashjoin", true, "Has no effect: hash join plans are chosen by cost alone."),
        Flag("enable_mergejoin", true, "Has no effect: there are no merge joins."),
        Flag("enable_nestloop", true, "Enables the planner's use of nested-loop join plans."),
        Flag("enable_hashagg", true, "Has no effect: hashed aggregation plans are chosen by cost alone."),
        Flag("enable_sort", true, "Has no effect: explicit sort steps are chosen by cost alone."),
        Flag("enable_material", true, "Has no effect: materialization are chosen by cost alone."),
        Flag("enable_memoize", true, "Has no effect: there is no memoization."),
        Flag("enable_tidscan", true, "Has no effect: TID scan plans are chosen by cost alone."),
        Flag("enable_gathermerge", true, "Has no effect: a query runs in one thread."),
        Flag("enable_parallel_append", true, "Has no effect: a query runs in one thread."),
        Flag("enable_parallel_hash", true, "Has no effect: a query runs in one thread."),
        Flag("enable_incremental_sort", true, "Has no effect: sorts are complete."),
        Flag("enable_partition_pruning", true, "Has no effect: there are no partitions."),
        Flag("enable_partitionwise_join", false, "Has no effect: there are no partitions."),
        Flag("enable_partitionwise_aggregate", false, "Has no effect: there are no partitions."),
        Flag("jit", true, "Has no effect: expressions are compiled once, when a statement is planned."),
        Flag("geqo", true, "Has no effect: join orders are found by cost alone."),
        Number("from_collapse_limit", "8", 1, int.MaxValue, "Has no effect."),
        Number("join_collapse_limit", "8", 1, int.MaxValue, "Has no effect."),
        Real("seq_page_cost", "1", "Has no effect: sets the planner's estimate of the cost of a sequentially fetched disk page."),
        Real("random_page_cost", "4", "Has no effect: sets the planner's estimate of the cost of a nonsequentially fetched disk page."),
        Real("cpu_tuple_cost", "0.01", "Has no effect: sets the planner's estimate of the cost of processing each row."),
        Real("cpu_index_tuple_cost", "0.005", "Has no effect: sets the planner's estimate of the cost of processing each index entry."),
        Real("cpu_operator_cost", "0.0025", "Has no effect: sets the planner's estimate of the cost of processing each operator or function call."),
        Size("effective_cache_size", "524288", "8kB", 1, "Has no effect: files are read through the system's page cache."),
        Number("default_statistics_target", "100", 1, 10000, "Sets the default statistics target."),
        Number("max_parallel_workers_per_gather", "2", 0, 1024, "Has no effect: a query runs in one thread."),
        Number("max_parallel_workers", "8", 0, 1024, "Has no effect: a query runs in one thread."),
        Number("max_parallel_maintenance_workers", "2", 0, 1024, "Sets the maximum number of parallel processes per maintenance operation."),
        Number("min_parallel_table_scan_size", "1024", 0, 715827882, "Has no effect: a query runs in one thread."),
        Size("work_mem", "4096", "kB", 64, "Sets the maximum memory to be used for query workspaces."),
        Real("hash_mem_multiplier", "2", "Multiple of work_mem to use for hash tables.") with { Minimum = 1, Maximum = 1000 },
        Size("temp_file_limit", "-1", "kB", -1, "Limits the total size of all temporary files used by each process.", SettingContext.Superuser),
        Size("query_memory_limit", "0", "kB", 0, "Limits the memory a statement may hold that cannot be put on disk. 0 stands for a quarter of the memory the server may use.", SettingContext.Superuser),
        Size("maintenance_work_mem", "65536", "kB", 64, "Has no effect yet: sets the maximum memory to be used for maintenance operations."),
        Size("temp_buffers", "1024", "8kB", 100, "Has no effect: temporary tables are tables."),
        Size("logical_decoding_work_mem", "65536", "kB", 64, "Has no effect: there is no logical decoding."),

        // Logging
        Words("log_statement", "none", ["none", "ddl", "mod", "all"], "Has no effect yet: sets the type of statements logged.", context: SettingContext.Superuser),
        Time("log_min_duration_statement", "-1", "ms", int.MaxValue, "Has no effect yet: sets the minimum execution time above which all statements will be logged.", SettingContext.Superuser, minimum: -1),
        Words("log_min_messages", "warning", ["debug5", "debug4", "debug3", "debug2", "debug1", "info", "notice", "warning", "error", "log", "fatal", "panic"], "Has no effect yet: sets the message levels that are logged.", context: SettingContext.Superuser),
        Size("log_temp_files", "-1", "kB", -1, "Log the use of temporary files larger than this number of kilobytes.", SettingContext.Superuser),
        Flag("log_connections", false, "Has no effect yet: logs each successful connection.", SettingContext.Superuser),
        Flag("log_disconnections", false, "Has no effect yet: logs end of a session, including duration.", SettingContext.Superuser),
        Flag("track_activities", true, "Collects information about executing commands.", SettingContext.Superuser),

        // Server
        Number("port", "5432", 0, 65535, "Sets the TCP port the server listens on.", SettingContext.Postmaster),
        Text("listen_addresses", "127.0.0.1", "Sets the host name or IP address(es) to listen to.", SettingContext.Postmaster),
        Text("unix_socket_directories", "", "Sets the directories where Unix-domain sockets will be created.", SettingContext.Postmaster),
        Number("max_connections", "200", 1, 262143, "Sets the maximum number of concurrent connections.", SettingContext.Postmaster),
        Number("superuser_reserved_connections", "3", 0, 262143, "Sets the number of connection slots reserved for superusers.", SettingContext.Postmaster),
        Flag("ssl", false, "Enables SSL connections.", SettingContext.Sighup),
        Text("ssl_cert_file", "server.crt", "Location of the SSL server certificate file.", SettingContext.Sighup),
        Text("ssl_key_file", "server.key", "Location of the SSL server private key file.", SettingContext.Sighup),
        Words("ssl_min_protocol_version", "TLSv1.2", ["TLSv1.2", "TLSv1.3"], "Has no effect: TLS 1.2 and 1.3 are spoken. Sets the minimum SSL/TLS protocol version to use.", context: SettingContext.Sighup),
        Time("authentication_timeout", "60", "s", 600, "Has no effect: fixed at 60 seconds. Sets the maximum allowed time to complete client authentication.", SettingContext.Sighup, minimum: 1),
        Text("data_directory", "", "Sets the server's data directory.", SettingContext.Postmaster),
        Text("config_file", "", "Sets the server's main configuration file.", SettingContext.Postmaster),
        Text("hba_file", "", "Has no effect: access is set by command line options.", SettingContext.Postmaster),
        Text("cluster_name", "", "Sets the name of the cluster.", SettingContext.Postmaster),
        Size("shared_buffers", "16384", "8kB", 16, "Has no effect: files are read through the system's page cache.", SettingContext.Postmaster),
        Flag("fsync", true, "Forces synchronization of updates to disk.", SettingContext.Postmaster),
        Flag("full_page_writes", true, "Has no effect: data pages are never overwritten.", SettingContext.Sighup),
        Words("wal_level", "replica", ["minimal", "replica", "logical"], "Has no effect: the log holds whole commits.", context: SettingContext.Postmaster),
        Words("archive_mode", "off", ["off", "on"], "Allows archiving of log files using archive_command.", context: SettingContext.Postmaster),
        Text("archive_command", "", "Sets the shell command that will be called to archive a log file.", SettingContext.Postmaster),
        Time("checkpoint_timeout", "300", "s", 86400, "Sets the maximum time between automatic checkpoints.", SettingContext.Postmaster, minimum: 1),
        Size("max_wal_size", "1024", "MB", 2, "Sets the log size that triggers a checkpoint.", SettingContext.Postmaster),
        Flag("autovacuum", true, "Analyses tables by itself; old row versions go as soon as no snapshot needs them, whatever this says.", SettingContext.Sighup),
        Time("autovacuum_naptime", "10", "s", 2147483, "Time to sleep between looks for tables to analyse.", SettingContext.Sighup, minimum: 1),
        Number("autovacuum_analyze_threshold", "50", 0, int.MaxValue, "Minimum number of tuple inserts, updates, or deletes prior to analyze.", SettingContext.Sighup),
        Real("autovacuum_analyze_scale_factor", "0.1", "Number of tuple inserts, updates, or deletes prior to analyze as a fraction of reltuples.") with { Context = SettingContext.Sighup, Maximum = 100 },
        Number("max_prepared_transactions", "0", 0, 0, "Sets the maximum number of simultaneously prepared transactions.", SettingContext.Postmaster),
        Number("max_locks_per_transaction", "64", 10, int.MaxValue, "Has no effect: the lock table grows as needed.", SettingContext.Postmaster),
        Fixed("server_version_num", ServerVersionNumber, "Shows the server version as an integer.", kind: SettingKind.Integer),
        Fixed("block_size", "8192", "Shows the size of a disk block.", kind: SettingKind.Integer),
        Fixed("max_identifier_length", "63", "Shows the maximum identifier length.", kind: SettingKind.Integer),
        Fixed("max_index_keys", "32", "Shows the maximum number of index keys.", kind: SettingKind.Integer),
        Fixed("max_function_args", "100", "Shows the maximum number of function arguments.", kind: SettingKind.Integer),
        Fixed("wal_block_size", "8192", "Shows the block size in the write ahead log.", kind: SettingKind.Integer),
        Fixed("segment_size", "131072", "Shows the number of pages per disk file.", kind: SettingKind.Integer),
        Fixed("debug_assertions", "off", "Shows whether the running server has assertion checks enabled.", kind: SettingKind.Bool),
        Fixed("data_checksums", "on", "Shows whether data checksums are turned on for this cluster.", kind: SettingKind.Bool),
        .. VectorSettings.All,
    ];

    static readonly FrozenDictionary<string, SettingDefinition> ByName = Definitions.ToFrozenDictionary(setting => setting.Name, StringComparer.OrdinalIgnoreCase);

    public static IReadOnlyList<SettingDefinition> All => Definitions;

    /// <summary>A setting by name in any case; null when the server does not know it.</summary>
    public static SettingDefinition? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The name under which a setting's value is kept: an alias's is the one it stands for.</summary>
    public static string VariableOf(string name) => Find(name)?.Variable ?? name;

    static string[] Isolations => ["serializable", "repeatable read", "read committed", "read uncommitted"];

    static string CheckClientEncoding(string value)
        => ClientEncoding.Find(value)?.Name ?? throw new PgError(SqlState.InvalidParameterValue, $"invalid value for parameter \"client_encoding\": \"{value}\"");

    static SettingDefinition Flag(string name, bool value, string description, SettingContext context = SettingContext.User, bool reported = false)
        => new(name, SettingKind.Bool, value ? "on" : "off", context, description) { IsReported = reported };

    static SettingDefinition Text(string name, string value, string description, SettingContext context = SettingContext.User, bool reported = false, Func<string, string>? check = null)
        => new(name, SettingKind.String, value, context, description) { IsReported = reported, Check = check };

    static SettingDefinition Words(string name, string value, string[] words, string description, bool reported = false, SettingContext context = SettingContext.User)
        => new(name, SettingKind.Enum, value, context, description) { Words = words, IsReported = reported };

    static SettingDefinition Number(string name, string value, double minimum, double maximum, string description, SettingContext context = SettingContext.User)
        => new(name, SettingKind.Integer, value, context, description) { Minimum = minimum, Maximum = maximum };

    static SettingDefinition Real(string name, string value, string description)
        => new(name, SettingKind.Real, value, SettingContext.User, description) { Minimum = 0 };

    static SettingDefinition Time(string name, string value, string unit, double maximum, string description, SettingContext context = SettingContext.User, double minimum = 0)
        => new(name, SettingKind.Integer, value, context, description) { Unit = unit, Minimum = minimum, Maximum = maximum };

    static SettingDefinition Size(string name, string value, string unit, double minimum, string description, SettingContext context = SettingContext.User)
        => new(name, SettingKind.Integer, value, context, description) { Unit = unit, Minimum = minimum, Maximum = int.MaxValue };

    static SettingDefinition Fixed(string name, string value, string description, bool reported = false, SettingKind kind = SettingKind.String)
        => new(name, kind, value, SettingContext.Internal, description) { IsReported = reported, Category = "Preset Options" };
}
