namespace PgVectorCompat.Storage;

/// <summary>
/// The one door to disk: everything Storage does to files goes through here, so that tests can crash, tear, fill and fail it.
/// Names are relative, with <c>/</c> between folder and file.
/// </summary>
public interface IFileSystem
{
    /// <summary>Makes an exclusive lock for this process. <see cref="StoreLockedException"/> when another has it.</summary>
    IDisposable Lock(string name);

    /// <summary>Makes a file of <paramref name="length"/> zero bytes with its space reserved, replacing any. <see cref="StoreFullException"/>.</summary>
    IFile Create(string name, long length);

    /// <summary>Opens an existing file. <see cref="FileNotFoundException"/>.</summary>
    IFile Open(string name);

    bool Exists(string name);

    /// <summary>Names (folder included) of the files in a folder, in no order; none when the folder is missing.</summary>
    IReadOnlyList<string> List(string folder);

    /// <summary>Deletes a file if it exists.</summary>
    void Delete(string name);

    /// <summary>Renames a file, replacing any of the new name, in one step.</summary>
    void Rename(string name, string newName);

    /// <summary>Makes creations, deletions and renames in a folder durable.</summary>
    void FlushFolder(string folder);
}

/// <summary>An open file.</summary>
public interface IFile : IDisposable
{
    string Name { get; }
    long Length { get; }

    /// <summary>Reads into all of <paramref name="buffer"/>. <see cref="EndOfStreamException"/> past the end.</summary>
    void Read(long offset, Span<byte> buffer);

    /// <summary>Writes all of <paramref name="bytes"/> inside the file's length; durable after <see cref="Flush"/>.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Makes a file that is not mapped longer (by zeros) or shorter. <see cref="StoreFullException"/>, now or at the write that needs the room.</summary>
    void SetLength(long length);

    /// <summary>The whole file as memory, readable and writable until the file is disposed; writes are durable after <see cref="Flush"/>.</summary>
    nint Map();

    /// <summary>Lets the disk begin with what <see cref="Flush"/> will wait for, so that several files are written at once. Promises nothing.</summary>
    void BeginFlush() { }

    /// <summary>Makes all writes durable, also those through <see cref="Map"/>. After a failure nothing is known of unflushed writes.</summary>
    void Flush();
}
