using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>
/// A statement's space on disk for rows that do not fit work_mem: pieces of a temporary file, given out and taken back. The file goes when
/// the statement ends.
/// </summary>
sealed class TemporarySpace(Session session) : IDisposable
{
    /// <summary>Pieces are multiples of this; one of exactly this size is used again.</summary>
    public const int PieceBytes = 32 << 10;

    readonly Stack<long> _free = [];
    readonly long _limit = session.Settings.Integer("temp_file_limit") * 1024L;
    TemporaryFile? _file;
    long _end;

    /// <summary>Bytes in use or given back, all that the file takes.</summary>
    public long Bytes => _end;

    /// <summary>Objects of classes that have no image; rows on disk name them by their place here.</summary>
    public List<object> Kept { get; } = [];

    /// <summary>Writes a piece and says where it is. Raises 53400.</summary>
    public long Write(ReadOnlySpan<byte> bytes)
    {
        _file ??= session.Cluster.Store.CreateTemporaryFile();
        if (bytes.Length > PieceBytes || !_free.TryPop(out var place))
        {
            place = _end;
            Grow((bytes.Length + PieceBytes - 1) / PieceBytes * (long)PieceBytes);
        }
        _file.Write(place, bytes);
        return place;
    }

    void Grow(long bytes)
    {
        if (_limit >= 0 && session.TemporaryBytes + bytes > _limit)
            throw new PgError("53400", $"temporary file size exceeds temp_file_limit ({_limit / 1024}kB)");
        session.TemporaryBytes += bytes;
        _end += bytes;
    }

    public void Read(long place, Span<byte> bytes) => _file!.Read(place, bytes);

    /// <summary>Takes a piece back.</summary>
    public void Free(long place, int length)
    {
        for (var end = place + length; place < end; place += PieceBytes)
            _free.Push(place);
    }

    public void Dispose()
    {
        session.TemporaryBytes -= _end;
        if (_file is not null)
        {
            session.Cluster.ActivityOf(session.DatabaseOid).CountTemporaryFile(_end);
            _file.Dispose();
            Report(_file.Name);
        }
        (_file, _end) = (null, 0);
    }

    // As PostgreSQL: 0 reports every file, -1 none.
    void Report(string name)
    {
        if (session.Settings.Integer("log_temp_files") is >= 0 and var least && _end >= least * 1024L)
            session.Cluster.Log($"LOG:  temporary file: path \"{name}\", size {_end}; STATEMENT:  {session.ActivityText}");
    }
}
