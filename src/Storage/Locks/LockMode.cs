namespace PgVectorCompat.Storage;

/// <summary>PostgreSQL's table lock modes, weakest first, with PostgreSQL's numbers.</summary>
public enum LockMode : byte
{
    AccessShare = 1,
    RowShare = 2,
    RowExclusive = 3,
    ShareUpdateExclusive = 4,
    Share = 5,
    ShareRowExclusive = 6,
    Exclusive = 7,
    AccessExclusive = 8,
}
