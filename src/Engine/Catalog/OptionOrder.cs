namespace PgVectorCompat.Engine.Catalog;

/// <summary>The order in which options are shown: those of vector indexes as pgvector's users write them, others by name.</summary>
sealed class OptionOrder : IComparer<string>
{
    public static readonly OptionOrder Instance = new();

    static readonly string[] First = ["m", "ef_construction", "lists", "quantization"];

    public int Compare(string? left, string? right)
        => Rank(left) is var a && Rank(right) is var b && a != b ? a.CompareTo(b) : string.CompareOrdinal(left, right);

    static int Rank(string? name) => Array.IndexOf(First, name) is >= 0 and var at ? at : First.Length;
}
