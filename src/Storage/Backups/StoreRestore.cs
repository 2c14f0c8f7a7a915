using System.Security.Cryptography;

namespace PgVectorCompat.Storage;

/// <summary>Makes a data directory of a backup, comparing every file with the hash that was taken of it.</summary>
public static class StoreRestore
{
    const int BlockBytes = 1 << 20;

    /// <summary>
    /// Copies the backup to <paramref name="target"/>, which must be missing or empty, and leads it on by <paramref name="archive"/>. Nothing is left
    /// there when it fails, and nothing there is a data directory before all is done.
    /// </summary>
    /// <exception cref="StoreDamagedException">The backup is not what was written, or the archived log has a gap.</exception>
    /// <exception cref="IOException">The target is not empty, a folder is missing, or the archive does not reach the moment asked for.</exception>
    public static RestoreResult Run(string backup, string target, ArchivedLog? archive, CancellationToken cancellation)
    {
        var isNew = !Directory.Exists(target);
        if (!isNew && Directory.EnumerateFileSystemEntries(target).Any()) throw new IOException($"{target} exists and is not empty");
        var manifest = BackupManifest.Read(backup);
        if (manifest.Format != FileHeader.FormatVersion) throw new StoreVersionException(Path.Combine(backup, BackupManifest.FileName), manifest.Format, FileHeader.FormatVersion);
        archive?.Require(manifest);
        var files = new DiskFileSystem(target);
        try
        {
            // The control file last: without it there is no data directory.
            foreach (var file in manifest.Files.Where(file => !IsControl(file))) Copy(backup, file, files, cancellation);
            var last = archive?.LeadOn(files, ControlFile.Read(new DiskFileSystem(backup)) ?? throw new StoreDamagedException($"{backup} has no control file"));
            foreach (var folder in manifest.Files.Select(file => Path.GetDirectoryName(file.Name)!).Where(folder => folder.Length > 0).Distinct().ToList()) files.FlushFolder(folder);
            foreach (var file in manifest.Files.Where(IsControl)) Copy(backup, file, files, cancellation);
            files.FlushFolder("");
            return new(manifest, last);
        }
        catch
        {
            foreach (var folder in Directory.GetDirectories(target)) Directory.Delete(folder, recursive: true);
            foreach (var file in Directory.GetFiles(target)) File.Delete(file);
            if (isNew) Directory.Delete(target);
            throw;
        }
    }

    static bool IsControl(BackupFile file) => file.Name.StartsWith("control", StringComparison.Ordinal);

    /// <summary>Reads the whole backup and compares it with its hashes.</summary>
    /// <exception cref="StoreDamagedException">It is not what was written.</exception>
    public static BackupManifest Verify(string backup, CancellationToken cancellation)
    {
        var manifest = BackupManifest.Read(backup);
        foreach (var file in manifest.Files) Copy(backup, file, null, cancellation);
        return manifest;
    }

    static void Copy(string backup, BackupFile expected, DiskFileSystem? target, CancellationToken cancellation)
    {
        var path = Path.Combine(backup, expected.Name);
        if (!File.Exists(path)) throw new StoreDamagedException($"the backup is damaged: {path} is missing");
        using var source = File.OpenRead(path);
        if (source.Length != expected.Length) throw new StoreDamagedException($"the backup is damaged: {path} has {source.Length} bytes instead of {expected.Length}");
        using var copy = target?.Create(expected.Name, expected.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockBytes];
        for (var offset = 0L; offset < expected.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = source.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
            var bytes = block.AsSpan(0, count);
            hash.AppendData(bytes);
            if (copy is not null && bytes.ContainsAnyExcept((byte)0)) copy.Write(offset, bytes);
            offset += count;
        }
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != expected.Sha256) throw new StoreDamagedException($"the backup is damaged: {path} is not what was backed up");
        copy?.Flush();
    }
}

/// <summary>What was restored.</summary>
/// <param name="Manifest">The backup.</param>
/// <param name="LastCommit">Time of the newest commit that the log has, of the backup or the archive; null when there is none, or no archive was asked for.</param>
public sealed record RestoreResult(BackupManifest Manifest, DateTimeOffset? LastCommit);
