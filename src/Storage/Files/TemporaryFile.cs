namespace PgVectorCompat.Storage;

/// <summary>
/// Working space of one statement: bytes written and read back, never flushed, gone when it is disposed. It is several files behind
/// each other, each twice as large as the one before up to 64 MB, so that little is reserved for little. Used by one thread at a time.
/// </summary>
public sealed class TemporaryFile : IDisposable
{
    internal const string Folder = "temp";

    const long SmallestPart = 256 << 10;
    const long LargestPart = 64 << 20;

    readonly IFileSystem _files;
    readonly long _number;
    readonly List<IFile> _parts = [];
    readonly List<long> _ends = [];

    internal TemporaryFile(IFileSystem files, long number)
    {
        _files = files;
        _number = number;
    }

    /// <summary>Writes at <paramref name="offset"/>; the space before it is made too. <see cref="StoreFullException"/>.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = PartAt(offset);
            var within = offset - (_ends[part] - _parts[part].Length);
            var piece = bytes[..(int)Math.Min(bytes.Length, _ends[part] - offset)];
            _parts[part].Write(within, piece);
            offset += piece.Length;
            bytes = bytes[piece.Length..];
        }
    }

    /// <summary>Fills <paramref name="bytes"/> from <paramref name="offset"/> on.</summary>
    public void Read(long offset, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = PartAt(offset);
            var piece = bytes[..(int)Math.Min(bytes.Length, _ends[part] - offset)];
            _parts[part].Read(offset - (_ends[part] - _parts[part].Length), piece);
            offset += piece.Length;
            bytes = bytes[piece.Length..];
        }
    }

    int PartAt(long offset)
    {
        var part = 0;
        while (true)
        {
            if (part == _parts.Count) AddPart();
            if (offset < _ends[part]) return part;
            part++;
        }
    }

    void AddPart()
    {
        var length = Math.Min(LargestPart, SmallestPart << Math.Min(_parts.Count, 16));
        _parts.Add(_files.Create(NameOf(_parts.Count), length));
        _ends.Add((_ends.Count == 0 ? 0 : _ends[^1]) + length);
    }

    /// <summary>Its name; parts have a number after it.</summary>
    public string Name => $"{Folder}/{_number}";

    string NameOf(int part) => $"{Name}.{part}";

    public void Dispose()
    {
        for (var part = 0; part < _parts.Count; part++)
        {
            _parts[part].Dispose();
            _files.Delete(NameOf(part));
        }
        _parts.Clear();
        _ends.Clear();
    }
}
