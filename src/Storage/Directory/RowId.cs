namespace PgVectorCompat.Storage;

/// <summary>
/// The number of a logical row in its table, from 0. It stays the same through every UPDATE, so indexes point to row ids, never
/// to versions. Given out again only after every version of the row is gone and <see cref="Store.VersionDropped"/> has returned.
/// </summary>
public readonly record struct RowId(long Value) : IComparable<RowId>
{
    public int CompareTo(RowId other) => Value.CompareTo(other.Value);
    public static bool operator <(RowId left, RowId right) => left.Value < right.Value;
    public static bool operator >(RowId left, RowId right) => left.Value > right.Value;
    public static bool operator <=(RowId left, RowId right) => left.Value <= right.Value;
    public static bool operator >=(RowId left, RowId right) => left.Value >= right.Value;
    public override string ToString() => Value.ToString();
}
