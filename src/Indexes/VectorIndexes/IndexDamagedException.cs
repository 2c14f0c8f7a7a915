namespace PgVectorCompat.Indexes;

/// <summary>A snapshot of an index cannot be used: cut short, of another version, or changed. The index is to be built anew.</summary>
public sealed class IndexDamagedException(string message) : Exception(message);
