namespace PgVectorCompat.Storage;

/// <summary>Archived log that leads a backup on, to its end or up to a moment.</summary>
/// <param name="folder">Folder with archived log files; the <c>log</c> folder of a lost server will do too.</param>
/// <param name="until">Leaves out commits after this moment; null: none. The log must have one, else nobody knows whether it has all before.</param>
public sealed class ArchivedLog(string folder, DateTimeOffset? until)
{
    /// <summary>What can be said before anything is copied.</summary>
    /// <exception cref="IOException">There is no such folder, or the moment is before the end of the backup.</exception>
    internal void Require(BackupManifest backup)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"there is no folder {folder}");
        if (until < backup.Taken)
            throw new IOException($"requested recovery stop point {Text(until.Value)} is before the end of the backup, {Text(backup.Taken)}");
    }

    /// <summary>
    /// Puts archived log behind that of a restored directory, and cuts it before the first commit after the moment asked for. The next start
    /// replays it. Returns the time of the last commit that is left; null when there is none.
    /// </summary>
    /// <exception cref="StoreDamagedException">The log cannot be read, or a file of it is missing.</exception>
    /// <exception cref="IOException">The log ends before the moment asked for.</exception>
    internal DateTimeOffset? LeadOn(DiskFileSystem files, ControlFile control)
    {
        Add(files, control);
        using var reader = new LogReader(files, control.Identity, control.LogFile, control.StartLsn);
        reader.Open();
        DateTimeOffset? last = null;
        while (reader.TryRead(out var header, out var payload))
        {
            if (header.Csn == 0 || CommitTime.OfBatch(payload) is not { } time) continue;
            if (time > until)
            {
                reader.CutAt(header.Lsn);
                return last;
            }
            last = time;
        }
        // Damage, or a file cut short, must not be taken for the end.
        reader.CutTail(sync: true);
        if (until is null) return last;
        throw new IOException("recovery ended before configured recovery target was reached: "
            + (last is { } end ? $"the last commit in the log is of {Text(end)}" : "the log has no commit"));
    }

    static string Text(DateTimeOffset time) => $"{time.ToUniversalTime():yyyy-MM-dd HH:mm:ss.ffffff}Z";

    /// <summary>The newest file of the backup is replaced by its complete self, and those after it follow.</summary>
    void Add(DiskFileSystem files, ControlFile control)
    {
        var number = control.LogFile;
        while (files.Exists(LogFile.NameOf(number + 1))) number++;
        var newest = Directory.EnumerateFiles(folder).Select(path => LogFile.NumberOf(Path.GetFileName(path))).Append(-1).Max();
        for (; number <= newest; number++)
        {
            var path = Path.Combine(folder, Path.GetFileName(LogFile.NameOf(number)));
            if (!File.Exists(path)) throw new StoreDamagedException($"{path} is missing, but there is log after it");
            var bytes = File.ReadAllBytes(path);
            if (bytes.Length < FileHeader.Size || !FileHeader.IsValid(bytes, FileHeader.Log, path))
            {
                // The newest of a lost server may have been made and never written to.
                if (number == newest && !bytes.AsSpan().ContainsAnyExcept((byte)0)) break;
                throw new StoreDamagedException($"{path} has a damaged header");
            }
            if (FileHeader.Identity(bytes) != control.Identity) throw new StoreDamagedException($"{path} belongs to another data directory");
            using var copy = files.Create(LogFile.NameOf(number), bytes.Length);
            copy.Write(0, bytes);
            copy.Flush();
        }
        files.FlushFolder("log");
    }
}
