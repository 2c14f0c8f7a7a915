using System.Diagnostics;
using Npgsql;
using PgVectorCompat.Compat.Drivers;
using Xunit.Abstractions;

namespace PgVectorCompat.Compat.Program;

/// <summary>A server whose disk is full, or whose files may not grow: statements fail with 53100, everything else goes on.</summary>
[Trait("Part", "program")]
public sealed class FullDiskTests(ITestOutputHelper output) : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("full-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static async Task<NpgsqlConnection> Connect(Uri server)
    {
        var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={server.Port};Username=postgres;Database=postgres;Pooling=false;Command Timeout=300");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>On a connection of its own: Npgsql closes one after an error of class 53, though the server does not.</summary>
    static async Task AssertFull(Uri server, string sql)
    {
        await using var connection = await Connect(server);
        Assert.Equal("53100", (await Assert.ThrowsAsync<PostgresException>(() => connection.One(sql))).SqlState);
    }

    [Fact]
    public async Task A_limit_on_the_size_of_files_fails_the_statement_only()
    {
        if (OperatingSystem.IsWindows())
        {
            output.WriteLine("not run: there is no ulimit");
            return;
        }
        using var program = RunningProgram.UnderShell("ulimit -f 40000", "serve", "--data", Path.Combine(_folder, "data"), "--port", "0");
        var server = program.WaitUntilReady();
        await using var connection = await Connect(server);
        await connection.One("CREATE TABLE kept AS SELECT 42 AS v");
        await AssertFull(server, $"COPY (SELECT repeat('y', 1000) FROM generate_series(1, 100000)) TO '{Path.Combine(_folder, "copy")}'");
        // In parts of at most 64 MB, of which the shell's limit (in units of 512 bytes) lets a third be.
        await AssertFull(server, "SET work_mem = '64kB'; SELECT count(*) FROM (SELECT a FROM generate_series(1, 3000000) a ORDER BY a::text DESC) s");
        Assert.Equal(42, await connection.One("SELECT v FROM kept"));
        await connection.One("CHECKPOINT");
    }

    /// <summary>On a small file system of its own, which only root may make.</summary>
    [Fact]
    public async Task A_full_disk_has_room_again_after_the_statement_that_filled_it()
    {
        var disk = Path.Combine(_folder, "disk");
        Directory.CreateDirectory(disk);
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || Run("mount", "-t", "tmpfs", "-o", "size=120m", "tmpfs", disk) != 0)
        {
            output.WriteLine("not run: a small file system can be mounted by root only, and not in every container");
            return;
        }
        try
        {
            var data = Path.Combine(disk, "data");
            using (var program = new RunningProgram([], "serve", "--data", data, "--port", "0"))
            {
                var server = program.WaitUntilReady();
                await using var connection = await Connect(server);
                await connection.One("CREATE EXTENSION vector; CREATE TABLE small (v int); CREATE TABLE large (v int, t text, e vector(100))");
                for (var round = 0; round < 4; round++)
                {
                    await AssertFull(server, "INSERT INTO large SELECT i, repeat('x', 500), array_fill(i, ARRAY[100])::vector FROM generate_series(1, 1000000) i");
                    for (var i = 0; i < 20; i++) await connection.One("INSERT INTO small VALUES (1); INSERT INTO large VALUES (1, 'kept', NULL)");
                    await connection.One("CHECKPOINT");
                }
                program.EndBySignal("KILL");
            }
            using (var again = new RunningProgram([], "serve", "--data", data, "--port", "0"))
            {
                await using var connection = await Connect(again.WaitUntilReady());
                Assert.Equal(80L, await connection.One("SELECT count(*) FROM small"));
                Assert.Equal(80L, await connection.One("SELECT count(*) FROM large"));
                Assert.Equal(0L, await connection.One("SELECT count(*) FROM pgvc_check()"));
                Assert.Equal(0, again.EndBySignal("TERM"));
            }
        }
        finally
        {
            Run("umount", disk);
        }
    }

    static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
