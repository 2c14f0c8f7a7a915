namespace PgVectorCompat.Storage;

/// <summary>PostgreSQL's four row lock strengths, weakest first.</summary>
public enum RowLockMode : byte
{
    /// <summary>FOR KEY SHARE: conflicts with <see cref="Update"/> only. Taken by foreign key checks.</summary>
    KeyShare,

    /// <summary>FOR SHARE: conflicts with <see cref="NoKeyUpdate"/> and <see cref="Update"/>.</summary>
    Share,

    /// <summary>FOR NO KEY UPDATE: conflicts with all but <see cref="KeyShare"/>. Implied by an UPDATE that changes no key column.</summary>
    NoKeyUpdate,

    /// <summary>FOR UPDATE: conflicts with all. Implied by DELETE and by an UPDATE of a key column.</summary>
    Update,
}
