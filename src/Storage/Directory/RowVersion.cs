namespace PgVectorCompat.Storage;

/// <summary>The newest version of one row, 24 bytes; the directory is arrays of these.</summary>
/// <param name="Begin">Its <see cref="Stamp"/>; 0 when there is no row.</param>
/// <param name="Position">Its record, or that it is a deletion.</param>
/// <param name="Command">While uncommitted, the command that wrote it.</param>
/// <param name="Slot">Slot of the first vector column, so that exact search need not touch the record; -1 for NULL.</param>
record struct RowVersion(long Begin, RowPosition Position, int Command, int Slot);

/// <summary>A version that nobody can see any more, unlinked but its space not yet given back.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Version">The version; never a deletion.</param>
/// <param name="FreeColumns">Bit i: no other version of the row has the same slot of vector column i.</param>
readonly record struct DroppedVersion(long Row, RowVersion Version, ulong FreeColumns);
