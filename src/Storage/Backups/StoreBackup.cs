namespace PgVectorCompat.Storage;

/// <summary>What a backup has taken.</summary>
/// <param name="Manifest">The backup.</param>
/// <param name="CopiedBytes">Bytes of files that were copied.</param>
/// <param name="LinkedBytes">Bytes of files that are the base's.</param>
public sealed record BackupResult(BackupManifest Manifest, long CopiedBytes, long LinkedBytes);

/// <summary>
/// A backup: of an open store while others go on, or of a directory at rest. It is a data directory with a list of its files and their hashes.
/// </summary>
/// <remarks>
/// Online: right after a checkpoint, before another can begin, the files are listed and pinned, and the end of the log is noted. Later checkpoints may
/// make new files, move records to them and let the old ones go; those that are pinned stay until the copy is done. What is written into
/// pinned files meanwhile lies in places that nothing in the backup refers to: behind the noted end of the log, behind the ends of segments, in slots
/// that were free. So the backup has exactly the commits up to its start.
/// </remarks>
public sealed class StoreBackup : IDisposable
{
    readonly Store _store;
    readonly ControlFile _control;
    readonly DateTimeOffset _taken;
    readonly long _end;
    readonly List<string> _names = [];
    readonly IDisposable _pins;

    /// <summary>Called when <paramref name="control"/> has just become that of the newest checkpoint, and no other can begin.</summary>
    internal StoreBackup(Store store, ControlFile control)
    {
        _store = store;
        _control = control;
        _taken = store.Options.Time.GetUtcNow();
        _end = store.Log.EndLsn;
        store.Log.Flush(_end);
        foreach (var folder in new[] { "checkpoint", IndexSnapshotFile.Folder, "log", "data" }) _names.AddRange(store.Files.List(folder));
        _pins = store.Pinned.Pin(_names);
    }

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

    internal BackupResult Run(string target, string? basedOn, CancellationToken cancellation)
    {
        var writer = new BackupWriter(_store.Files, _store.Identity, target, basedOn);
        writer.Add(ControlFile.NameOf(_control.Generation), _control.ToBytes());
        if (_store.Files.Exists(Store.SettingsFileName)) writer.Add(Store.SettingsFileName, cancellation);
        foreach (var name in _names)
        {
            try
            {
                if (name.StartsWith("log/", StringComparison.Ordinal)) AddLog(writer, name, cancellation);
                else writer.Add(name, cancellation);
            }
            catch (FileNotFoundException) when (name.StartsWith("data/", StringComparison.Ordinal))
            {
                // Deleted between being listed and being pinned: of a table whose creation was rolled back.
            }
        }
        var manifest = writer.Finish(FileHeader.FormatVersion, _store.Identity, _taken, _end);
        return new(manifest, writer.CopiedBytes, writer.LinkedBytes);
    }

    void AddLog(BackupWriter writer, string name, CancellationToken cancellation)
    {
        if (LogFile.NumberOf(name) is not (>= 0 and var number) || number < _control.LogFile) return;
        long start;
        using (var log = LogFile.Open(_store.Files, _store.Identity, number)) start = log.StartLsn;
        if (start <= _end) writer.Add(name, cancellation, FileHeader.Size + _end - start);
    }

    public void Dispose() => _pins.Dispose();
}
