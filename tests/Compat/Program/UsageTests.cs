namespace PgVectorCompat.Compat.Program;

/// <summary>What the commands say to wrong arguments: one line and exit code 1, never an unhandled exception.</summary>
[Trait("Part", "program")]
public sealed class UsageTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("usage-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary><c>{}</c> stands for a folder with an empty file <c>file</c>, an empty folder <c>empty</c> and a data directory <c>data</c>.</summary>
    [Theory]
    [InlineData("restore {}/backup --data {}/r --archive {}/empty --until garbage", "is no time")]
    [InlineData("restore {}/backup --data {}/r --until 2026-01-01", "--until needs --archive")]
    [InlineData("restore {}/backup --data {}/r --archive {}/nowhere", "there is no folder")]
    [InlineData("restore {}/backup --data {}/r --archive {}/file", "there is no folder")]
    [InlineData("restore {}/backup --data {}/r --archive {}/empty --until 2099-01-01", "recovery ended before configured recovery target was reached")]
    [InlineData("restore {}/backup --data {}/r --archive {}/empty --until 2000-01-01", "is before the end of the backup")]
    [InlineData("restore {}/empty --data {}/r", "is no complete backup")]
    [InlineData("restore {}/backup --data {}/file", "already exists")]
    [InlineData("backup {}/r --url garbage", "is no postgres:// URL")]
    [InlineData("backup {}/r --url postgres://", "is no postgres:// URL")]
    [InlineData("backup {}/r --data {}/file", "is no data directory")]
    [InlineData("backup {}/r --data {}/data --base {}/empty", "is no complete backup")]
    [InlineData("check --url postgres://127.0.0.1:99999/x", "is no postgres:// URL")]
    [InlineData("check --data {}/empty", "is no data directory")]
    [InlineData("inspect {}/nowhere", "there is no file")]
    [InlineData("inspect {}/empty", "is no data directory")]
    [InlineData("upgrade --data {}/file", "is no data directory")]
    [InlineData("serve --data {}/file --port 0", "already exists")]
    [InlineData("serve --data {}/data --port 99999", "outside the valid range")]
    [InlineData("serve --data {}/data -c port=abc", "invalid value for parameter")]
    [InlineData("init --data {}/file/below", "file/below")]
    public void Says_what_is_wrong_and_leaves_nothing(string command, string words)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "empty"));
        File.Create(Path.Combine(_folder, "file")).Dispose();
        if (command.Contains("{}/data", StringComparison.Ordinal) || command.Contains("{}/backup", StringComparison.Ordinal)) Assert.Equal(0, Run("init --data {}/data").Code);
        if (command.Contains("{}/backup", StringComparison.Ordinal)) Assert.Equal(0, Run("backup {}/backup --data {}/data").Code);

        var (code, said) = Run(command);
        Assert.Equal(1, code);
        Assert.Contains(words, said, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "r")));
    }

    [Fact]
    public void The_lock_of_a_running_server_can_be_looked_at()
    {
        using var server = new RunningProgram([], "serve", "--data", Path.Combine(_folder, "data"), "--port", "0");
        server.WaitUntilReady();
        Assert.Equal((0, "lock: lock, held while the directory is in use"), Run("inspect {}/data/lock"));
        Assert.Equal(0, Run("inspect {}/data").Code);
    }

    (int Code, string Said) Run(string command)
    {
        using var program = new RunningProgram([], [.. command.Split(' ').Select(word => word.Replace("{}", _folder, StringComparison.Ordinal))]);
        var code = program.WaitForExit();
        return (code, string.Join('\n', program.Output) + program.Errors);
    }
}
