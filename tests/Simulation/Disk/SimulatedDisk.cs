using PgVectorCompat.Storage;

namespace PgVectorCompat.Simulation;

/// <summary>Power is lost: everything after it fails.</summary>
public sealed class PowerLossException() : IOException("power loss");

/// <summary>
/// A disk in memory whose every fault comes from a seed. What is injected: power loss at a chosen flush, after which a seeded subset of
/// unflushed 512-byte sectors (of written and of mapped data), file creations, deletions and renames has survived; a full disk; a
/// failing flush, after which the disk pretends that later ones succeed; a short write that then fails. What is not: sectors that
/// change after they were flushed (a test does that by hand with <see cref="Corrupt"/>).
/// </summary>
public sealed class SimulatedDisk : IFileSystem
{
    readonly Dictionary<string, SimulatedFile> _names = [];
    readonly Dictionary<string, SimulatedFile> _durableNames = [];
    readonly Random _chance;
    readonly Lock _gate = new();
    bool _locked;

    public SimulatedDisk(int seed) => _chance = new Random(seed);

    /// <summary>Flushes so far, of files and folders.</summary>
    public int Flushes { get; private set; }

    /// <summary>The flush, from 1, in which power is lost; 0 for none.</summary>
    public int LosePowerAt { get; set; }

    /// <summary>The flush, from 1, that fails; 0 for none.</summary>
    public int FailFlushAt { get; set; }

    /// <summary>The write, from 1, that stops half way and fails; 0 for none.</summary>
    public int FailWriteAt { get; set; }

    public int Writes { get; private set; }

    /// <summary>Bytes that fit.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    public bool HasLostPower { get; private set; }

    /// <summary>Whether a flush or a write has failed.</summary>
    public bool HasFailed { get; private set; }

    public long UsedBytes => _names.Values.Distinct().Sum(file => file.Length);

    public long LengthOf(string name) => _names[name].Length;

    public IEnumerable<string> Names => _names.Keys;

    public IDisposable Lock(string name)
    {
        CheckPower();
        if (_locked) throw new StoreLockedException(0);
        _locked = true;
        return new Unlock(this);
    }

    sealed class Unlock(SimulatedDisk disk) : IDisposable
    {
        public void Dispose() => disk._locked = false;
    }

    public IFile Create(string name, long length)
    {
        CheckPower();
        lock (_gate)
        {
            RequireRoom(name, length);
            return new SimulatedHandle(_names[name] = new(this, name, length));
        }
    }

    public IFile Open(string name)
    {
        CheckPower();
        lock (_gate) return new SimulatedHandle(_names.TryGetValue(name, out var file) ? file : throw new FileNotFoundException(name));
    }

    public bool Exists(string name)
    {
        lock (_gate) return _names.ContainsKey(name);
    }

    public IReadOnlyList<string> List(string folder)
    {
        CheckPower();
        lock (_gate) return [.. _names.Keys.Where(name => FolderOf(name) == folder).Order(StringComparer.Ordinal)];
    }

    public void Delete(string name)
    {
        CheckPower();
        lock (_gate) _names.Remove(name);
    }

    public void Rename(string name, string newName)
    {
        CheckPower();
        lock (_gate)
        {
            _names.Remove(name, out var file);
            _names[newName] = file!;
        }
    }

    public void FlushFolder(string folder)
    {
        CountFlush(folder, null);
        lock (_gate)
        {
            foreach (var name in _durableNames.Keys.Where(name => FolderOf(name) == folder).ToList()) _durableNames.Remove(name);
            foreach (var (name, file) in _names)
                if (FolderOf(name) == folder) _durableNames[name] = file;
        }
    }

    /// <summary>Changes one byte as a failing medium would.</summary>
    public void Corrupt(string name, long offset) => _names[name].Corrupt(offset);

    /// <summary>Called before each flush, with the name of the file or folder: what others do meanwhile.</summary>
    public Action<string>? BeforeFlush { get; set; }

    internal void CountFlush(string name, SimulatedFile? file)
    {
        CheckPower();
        BeforeFlush?.Invoke(name);
        int flush;
        lock (_gate) flush = ++Flushes;
        if (flush == LosePowerAt) LosePower();
        if (flush != FailFlushAt) return;
        HasFailed = true;
        file?.LieAboutFlushes();
        throw new IOException("flush failed: Input/output error");
    }

    internal void RequireRoom(string name, long bytes)
    {
        lock (_gate)
            if (bytes > 0 && UsedBytes + bytes > Capacity) throw new StoreFullException($"could not extend file \"{name}\": No space left on device");
    }

    internal bool WriteFails()
    {
        CheckPower();
        var fails = ++Writes == FailWriteAt;
        HasFailed |= fails;
        return fails;
    }

    public void LosePower()
    {
        HasLostPower = true;
        throw new PowerLossException();
    }

    internal void CheckPower()
    {
        if (HasLostPower) throw new PowerLossException();
    }

    /// <summary>The disk as it is found after the power is back.</summary>
    public SimulatedDisk Restart(int seed)
    {
        var disk = new SimulatedDisk(seed);
        // Some crashes lose all that was not flushed, some nothing, most a part.
        var keep = _chance.Next(4) switch { 0 => 0.0, 1 => 1.0, _ => _chance.NextDouble() };
        foreach (var name in _names.Keys.Union(_durableNames.Keys).Order(StringComparer.Ordinal))
        {
            var now = _names.GetValueOrDefault(name);
            var durable = _durableNames.GetValueOrDefault(name);
            var file = now == durable || _chance.NextDouble() < keep ? now : durable;
            if (file is null) continue;
            var survivor = file.Survivor(disk, name, _chance, keep);
            disk._names[name] = survivor;
            disk._durableNames[name] = survivor;
        }
        return disk;
    }

    static string FolderOf(string name) => name.LastIndexOf('/') is >= 0 and var slash ? name[..slash] : "";
}
