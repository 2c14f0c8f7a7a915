using Npgsql;
using PgVectorCompat.Compat.Drivers;

namespace PgVectorCompat.Compat.Program;

/// <summary><c>pgvc serve</c> from its start to its end: directories, addresses, passwords, the environment of PostgreSQL's image, signals.</summary>
[Trait("Part", "program")]
public sealed class ServeTests : IDisposable
{
    static readonly Dictionary<string, string> NoEnvironment = [];

    readonly string _folder = Directory.CreateTempSubdirectory("serve-").FullName;

    string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    RunningProgram Serve(Dictionary<string, string> environment, params string[] more)
        => new(environment, ["serve", "--data", Data, "--port", "0", .. more]);

    static async Task<object?> Ask(Uri server, string sql, string database = "postgres", string user = "postgres", string? password = null)
    {
        await using var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={server.Port};Username={user};Database={database};Pooling=false{(password is null ? "" : ";Password=" + password)}");
        await connection.OpenAsync();
        return await connection.One(sql);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Makes_its_directory_says_one_line_and_stops_on_a_signal(string signal)
    {
        using (var program = Serve(NoEnvironment))
        {
            var server = program.WaitUntilReady();
            Assert.Equal("postgres,template0,template1", await Ask(server, "SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database"));
            Assert.Equal(true, await Ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'"));
            await Ask(server, "CREATE TABLE kept AS SELECT 42 AS v");
            Assert.Equal(0, program.EndBySignal(signal));
            Assert.Single(program.Output);
        }
        using var again = Serve(NoEnvironment);
        Assert.Equal(42, await Ask(again.WaitUntilReady(), "SELECT v FROM kept"));
    }

    [Fact]
    public async Task Temporary_files_are_logged_from_a_size_on()
    {
        using var program = Serve(NoEnvironment, "-c", "work_mem=64kB");
        var server = program.WaitUntilReady();
        const string Sort = "SET log_temp_files = '{0}'; SELECT count(*) FROM (SELECT i FROM generate_series(1, {1}) i ORDER BY -i OFFSET 1) s";
        await Ask(server, string.Format(Sort, "-1", 50_001));
        await Ask(server, string.Format(Sort, "1GB", 50_002));
        await Ask(server, string.Format(Sort, "0", 50_003));
        program.EndBySignal("TERM");
        Assert.Matches(@"LOG:  temporary file: path ""temp/\d+"", size \d{6,}; STATEMENT: .*50003", program.Errors);
        Assert.DoesNotMatch("5000[12]", program.Errors);
    }

    [Fact]
    public void A_directory_has_one_server()
    {
        using var first = Serve(NoEnvironment);
        first.WaitUntilReady();
        using var second = Serve(NoEnvironment);
        Assert.Equal(1, second.WaitForExit());
        Assert.Contains("in use by process", second.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_keeps_the_superuser_it_was_made_with()
    {
        using (var first = Serve(new() { ["POSTGRES_USER"] = "alice", ["POSTGRES_DB"] = "shop" }))
            Assert.Equal("/shop", first.WaitUntilReady().AbsolutePath);
        using var later = Serve(new() { ["POSTGRES_USER"] = "bob" });
        var server = later.WaitUntilReady();
        Assert.Equal(("alice", "/postgres"), (server.UserInfo, server.AbsolutePath));
        Assert.Equal("alice", await Ask(server, "SELECT current_user::text", user: server.UserInfo));
    }

    [Fact]
    public void Reserved_names_are_refused()
    {
        using var program = Serve(new() { ["POSTGRES_USER"] = "pg_alice" });
        Assert.Equal(1, program.WaitForExit());
        Assert.Contains("role name \"pg_alice\" is reserved", program.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public void A_directory_with_other_things_in_it_is_left_alone()
    {
        Directory.CreateDirectory(Data);
        File.WriteAllText(Path.Combine(Data, "thesis.txt"), "dear");
        using var program = Serve(NoEnvironment);
        Assert.Equal(1, program.WaitForExit());
        Assert.Contains("exists but is not empty", program.Errors, StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFileSystemEntries(Data));
    }

    [Fact]
    public void Stops_on_SIGINT_that_its_shell_ignores()
    {
        using var program = RunningProgram.UnderShell("trap '' INT", "serve", "--data", Data, "--port", "0");
        program.WaitUntilReady();
        Assert.Equal(0, program.EndBySignal("INT"));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("*")]
    public async Task Others_addresses_need_a_password(string host)
    {
        using (var refused = Serve(NoEnvironment, "--host", host))
        {
            Assert.Equal(1, refused.WaitForExit());
            Assert.Contains("has no password", refused.Errors, StringComparison.Ordinal);
        }
        using (var told = Serve(NoEnvironment, "--host", host, "--auth", "trust"))
            Assert.Equal(1, await Ask(told.WaitUntilReady(), "SELECT 1"));
        using (var local = Serve(NoEnvironment))
            await Ask(local.WaitUntilReady(), "ALTER ROLE postgres PASSWORD 'secret'");
        using var guarded = Serve(NoEnvironment, "--host", host);
        Assert.Equal(1, await Ask(guarded.WaitUntilReady(), "SELECT 1", password: "secret"));
    }

    [Fact]
    public async Task The_environment_names_superuser_password_and_database()
    {
        var file = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(file, "from a file\n");
        var environment = new Dictionary<string, string> { ["POSTGRES_USER"] = "alice", ["POSTGRES_PASSWORD_FILE"] = file, ["POSTGRES_DB"] = "shop" };
        using (var program = Serve(environment, "--host", "*"))
        {
            var server = program.WaitUntilReady();
            Assert.Equal("alice shop", await Ask(server, "SELECT current_user || ' ' || current_database()", "shop", "alice", "from a file"));
            var wrong = await Assert.ThrowsAsync<PostgresException>(() => Ask(server, "SELECT 1", "shop", "alice", "guessed"));
            Assert.Equal("28P01", wrong.SqlState);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => Ask(server, "SELECT 1", "shop", "alice"));
        }
        // The rule about addresses asks for the password of the superuser that the environment names.
        using var again = Serve(environment, "--host", "*");
        Assert.Equal(1, await Ask(again.WaitUntilReady(), "SELECT 1", "shop", "alice", "from a file"));
    }

    [Theory]
    [InlineData("work_mem=lots", "invalid value for parameter")]
    [InlineData("no_such_setting=1", "unrecognized configuration parameter")]
    [InlineData("novalue", "requires a value")]
    public void A_bad_setting_is_refused_by_name(string setting, string message)
    {
        using var program = Serve(NoEnvironment, "-c", setting);
        Assert.NotEqual(0, program.WaitForExit());
        Assert.Contains(message, program.Errors, StringComparison.Ordinal);
        Assert.Contains(setting.Split('=')[0], program.Errors, StringComparison.Ordinal);
    }
}
