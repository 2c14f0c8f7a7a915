namespace PgVectorCompat.Engine.Explain;

/// <summary>Names as EXPLAIN prints them.</summary>
static class Quote
{
    public static string Name(string name)
        => name.Length > 0 && name[0] is (>= 'a' and <= 'z') or '_' && !name.AsSpan().ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789_$")
            ? name
            : $"\"{name.Replace("\"", "\"\"")}\"";

    /// <summary>A relation, and its alias where it has another.</summary>
    public static string Table(string name, string alias) => name == alias ? Name(name) : $"{Name(name)} {Name(alias)}";
}
