namespace PgVectorCompat.Storage;

/// <summary>What a backup has taken.</summary>
/// <param name="Manifest">The backup.</param>
/// <param name="CopiedBytes">Bytes of files that were copied.</param>
/// <param name="LinkedBytes">Bytes of files that are the base's.</param>
public sealed record BackupResult(BackupManifest Manifest, long CopiedBytes, long LinkedBytes);

/// <summary>
/// Takes backups: of an open store while others go on, or of a directory at rest. A backup is a data directory with a list of its files
/// and their hashes.
/// </summary>
/// <remarks>
/// Online: after a checkpoint, no other checkpoint begins until the backup is done. So no file is deleted, no record moved and no slot
/// given out again that was in use; and the log is taken up to where it ended at the start. What transactions write into data files after that lies in
/// places that nothing before refers to. The backup has exactly the commits up to its start.
/// </remarks>
public static class StoreBackup
{
    /// <summary>Backs up a directory that no server has open.</summary>
    /// <exception cref="StoreLockedException">A server has it open: it must take the backup.</exception>
    public static BackupResult Run(DiskFileSystem source, string target, string? basedOn, CancellationToken cancellation)
    {
        using var fileLock = source.Lock("lock");
        var control = ControlFile.Read(source) ?? throw new StoreDamagedException($"{source.Root} is no data directory: it has no control file");
        var writer = new BackupWriter(source, control.Identity, target, basedOn);
        foreach (var name in FileInspector.NamesIn(source)) writer.Add(name, cancellation);
        var manifest = writer.Finish(FileHeader.FormatVersion, control.Identity, DateTimeOffset.UtcNow, endLsn: 0);
        return new(manifest, writer.CopiedBytes, writer.LinkedBytes);
    }

    /// <summary>Called by the checkpointer, which runs no checkpoint meanwhile.</summary>
    internal static BackupResult Run(Store store, ControlFile control, string target, string? basedOn, CancellationToken cancellation)
    {
        var taken = store.Options.Time.GetUtcNow();
        var end = store.Log.EndLsn;
        store.Log.Flush(end);

        var files = store.Files;
        var writer = new BackupWriter(files, store.Identity, target, basedOn);
        writer.Add(ControlFile.NameOf(control.Generation), cancellation);
        foreach (var folder in new[] { "checkpoint", IndexSnapshotFile.Folder })
            foreach (var name in files.List(folder)) writer.Add(name, cancellation);
        foreach (var name in files.List("log"))
        {
            if (LogFile.NumberOf(name) is not (>= 0 and var number) || number < control.LogFile) continue;
            long start;
            using (var log = LogFile.Open(files, store.Identity, number)) start = log.StartLsn;
            if (start <= end) writer.Add(name, cancellation, FileHeader.Size + end - start);
        }
        foreach (var name in files.List("data"))
        {
            try
            {
                writer.Add(name, cancellation);
            }
            catch (FileNotFoundException)
            {
                // Of a table whose creation was rolled back meanwhile.
            }
        }
        var manifest = writer.Finish(FileHeader.FormatVersion, store.Identity, taken, end);
        return new(manifest, writer.CopiedBytes, writer.LinkedBytes);
    }
}
