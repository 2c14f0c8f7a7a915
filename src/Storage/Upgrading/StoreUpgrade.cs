namespace PgVectorCompat.Storage;

/// <summary>
/// Brings a data directory from any older format to this program's. Rows, vectors and log stay where they are; what changes is written
/// beside the old and counts from the moment the control file is switched, so a crash on the way leaves a directory that is still the
/// old one, or already the new one, or can be upgraded again.
/// </summary>
public static class StoreUpgrade
{
    /// <summary>The format that upgrading leads to.</summary>
    public static int NewestVersion => FileHeader.FormatVersion;

    /// <summary>The format of a data directory.</summary>
    /// <exception cref="StoreDamagedException">There is no readable control file.</exception>
    public static int VersionOf(IFileSystem files) => ReadControls(files).Min(control => control.Version);

    /// <summary>Upgrades the directory; false when it has this program's format already.</summary>
    /// <exception cref="StoreLockedException">A server has it open.</exception>
    /// <exception cref="StoreVersionException">Its format is newer than this program.</exception>
    public static bool Run(IFileSystem files)
    {
        using var fileLock = files.Lock("lock");
        var controls = ReadControls(files);
        foreach (var (_, version, name) in controls)
            if (version > NewestVersion) throw new StoreVersionException(name, version, NewestVersion);
        if (controls.TrueForAll(control => control.Version == NewestVersion)) return false;

        var newest = controls.MaxBy(control => control.Control.Generation);
        var next = newest.Control;
        if (newest.Version < NewestVersion)
        {
            next = RewriteCheckpoint(files, newest.Control, newest.Version);
            next.Write(files, sync: true);
        }
        // The other copy too, so that no reader meets the old version.
        (next with { Generation = next.Generation + 1 }).Write(files, sync: true);
        foreach (var name in files.List("checkpoint"))
            if (name != CheckpointFile.NameOf(next.Checkpoint)) files.Delete(name);
        return true;
    }

    static List<(ControlFile Control, int Version, string Name)> ReadControls(IFileSystem files)
    {
        var found = new List<(ControlFile, int, string)>();
        for (var copy = 0; copy < 2; copy++)
        {
            var name = ControlFile.NameOf(copy);
            if (files.Exists(name) && ControlFile.ReadAnyVersion(files, name, out var version) is { } control) found.Add((control, version, name));
        }
        return found.Count > 0 ? found : throw new StoreDamagedException("there is no control file, or none is readable: this is no data directory");
    }

    /// <summary>A checkpoint of the new format with everything that the old one and those before it had.</summary>
    static ControlFile RewriteCheckpoint(IFileSystem files, ControlFile old, int version)
    {
        var number = old.Checkpoint + 1;
        var open = new Dictionary<long, IFile>();
        try
        {
            IFile Open(long checkpoint)
            {
                if (!open.TryGetValue(checkpoint, out var file))
                    open.Add(checkpoint, file = CheckpointFile.Open(files, old.Identity, checkpoint, version));
                return file;
            }

            var manifest = CheckpointFile.ReadManifest(Open(old.Checkpoint), version);
            using var target = new FileWriter(files, CheckpointFile.NameOf(number));
            using var buffer = new ByteBuffer();
            for (var i = 0; i < manifest.Tables.Count; i++)
            {
                var chunks = new List<ChunkLocation>();
                foreach (var chunk in manifest.Tables[i].Chunks)
                    chunks.Add(chunk.File == 0 ? chunk : CheckpointFile.AddImage(target, number, CheckpointFile.ReadImage(Open(chunk.File), chunk, version), buffer));
                manifest.Tables[i] = manifest.Tables[i] with { Chunks = chunks };
            }
            buffer.Length = 0;
            manifest.Write(buffer);
            CheckpointFile.Finish(files, target, old.Identity, number, buffer.Written, sync: true);
        }
        finally
        {
            foreach (var file in open.Values) file.Dispose();
        }
        return old with { Generation = old.Generation + 1, Checkpoint = number };
    }
}
