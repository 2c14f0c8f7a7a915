namespace PgVectorCompat.Storage;

/// <summary>A version that is no longer the newest, kept while some snapshot may need it; 32 bytes.</summary>
struct OldVersion
{
    public RowVersion Version;

    /// <summary>The row in its chunk.</summary>
    public int Row;

    /// <summary>Number of the next in the same bucket; 0: none.</summary>
    public int Next;
}
