using System.Buffers.Binary;

namespace PgVectorCompat.Storage;

/// <summary>
/// Which checkpoint is the newest and where the log begins. Two copies, written in turn, each by writing a new file and renaming it: at
/// every instant at least one is whole, and the one with the larger generation counts.
/// </summary>
/// <param name="Identity">Identity of the data directory.</param>
/// <param name="Generation">From 1; odd ones are in the second copy.</param>
/// <param name="Checkpoint">Number of the checkpoint file.</param>
/// <param name="LogFile">Number of the first log file to replay.</param>
/// <param name="StartLsn">Its start.</param>
readonly record struct ControlFile(long Identity, long Generation, long Checkpoint, long LogFile, long StartLsn)
{
    const string NewName = "control.new";

    public static string NameOf(long generation) => generation % 2 == 0 ? "control.0" : "control.1";

    /// <summary>The file: a header whose fields are generation (8), checkpoint (8), log file (8), start LSN (8).</summary>
    public byte[] ToBytes()
    {
        var header = new byte[FileHeader.Size];
        var fields = header.AsSpan(FileHeader.FieldsOffset);
        BinaryPrimitives.WriteInt64LittleEndian(fields, Generation);
        BinaryPrimitives.WriteInt64LittleEndian(fields[8..], Checkpoint);
        BinaryPrimitives.WriteInt64LittleEndian(fields[16..], LogFile);
        BinaryPrimitives.WriteInt64LittleEndian(fields[24..], StartLsn);
        FileHeader.Seal(header, FileHeader.Control, Identity);
        return header;
    }

    public void Write(IFileSystem files, bool sync)
    {
        using (var file = files.Create(NewName, FileHeader.Size))
        {
            file.Write(0, ToBytes());
            if (sync) file.Flush();
        }
        files.Rename(NewName, NameOf(Generation));
        if (sync) files.FlushFolder("");
    }

    /// <summary>The newer of the valid copies; null when the directory has none at all.</summary>
    /// <exception cref="StoreDamagedException">There is a copy, but none is valid.</exception>
    public static ControlFile? Read(IFileSystem files)
    {
        ControlFile? newest = null;
        var any = false;
        for (var copy = 0; copy < 2; copy++)
        {
            if (!files.Exists(NameOf(copy))) continue;
            any = true;
            if (ReadCopy(files, NameOf(copy)) is { } found && (newest is null || found.Generation > newest.Value.Generation)) newest = found;
        }
        return any && newest is null ? throw new StoreDamagedException("both control files are damaged") : newest;
    }

    static ControlFile? ReadCopy(IFileSystem files, string name)
    {
        if (ReadAnyVersion(files, name, out var version) is not { } found) return null;
        return version == FileHeader.FormatVersion ? found : throw new StoreVersionException(name, version, FileHeader.FormatVersion);
    }

    /// <summary>A copy as any version of this program has written it; null when it is damaged.</summary>
    public static ControlFile? ReadAnyVersion(IFileSystem files, string name, out int version)
    {
        using var file = files.Open(name);
        Span<byte> header = stackalloc byte[FileHeader.Size];
        version = 0;
        if (file.Length < FileHeader.Size) return null;
        file.Read(0, header);
        if (!FileHeader.IsUnharmed(header, FileHeader.Control)) return null;
        version = FileHeader.Version(header);
        var fields = header[FileHeader.FieldsOffset..];
        return new ControlFile(
            Identity: FileHeader.Identity(header),
            Generation: BinaryPrimitives.ReadInt64LittleEndian(fields),
            Checkpoint: BinaryPrimitives.ReadInt64LittleEndian(fields[8..]),
            LogFile: BinaryPrimitives.ReadInt64LittleEndian(fields[16..]),
            StartLsn: BinaryPrimitives.ReadInt64LittleEndian(fields[24..]));
    }
}
