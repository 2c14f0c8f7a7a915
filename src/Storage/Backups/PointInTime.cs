namespace PgVectorCompat.Storage;

/// <summary>Leads a restored data directory on by archived log, up to a moment.</summary>
public static class PointInTime
{
    /// <summary>
    /// Puts archived log behind that of a restored directory, and cuts it before the first commit after <paramref name="until"/> (null:
    /// nowhere). The next start replays it. Returns the time of the last commit that is left; null when there is none.
    /// </summary>
    /// <param name="target">The restored directory, not yet started.</param>
    /// <param name="archive">Folder with archived log files; the <c>log</c> folder of a lost server will do too.</param>
    /// <param name="until">The moment.</param>
    /// <exception cref="StoreDamagedException">The directory's log cannot be read.</exception>
    public static DateTimeOffset? Run(string target, string archive, DateTimeOffset? until)
    {
        var files = new DiskFileSystem(target);
        var control = ControlFile.Read(files) ?? throw new StoreDamagedException($"{target} is no data directory: it has no control file");
        AddLog(files, control, archive);

        using var reader = new LogReader(files, control.Identity, control.LogFile, control.StartLsn);
        reader.Open();
        DateTimeOffset? last = null;
        while (reader.TryRead(out var header, out var payload))
        {
            if (header.Csn == 0 || CommitTime.OfBatch(payload) is not { } time) continue;
            if (time > until)
            {
                reader.CutAt(header.Lsn);
                break;
            }
            last = time;
        }
        return last;
    }

    /// <summary>The newest file of the backup is replaced by its complete self, and those after it follow.</summary>
    static void AddLog(DiskFileSystem files, ControlFile control, string archive)
    {
        var number = control.LogFile;
        while (files.Exists(LogFile.NameOf(number + 1))) number++;
        for (; Path.Combine(archive, Path.GetFileName(LogFile.NameOf(number))) is var path && File.Exists(path); number++)
        {
            var bytes = File.ReadAllBytes(path);
            var name = LogFile.NameOf(number);
            if (bytes.Length < FileHeader.Size || !FileHeader.IsValid(bytes, FileHeader.Log, path)) throw new StoreDamagedException($"{path} has a damaged header");
            if (FileHeader.Identity(bytes) != control.Identity) throw new StoreDamagedException($"{path} belongs to another data directory");
            using var copy = files.Create(name, bytes.Length);
            copy.Write(0, bytes);
            copy.Flush();
        }
        files.FlushFolder("log");
    }
}
