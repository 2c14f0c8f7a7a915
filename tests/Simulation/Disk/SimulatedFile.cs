using System.Runtime.InteropServices;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Simulation;

/// <summary>A file of a <see cref="SimulatedDisk"/>: what programs see, and what would survive a power loss.</summary>
sealed class SimulatedFile
{
    const int Sector = 512;

    readonly SimulatedDisk _disk;
    // Pinned: whoever maps the file has its address for as long as this object lives.
    byte[] _memory;
    byte[] _durable;
    bool _isMapped;
    bool _everFlushed;
    bool _liesAboutFlushes;

    internal SimulatedFile(SimulatedDisk disk, string name, long length)
    {
        _disk = disk;
        Name = name;
        _memory = GC.AllocateArray<byte>((int)length, pinned: true);
        _durable = new byte[length];
    }

    public string Name { get; }
    public long Length => _memory.Length;

    Span<byte> Memory => _memory;

    public void Read(long offset, Span<byte> buffer)
    {
        _disk.CheckPower();
        if (offset + buffer.Length > Length) throw new EndOfStreamException(Name);
        Memory.Slice((int)offset, buffer.Length).CopyTo(buffer);
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + bytes.Length, Length);
        var fails = _disk.WriteFails();
        if (fails) bytes = bytes[..(bytes.Length / 2)];
        bytes.CopyTo(Memory[(int)offset..]);
        if (fails) throw new IOException("write failed: Input/output error");
    }

    public void SetLength(long length)
    {
        _disk.CheckPower();
        if (_isMapped) throw new InvalidOperationException($"{Name} is mapped");
        _disk.RequireRoom(Name, length - Length);
        var memory = GC.AllocateArray<byte>((int)length, pinned: true);
        _memory.AsSpan(0, (int)Math.Min(length, Length)).CopyTo(memory);
        _memory = memory;
    }

    public nint Map()
    {
        _disk.CheckPower();
        _isMapped = true;
        return Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
    }

    public void Flush()
    {
        _disk.CountFlush(Name, this);
        if (_liesAboutFlushes) return;
        _durable = _memory.ToArray();
        _everFlushed = true;
    }

    internal void LieAboutFlushes() => _liesAboutFlushes = true;

    internal void Corrupt(long offset)
    {
        _memory[offset] ^= 0x55;
        if (offset < _durable.Length) _durable[offset] ^= 0x55;
    }

    /// <summary>What is left of the file: flushed sectors, and some of the others.</summary>
    internal SimulatedFile Survivor(SimulatedDisk disk, string name, Random chance, double keep)
    {
        // A file that was never flushed may have its name and nothing else.
        var length = _everFlushed || chance.NextDouble() < 0.7 ? Length : 0;
        // A change of length is as uncertain as any write.
        if (_everFlushed && _durable.Length != Length && chance.NextDouble() >= keep) length = _durable.Length;
        var survivor = new SimulatedFile(disk, name, length) { _everFlushed = true };
        for (var start = 0; start < length; start += Sector)
        {
            var size = (int)Math.Min(Sector, length - start);
            var now = SectorOf(_memory, start, size);
            var durable = SectorOf(_durable, start, size);
            var kept = now.SequenceEqual(durable) || chance.NextDouble() >= keep ? durable : now;
            kept.CopyTo(survivor.Memory[start..]);
            kept.CopyTo(survivor._durable.AsSpan(start));
        }
        return survivor;
    }

    /// <summary>A sector's bytes; behind the end, zeros.</summary>
    static ReadOnlySpan<byte> SectorOf(byte[] bytes, int start, int size)
    {
        if (start + size <= bytes.Length) return bytes.AsSpan(start, size);
        var sector = new byte[size];
        if (start < bytes.Length) bytes.AsSpan(start).CopyTo(sector);
        return sector;
    }
}

/// <summary>One opening of a file. What is done through a closed one is a mistake of the program, not of the disk.</summary>
sealed class SimulatedHandle(SimulatedFile file) : IFile
{
    bool _isClosed;

    SimulatedFile File => _isClosed ? throw new InvalidOperationException($"{file.Name} is used after it was closed") : file;

    public string Name => file.Name;
    public long Length => file.Length;
    public void Read(long offset, Span<byte> buffer) => File.Read(offset, buffer);
    public void Write(long offset, ReadOnlySpan<byte> bytes) => File.Write(offset, bytes);
    public void SetLength(long length) => File.SetLength(length);
    public nint Map() => File.Map();
    public void Flush() => File.Flush();
    public void Dispose() => _isClosed = true;
}
