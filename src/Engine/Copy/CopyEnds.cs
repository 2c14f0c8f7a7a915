using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>Where a COPY's bytes come from and go to: the client, or a file of the server.</summary>
internal static class CopyEnds
{
    /// <summary>Files of the server are for superusers. Raises 42501.</summary>
    public static void RequireFileAccess(Sql.CopyStatement statement, UtilityCall call)
    {
        if (statement.FileName is null || Privileges.IsSuperuser(call.Context.Snapshot, call.Session.CurrentRole)) return;
        var (role, verb) = statement.IsFrom ? ("pg_read_server_files", "from") : ("pg_write_server_files", "to");
        throw new PgError(SqlState.InsufficientPrivilege, $"must be superuser or have privileges of the {role} role to COPY {verb} a file")
        {
            Hint = "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.",
        };
    }

    public sealed class Input(CopySource source, Stream? file) : IDisposable
    {
        public CopyBuffer Buffer { get; } = new(source);

        public void Dispose() => file?.Dispose();
    }

    /// <summary>Starts reading. Raises 58P01 and 42809 for files.</summary>
    public static Input OpenSource(Sql.CopyStatement statement, CopyOptions options, int columns, UtilityCall call)
    {
        if (statement.FileName is null)
            return new(Decoded(call.Client.BeginCopyIn(options.WireFormat, columns).Read, options, call), null);
        if (Directory.Exists(statement.FileName))
            throw new PgError(SqlState.WrongObjectType, $"\"{statement.FileName}\" is a directory");
        var file = Opened(statement.FileName, "reading", "COPY FROM instructs the PostgreSQL server process to read a file.", File.OpenRead);
        return new(Decoded(file.Read, options, call), file);
    }

    static CopySource Decoded(CopySource source, CopyOptions options, UtilityCall call)
        => options.Conversion(call.Session.TypeSettings) is { } encoding ? new EncodedSource(source, encoding).Read : source;

    static CopySink Encoded(CopySink sink, CopyOptions options, UtilityCall call)
        => options.Conversion(call.Session.TypeSettings) is { } encoding ? data => sink(encoding.FromUtf8(data)) : sink;

    public sealed class Output(CopySink sink, Action finish, Stream? file) : IDisposable
    {
        public void Write(ReadOnlySpan<byte> data) => sink(data);
        public void Finish() => finish();

        public void Dispose()
        {
            try
            {
                file?.Dispose();
            }
            catch (Exception error) when (DiskSpace.IsExhausted(error))
            {
                // The statement has failed with it already.
            }
        }
    }

    /// <summary>Starts writing. Raises 42602, 58P01 and 42501 for files.</summary>
    public static Output OpenSink(Sql.CopyStatement statement, CopyOptions options, int columns, UtilityCall call)
    {
        if (statement.FileName is null)
        {
            call.Client.BeginCopyOut(options.WireFormat, columns);
            return new(Encoded(call.Client.CopyData, options, call), call.Client.EndCopyOut, null);
        }
        if (!Path.IsPathFullyQualified(statement.FileName))
            throw new PgError(SqlState.InvalidName, "relative path not allowed for COPY to file");
        if (Directory.Exists(statement.FileName))
            throw new PgError(SqlState.WrongObjectType, $"\"{statement.FileName}\" is a directory");
        var file = Opened(statement.FileName, "writing", "COPY TO instructs the PostgreSQL server process to write a file.", File.Create);
        return new(Encoded(data => Write(file, data), options, call), () => Write(file, []), file);
    }

    /// <summary>Writes, and what was buffered too when there is nothing more to come.</summary>
    static void Write(FileStream file, ReadOnlySpan<byte> data)
    {
        try
        {
            if (data.IsEmpty) file.Flush();
            else file.Write(data);
        }
        catch (Exception error) when (DiskSpace.IsExhausted(error))
        {
            throw new PgError(SqlState.DiskFull, $"could not write to COPY file: {DiskSpace.Reason(error)}");
        }
    }

    static FileStream Opened(string name, string purpose, string hint, Func<string, FileStream> open)
    {
        try
        {
            return open(name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var (state, reason) = error switch
            {
                FileNotFoundException or DirectoryNotFoundException => (SqlState.UndefinedFile, "No such file or directory"),
                UnauthorizedAccessException => (SqlState.InsufficientPrivilege, "Permission denied"),
                _ => (SqlState.IoError, error.Message),
            };
            throw new PgError(state, $"could not open file \"{name}\" for {purpose}: {reason}")
            {
                Hint = hint + " You may want a client-side facility such as psql's \\copy.",
            };
        }
    }
}
