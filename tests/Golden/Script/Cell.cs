using System.Text;

namespace PgVectorCompat.Golden.Script;

/// <summary>
/// A value as it stands in a script: one line, cells parted by tabs. NULL is <c>NULL</c>, no characters are <c>(empty)</c>,
/// control characters and the backslash are escaped, and a last blank is <c>\s</c> so that editors cannot lose it.
/// </summary>
static class Cell
{
    const string Null = "NULL";
    const string Empty = "(empty)";

    public static string Write(string? value)
    {
        if (value is null) return Null;
        if (value == "") return Empty;
        if (value is Null or Empty) return "\\" + value;
        return Escape(value);
    }

    /// <summary>A value on a line of its own, where NULL cannot occur.</summary>
    public static string Escape(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var c in value)
            _ = c switch
            {
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' => text.Append($"\\x{(int)c:x2}"),
                _ => text.Append(c),
            };
        if (value.EndsWith(' ')) text.Remove(text.Length - 1, 1).Append("\\s");
        return text.ToString();
    }

    public static string? Read(string cell)
    {
        if (cell == Null) return null;
        if (cell == Empty) return "";
        var text = new StringBuilder(cell.Length);
        for (var i = 0; i < cell.Length; i++)
        {
            if (cell[i] != '\\' || i + 1 == cell.Length)
            {
                text.Append(cell[i]);
                continue;
            }
            i++;
            _ = cell[i] switch
            {
                'n' => text.Append('\n'),
                'r' => text.Append('\r'),
                't' => text.Append('\t'),
                's' => text.Append(' '),
                'x' => text.Append((char)Convert.ToInt32(cell[++i..(++i + 1)], 16)),
                var other => text.Append(other),
            };
        }
        return text.ToString();
    }
}
