namespace PgVectorCompat.Storage;

/// <summary>
/// The operations a batch is made of: one byte each, then these fields, little-endian. docs/file-format.md draws them.
/// </summary>
enum LogOperation : byte
{
    /// <summary>transaction id (8): first in every commit of version 1. Read only.</summary>
    Transaction = 1,

    /// <summary>table (4), columns (2), value length per column (4 each).</summary>
    CreateTable = 2,

    /// <summary>table (4).</summary>
    DropTable = 3,

    /// <summary>table (4), segment (4), its file length / 8 (4), offset / 8 (4), record length (4), record, mask of
    /// vector columns whose value follows (8), length of those values together (4), values.</summary>
    Put = 4,

    /// <summary>table (4), segment (4), offset / 8 of the first (4), how many records one behind the other (4): records and vectors
    /// are in their files, synced.</summary>
    Reference = 5,

    /// <summary>table (4), first row (8), how many consecutive rows (4). Read only; written in version 1.</summary>
    Delete = 6,

    /// <summary>database (4), object (4), length (4), record.</summary>
    PutCatalog = 7,

    /// <summary>database (4), object (4).</summary>
    DeleteCatalog = 8,

    /// <summary>database (4), id (4), length (4), state; no bytes removes it.</summary>
    Sequence = 9,

    /// <summary>table (4), length (4) of what follows, then per run of consecutive rows: zigzag difference of its first row to the end of
    /// the run before, varint of its rows.</summary>
    DeleteRuns = 10,

    /// <summary>transaction id (8), time (8; microseconds from 2000-01-01 UTC): first in every commit.</summary>
    TransactionAt = 11,

    /// <summary>table (4), columns (2), value length per column (4 each), then as in <see cref="Put"/> from the segment on: bytes at their
    /// places, which a later reference makes rows.</summary>
    Place = 12,
}
