namespace PgVectorCompat.Storage;

/// <summary>
/// Where the record of a row version is, and what the version is, in 64 bits.
/// <code>
/// 63      deletion: there is no record
/// 62      the write changed a key (or deleted), so it conflicts with FOR KEY SHARE
/// 61..32  segment
/// 31..0   byte offset in the segment, divided by eight
/// </code>
/// </summary>
readonly record struct RowPosition(ulong Bits)
{
    const ulong DeletionBit = 1UL << 63;
    const ulong KeyBit = 1UL << 62;

    public const int MaxSegment = (1 << 30) - 1;

    public RowPosition(int segment, long offset, bool keyChanged = false)
        : this(((ulong)(uint)segment << 32) | (uint)(offset >> 3) | (keyChanged ? KeyBit : 0))
    {
    }

    public static RowPosition Deletion => new(DeletionBit | KeyBit);

    public bool IsDeletion => (Bits & DeletionBit) != 0;
    public bool KeyChanged => (Bits & KeyBit) != 0;
    public int Segment => (int)(Bits >> 32) & MaxSegment;
    public long Offset => (long)(uint)Bits << 3;
    public RowPosition WithoutKey => new(Bits & ~KeyBit);
}
