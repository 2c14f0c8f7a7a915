using System.Diagnostics.CodeAnalysis;

namespace PgVectorCompat.Storage;

/// <summary>
/// Memory for old versions. Beyond <see cref="StoreOptions.OldVersionBytes"/> it is in temporary files mapped into memory: the kernel writes it out when
/// memory is short. No crash or restart keeps it. Files hold blocks of one size; an empty one goes.
/// </summary>
sealed unsafe class VersionSpace(Store store) : IDisposable
{
    const long FileBytes = 16 << 20;

    readonly Lock _gate = new();
    readonly Dictionary<int, List<Extent>> _open = [];
    readonly HashSet<Extent> _all = [];
    readonly Queue<(long Epoch, IFile File)> _retired = [];
    long _memory;

    /// <summary>Part of a file.</summary>
    internal sealed class Block(Extent extent, byte* address, int length)
    {
        public Extent Extent { get; } = extent;
        public byte* Address { get; } = address;
        public int Length { get; } = length;
    }

    internal sealed class Extent(IFile file)
    {
        public IFile File { get; } = file;
        public Stack<Block> Free { get; } = [];
        public int Taken { get; set; }
    }

    /// <summary>A block of so many bytes; null when ordinary memory is to be used: there is enough, or the disk has no room.</summary>
    public Block? TryTake(int bytes)
    {
        lock (_gate)
        {
            if (_memory + bytes <= store.Options.OldVersionBytes || !TryTakeMapped(bytes, out var block))
            {
                _memory += bytes;
                return null;
            }
            return block;
        }
    }

    bool TryTakeMapped(int bytes, [NotNullWhen(true)] out Block? block)
    {
        block = null;
        if (!_open.TryGetValue(bytes, out var extents)) _open.Add(bytes, extents = []);
        if (extents.Count == 0 && !TryAddExtent(bytes, extents)) return false;
        var extent = extents[^1];
        extent.Taken++;
        block = extent.Free.Pop();
        if (extent.Free.Count == 0) extents.RemoveAt(extents.Count - 1);
        return true;
    }

    bool TryAddExtent(int bytes, List<Extent> extents)
    {
        var count = (int)Math.Max(1, FileBytes / bytes);
        IFile file;
        try
        {
            file = store.CreateTemporary((long)count * bytes);
        }
        catch (IOException)
        {
            return false;
        }
        var extent = new Extent(file);
        var start = (byte*)file.Map();
        for (var i = count - 1; i >= 0; i--) extent.Free.Push(new(extent, start + (long)i * bytes, bytes));
        extents.Add(extent);
        _all.Add(extent);
        return true;
    }

    public void ReleaseMemory(int bytes)
    {
        lock (_gate) _memory -= bytes;
    }

    /// <summary>Gives a block back. Its bytes may be others' at once: readers of old versions notice by their chunk's sequence number.</summary>
    public void Release(Block block)
    {
        var extent = block.Extent;
        lock (_gate)
        {
            var extents = _open[block.Length];
            if (extent.Free.Count == 0) extents.Add(extent);
            extent.Free.Push(block);
            if (--extent.Taken > 0) return;
            extents.Remove(extent);
            _all.Remove(extent);
            store.Files.Delete(extent.File.Name);
            _retired.Enqueue((store.Snapshots.EndEpoch(), extent.File));
        }
    }

    /// <summary>Unmaps files nobody can be reading any more.</summary>
    public void CloseRetired()
    {
        lock (_gate)
        {
            if (_retired.Count == 0) return;
            var oldestEpoch = store.Snapshots.OldestEpoch();
            while (_retired.TryPeek(out var retired) && retired.Epoch < oldestEpoch)
            {
                retired.File.Dispose();
                _retired.Dequeue();
            }
        }
    }

    /// <summary>Closes everything, at the end.</summary>
    public void Dispose()
    {
        while (_retired.TryDequeue(out var retired)) retired.File.Dispose();
        foreach (var extent in _all) extent.File.Dispose();
    }
}
