using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PgVectorCompat.Storage;

/// <summary>A file of the real disk, its space reserved when it was made, so that writing through the map cannot run out of disk.</summary>
sealed unsafe partial class DiskFile(string name, SafeFileHandle handle, long length) : IFile
{
    MemoryMappedFile? _mapping;
    MemoryMappedViewAccessor? _view;
    byte* _address;

    public string Name { get; } = name;
    public long Length { get; private set; } = length;

    public void Read(long offset, Span<byte> buffer)
    {
        for (var done = 0; done < buffer.Length;)
        {
            var count = RandomAccess.Read(handle, buffer[done..], offset + done);
            if (count == 0) throw new EndOfStreamException($"{Name} ends before byte {offset + buffer.Length}");
            done += count;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + bytes.Length, Length);
        try
        {
            RandomAccess.Write(handle, bytes, offset);
        }
        catch (Exception cause) when (DiskSpace.IsExhausted(cause))
        {
            throw new StoreFullException($"could not write to file \"{Name}\": {DiskSpace.Reason(cause)}", cause);
        }
    }

    public void SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(handle, length);
            Length = length;
        }
        catch (Exception cause) when (DiskSpace.IsExhausted(cause))
        {
            throw new StoreFullException($"could not extend file \"{Name}\": {DiskSpace.Reason(cause)}", cause);
        }
    }

    public nint Map()
    {
        if (_address == null)
        {
            _mapping = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            _view = _mapping.CreateViewAccessor(0, Length, MemoryMappedFileAccess.ReadWrite);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _address);
        }
        return (nint)_address;
    }

    public void BeginFlush()
    {
        const uint write = 2; // SYNC_FILE_RANGE_WRITE: starts, and waits for nothing
        if (OperatingSystem.IsLinux()) _ = SyncFileRange(handle, 0, 0, write);
    }

    public void Flush()
    {
        // On Linux fsync covers what was written through a map; msync would be another fsync, and each empties the disk's cache.
        if (!OperatingSystem.IsLinux()) _view?.Flush();
        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long bytes, uint flags);

    public void Dispose()
    {
        if (_address != null) _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _address = null;
        _view?.Dispose();
        _mapping?.Dispose();
        handle.Dispose();
    }
}
