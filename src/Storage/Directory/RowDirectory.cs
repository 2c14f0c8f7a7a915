using System.Runtime.CompilerServices;

namespace PgVectorCompat.Storage;

/// <summary>The chunks of one table, and the row ids that are free.</summary>
sealed class RowDirectory
{
    readonly Lock _ids = new();
    readonly NumberSet _free = new();
    Chunk?[] _chunks = [];
    long _next;
    long _rowCount;

    /// <summary>One above the largest row id ever used.</summary>
    public long NextRow => Volatile.Read(ref _next);

    /// <summary>Committed rows.</summary>
    public long RowCount => Volatile.Read(ref _rowCount);

    public void AddToRowCount(long change) => Interlocked.Add(ref _rowCount, change);

    public static int IndexOf(long row) => (int)(row & (Chunk.Rows - 1));

    public int ChunkCount => Volatile.Read(ref _chunks).Length;

    public Chunk? ChunkAt(long number)
    {
        var chunks = Volatile.Read(ref _chunks);
        return (ulong)number < (ulong)chunks.Length ? chunks[number] : null;
    }

    /// <summary>The chunk of a row; null when there has never been one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Chunk? Find(long row)
    {
        var chunks = Volatile.Read(ref _chunks);
        var number = row >> Chunk.Shift;
        return (ulong)number < (ulong)chunks.Length ? chunks[number] : null;
    }

    /// <summary>A free row id.</summary>
    public long Allocate(out Chunk chunk)
    {
        lock (_ids)
        {
            if (!_free.TryTake(out var row)) row = _next++;
            chunk = Ensure(row >> Chunk.Shift);
            return row;
        }
    }

    public void Free(long row)
    {
        lock (_ids) _free.Add(row);
    }

    /// <summary>Reports free row ids that have a row.</summary>
    public void CheckFree(uint table, CheckReport report)
    {
        // Under the lock: an id is taken off the list before its row is made, and put on it after the row is gone.
        lock (_ids)
        {
            foreach (var row in _free)
                if (row >= _next || Find(row)?.Newest(IndexOf(row)).Begin is not (null or 0)) report.Add($"table {table} row {row}", "is in use and counts as free");
        }
    }

    /// <summary>Recovery: the chunk of a row that the log names.</summary>
    public Chunk Ensure(long row, bool recovering)
    {
        if (recovering) _next = Math.Max(_next, row + 1);
        return Ensure(row >> Chunk.Shift);
    }

    Chunk Ensure(long number)
    {
        var chunks = _chunks;
        if (number < chunks.Length && chunks[number] is { } known) return known;
        if (number >= chunks.Length)
        {
            Array.Resize(ref chunks, (int)Math.Max(number + 1, number < 16 ? number + 1 : chunks.Length + chunks.Length / 4));
        }
        var chunk = new Chunk();
        Volatile.Write(ref chunks[number], chunk);
        Volatile.Write(ref _chunks, chunks);
        return chunk;
    }

    /// <summary>Recovery: what a checkpoint says.</summary>
    public void Load(long next, int chunkNumber, Chunk chunk)
    {
        _next = Math.Max(_next, next);
        if (chunkNumber >= _chunks.Length) Array.Resize(ref _chunks, chunkNumber + 1);
        _chunks[chunkNumber] = chunk;
    }

    public void LoadNextRow(long next) => _next = Math.Max(_next, next);

    /// <summary>Recovery: finds the free row ids; <paramref name="rows"/> is how many are not.</summary>
    public void FindFree(long rows)
    {
        _rowCount = rows;
        if (rows == _next) return;
        for (var row = 0L; row < _next; row++)
            if (Find(row)?.Newest(IndexOf(row)).Begin is null or 0) _free.Add(row);
    }
}
