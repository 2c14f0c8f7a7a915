using System.Buffers.Binary;
using System.Globalization;

namespace PgVectorCompat.Storage;

/// <summary>One file of the redo log: a header, then batches one after the other, then zeros.</summary>
sealed class LogFile : IDisposable
{
    public LogFile(IFile file, long number, long startLsn)
    {
        File = file;
        Number = number;
        StartLsn = startLsn;
    }

    public IFile File { get; }
    public long Number { get; }

    /// <summary>LSN of the first batch, which lies right behind the header.</summary>
    public long StartLsn { get; }

    /// <summary>One above the last LSN that fits.</summary>
    public long LimitLsn => StartLsn + File.Length - FileHeader.Size;

    public long OffsetOf(long lsn) => lsn - StartLsn + FileHeader.Size;

    public static string NameOf(long number) => string.Create(CultureInfo.InvariantCulture, $"log/{number:x16}.log");

    /// <summary>The number in a file name; -1 when it is no log file's.</summary>
    public static long NumberOf(string name)
        => name.EndsWith(".log", StringComparison.Ordinal)
            && long.TryParse(Path.GetFileNameWithoutExtension(name), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) ? number : -1;

    /// <summary>Header fields: number (8), start LSN (8).</summary>
    /// <param name="files">The data directory.</param>
    /// <param name="identity">Its identity.</param>
    /// <param name="number">Number of the file.</param>
    /// <param name="startLsn">LSN of its first batch.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="reserve">An empty file that becomes this one; null: it is made.</param>
    public static LogFile Create(IFileSystem files, long identity, long number, long startLsn, long length, string? reserve = null)
    {
        if (reserve is not null) files.Rename(reserve, NameOf(number));
        var file = reserve is null ? files.Create(NameOf(number), length) : files.Open(NameOf(number));
        try
        {
            Span<byte> header = stackalloc byte[FileHeader.Size];
            header.Clear();
            BinaryPrimitives.WriteInt64LittleEndian(header[FileHeader.FieldsOffset..], number);
            BinaryPrimitives.WriteInt64LittleEndian(header[(FileHeader.FieldsOffset + 8)..], startLsn);
            FileHeader.Seal(header, FileHeader.Log, identity);
            file.Write(0, header);
            return new(file, number, startLsn);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static LogFile Open(IFileSystem files, long identity, long number)
    {
        var file = DataFiles.OpenChecked(files, NameOf(number), FileHeader.Log, identity);
        Span<byte> header = stackalloc byte[FileHeader.Size];
        file.Read(0, header);
        return new(file, number, BinaryPrimitives.ReadInt64LittleEndian(header[(FileHeader.FieldsOffset + 8)..]));
    }

    public void Dispose() => File.Dispose();
}
