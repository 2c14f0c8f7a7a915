using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Statistics;

/// <summary>
/// What EXPLAIN (BUFFERS) and the pg_statio views count as a block, by what was asked for: a scan of a whole table or of one vector column has its files'
/// 8 kB pieces; a row reached by its id, or written, is one; so is a node of a B-tree, an entry written to one, and a candidate that a vector
/// index gives. There is no buffer cache: files are mapped and the system's page cache keeps them, so that all blocks are hits and none are read.
/// </summary>
static class Blocks
{
    /// <summary>Bytes of a block of a file.</summary>
    public const int Bytes = 8192;

    /// <summary>All rows of a table, without its vector columns.</summary>
    public static long OfRows(Table rows) => Math.Max(1, rows.WrittenRowBytes / Bytes);

    /// <summary>So many values of a vector column.</summary>
    public static long OfVectors(long count, int valueBytes) => Math.Max(1, count * valueBytes / Bytes);
}
