using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Storage;

/// <summary>A file in memory: a private map of a file on disk, or bytes of its own.</summary>
sealed unsafe class OverlayFile : IDisposable
{
    MemoryMappedFile? _mapping;
    MemoryMappedViewAccessor? _view;
    byte* _address;

    OverlayFile(string name) => Name = name;

    public string Name { get; }
    public long Length { get; private set; }
    public byte* Address => _address;

    public static OverlayFile Make(string name, long length) => new(name) { _address = (byte*)NativeMemory.AllocZeroed((nuint)Math.Max(length, 1)), Length = length };

    /// <summary>What is written to the map does not reach the file.</summary>
    public static OverlayFile Read(string name, string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length == 0) return Make(name, 0);
        var file = new OverlayFile(name) { Length = stream.Length };
        file._mapping = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.CopyOnWrite, HandleInheritability.None, leaveOpen: true);
        file._view = file._mapping.CreateViewAccessor(0, file.Length, MemoryMappedFileAccess.CopyOnWrite);
        file._view.SafeMemoryMappedViewHandle.AcquirePointer(ref file._address);
        return file;
    }

    public void SetLength(long length)
    {
        if (_view is not null) throw new InvalidOperationException($"{Name} is mapped");
        _address = (byte*)NativeMemory.Realloc(_address, (nuint)Math.Max(length, 1));
        if (length > Length) NativeMemory.Clear(_address + Length, (nuint)(length - Length));
        Length = length;
    }

    public void Dispose()
    {
        if (_view is null)
        {
            NativeMemory.Free(_address);
        }
        else
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _mapping!.Dispose();
        }
        _address = null;
    }
}

/// <summary>One opening of an <see cref="OverlayFile"/>, which lives as long as its file system.</summary>
sealed unsafe class OverlayHandle(OverlayFile file) : IFile
{
    public string Name => file.Name;
    public long Length => file.Length;

    public void Read(long offset, Span<byte> buffer)
    {
        if (offset + buffer.Length > file.Length) throw new EndOfStreamException($"{Name} ends before byte {offset + buffer.Length}");
        new ReadOnlySpan<byte>(file.Address + offset, buffer.Length).CopyTo(buffer);
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + bytes.Length, file.Length);
        bytes.CopyTo(new Span<byte>(file.Address + offset, bytes.Length));
    }

    public void SetLength(long length) => file.SetLength(length);
    public nint Map() => (nint)file.Address;

    public void Flush()
    {
    }

    public void Dispose()
    {
    }
}
