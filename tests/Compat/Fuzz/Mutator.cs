using System.Text;

namespace PgVectorCompat.Compat.Fuzz;

/// <summary>Damages bytes and text, the same way for the same seed.</summary>
sealed class Mutator(int seed)
{
    static readonly byte[] Interesting = [0, 1, 0x7F, 0x80, 0xFF, (byte)'\'', (byte)'"', (byte)'\\', (byte)'\n', (byte)'\t', (byte)'[', (byte)',', (byte)'$', 0xC3];

    static readonly string[] Tokens =
    [
        "SELECT", "FROM", "WHERE", "(", ")", ",", ";", "'", "\"", "NULL", "1", "-1", "9999999999999999999", "1e400", "'x'", "::int", "::vector", "[", "]",
        "*", "+", "<->", "||", "=", "AND", "NOT", "IN", "CASE", "END", "ARRAY[", "$1", "AS", "t", "id", "ORDER BY", "LIMIT", "GROUP BY", "OVER ()", "WITH",
        "UNION", "VALUES", "INSERT INTO", "UPDATE", "SET", "DEFAULT", "ON", "JOIN", "LATERAL", "E'\\x", "U&'", "$$", "--", "/*", "\u0001", "é", "😀", ".", "..", ":",
    ];

    readonly Random _random = new(seed);

    public int Next(int limit) => _random.Next(limit);

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    /// <summary>Flips, overwrites, inserts, deletes, duplicates or cuts a few bytes.</summary>
    public byte[] Damage(byte[] original)
    {
        var bytes = new List<byte>(original);
        for (var times = _random.Next(1, 5); times > 0; times--)
        {
            var at = _random.Next(bytes.Count + 1);
            switch (_random.Next(7))
            {
                case 0 when at < bytes.Count: bytes[at] ^= (byte)(1 << _random.Next(8)); break;
                case 1 when at < bytes.Count: bytes[at] = Pick(Interesting); break;
                case 2: bytes.Insert(at, Pick(Interesting)); break;
                case 3 when at < bytes.Count: bytes.RemoveRange(at, Math.Min(_random.Next(1, 9), bytes.Count - at)); break;
                case 4 when at < bytes.Count: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(_random.Next(1, 33), bytes.Count - at))); break;
                case 5: bytes.RemoveRange(at, bytes.Count - at); break;
                case 6: bytes.Insert(at, (byte)_random.Next(256)); break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Damages SQL by words: deletes, swaps, doubles, replaces, joins with another statement, or by characters.</summary>
    public string DamageSql(string sql, string other)
    {
        if (_random.Next(5) == 0) return Clean(Encoding.UTF8.GetString(Damage(Encoding.UTF8.GetBytes(sql))));
        var words = sql.Split(' ').ToList();
        for (var times = _random.Next(1, 4); times > 0 && words.Count > 0; times--)
        {
            var at = _random.Next(words.Count);
            switch (_random.Next(6))
            {
                case 0: words.RemoveAt(at); break;
                case 1: words.Insert(at, Pick(Tokens)); break;
                case 2: words[at] = Pick(Tokens); break;
                case 3: words.Insert(at, words[at]); break;
                case 4: (words[at], words[^1]) = (words[^1], words[at]); break;
                case 5: words.InsertRange(at, other.Split(' ').Skip(_random.Next(4)).Take(_random.Next(1, 8))); break;
            }
        }
        return Clean(string.Join(' ', words));
    }

    /// <summary>A string over the alphabet of vector literals, or a damaged good one.</summary>
    public string VectorLiteral()
    {
        if (_random.Next(3) == 0)
        {
            const string alphabet = "[]{}/:,.+-eE0123456789 \t\nxXpPinfINFnaNA";
            return new string([.. Enumerable.Range(0, _random.Next(0, 40)).Select(_ => alphabet[_random.Next(alphabet.Length)])]);
        }
        var elements = Enumerable.Range(0, _random.Next(0, 8)).Select(i => Number());
        var good = _random.Next(3) == 0
            ? "{" + string.Join(',', elements.Select((e, i) => $"{_random.Next(-1, 12)}:{e}")) + "}/" + _random.Next(-1, 14)
            : "[" + string.Join(',', elements) + "]";
        return _random.Next(3) == 0 ? Clean(Encoding.UTF8.GetString(Damage(Encoding.UTF8.GetBytes(good)))) : good;
    }

    string Number() => _random.Next(10) switch
    {
        0 => "NaN",
        1 => "Infinity",
        2 => "1e" + _random.Next(-60, 60),
        3 => "-0",
        4 => "0x1p" + _random.Next(-160, 160),
        5 => new string('9', _random.Next(1, 60)),
        6 => ".5",
        7 => "5.",
        _ => ((_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(-8, 8))).ToString("R", System.Globalization.CultureInfo.InvariantCulture),
    };

    // The wire cannot carry a NUL inside a string.
    static string Clean(string text) => text.Replace("\0", "");
}
