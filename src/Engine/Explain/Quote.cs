using System.Buffers;

namespace PgVectorCompat.Engine.Explain;

/// <summary>Names as EXPLAIN prints them.</summary>
static class Quote
{
    static readonly SearchValues<char> PlainCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_$");

    public static string Name(string name)
        => name.Length > 0 && name[0] is (>= 'a' and <= 'z') or '_' && !name.AsSpan().ContainsAnyExcept(PlainCharacters)
            ? name
            : $"\"{name.Replace("\"", "\"\"")}\"";

    /// <summary>A relation, and its alias where it has another.</summary>
    public static string Table(string name, string alias) => name == alias ? Name(name) : $"{Name(name)} {Name(alias)}";
}
