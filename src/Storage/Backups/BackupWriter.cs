using System.Security.Cryptography;

namespace PgVectorCompat.Storage;

/// <summary>
/// Copies files into a new backup. A file that the base, an older backup of the same directory, has with the same contents becomes a
/// second name of it. Zeros are not written: files have their full length from the start, and most of a new one is still empty.
/// </summary>
sealed class BackupWriter
{
    const int BlockBytes = 1 << 20;

    readonly IFileSystem _source;
    readonly DiskFileSystem _target;
    readonly string? _base;
    readonly Dictionary<string, BackupFile> _ofBase = [];
    readonly List<BackupFile> _files = [];
    readonly byte[] _block = new byte[BlockBytes];

    /// <exception cref="IOException">The target exists and is not empty, or the base is no backup of this directory.</exception>
    public BackupWriter(IFileSystem source, long identity, string target, string? basedOn)
    {
        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()) throw new IOException($"{target} exists and is not empty");
        _source = source;
        _base = basedOn;
        if (basedOn is not null)
        {
            var manifest = BackupManifest.Read(basedOn);
            if (manifest.Identity != identity) throw new IOException($"{basedOn} is a backup of another data directory");
            foreach (var file in manifest.Files) _ofBase[file.Name] = file;
        }
        _target = new(target);
    }

    public long CopiedBytes { get; private set; }
    public long LinkedBytes { get; private set; }

    /// <summary>Copies a file; from <paramref name="end"/> on, zeros.</summary>
    public void Add(string name, CancellationToken cancellation, long end = long.MaxValue)
    {
        using var file = _source.Open(name);
        end = Math.Min(end, file.Length);
        if (_ofBase.TryGetValue(name, out var old) && old.Length == file.Length && old.Sha256 == Read(file, end, null, cancellation)
            && DiskFileSystem.TryLink(Path.Combine(_base!, name), _target.PathOf(name)))
        {
            _files.Add(old);
            LinkedBytes += old.Length;
            return;
        }
        using var copy = _target.Create(name, file.Length);
        _files.Add(new(name, file.Length, Read(file, end, copy, cancellation)));
        copy.Flush();
        CopiedBytes += file.Length;
    }

    /// <summary>Adds a file of these contents.</summary>
    public void Add(string name, byte[] bytes)
    {
        using var copy = _target.Create(name, bytes.Length);
        copy.Write(0, bytes);
        copy.Flush();
        _files.Add(new(name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))));
        CopiedBytes += bytes.Length;
    }

    /// <summary>Reads a file, writes it to <paramref name="copy"/> if there is one, and returns its hash.</summary>
    string Read(IFile file, long end, IFile? copy, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var offset = 0L; offset < file.Length; offset += BlockBytes)
        {
            cancellation.ThrowIfCancellationRequested();
            var block = _block.AsSpan(0, (int)Math.Min(BlockBytes, file.Length - offset));
            var read = (int)Math.Clamp(end - offset, 0, block.Length);
            file.Read(offset, block[..read]);
            block[read..].Clear();
            hash.AppendData(block);
            if (copy is not null && block.ContainsAnyExcept((byte)0)) copy.Write(offset, block);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Makes the backup count.</summary>
    public BackupManifest Finish(int format, long identity, DateTimeOffset taken, long endLsn)
    {
        foreach (var folder in new[] { "data", "log", "checkpoint", "index" })
            if (Directory.Exists(Path.Combine(_target.Root, folder))) _target.FlushFolder(folder);
        var manifest = new BackupManifest(format, identity, taken, endLsn, _files);
        manifest.Write(_target);
        return manifest;
    }
}
