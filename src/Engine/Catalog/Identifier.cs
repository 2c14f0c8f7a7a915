using System.Text;
using PgVectorCompat.Sql;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>Names as SQL writes them, and the names that PostgreSQL makes up.</summary>
public static class Identifier
{
    /// <summary>NAMEDATALEN - 1: bytes of UTF-8 in the longest name.</summary>
    public const int MaxBytes = 63;

    /// <summary>The name, quoted when it must be.</summary>
    public static string Quote(string name) => SqlWriter.Write(new QualifiedName(null, null, name, 0));

    /// <summary><c>schema.name</c>, each quoted when it must be; without the schema when it is null.</summary>
    public static string Quote(string? schema, string name) => SqlWriter.Write(new QualifiedName(null, schema, name, 0));

    /// <summary>The name cut to 63 bytes, between characters.</summary>
    public static string Truncate(string name) => Cut(name, MaxBytes);

    /// <summary>
    /// <c>name1_name2_label</c>, as PostgreSQL names indexes, sequences and constraints; the longer of the two names is cut until it fits.
    /// </summary>
    public static string Combine(string name1, string? name2, string label)
    {
        var available = MaxBytes - Encoding.UTF8.GetByteCount(label) - 1 - (name2 is null ? 0 : 1);
        int length1 = Encoding.UTF8.GetByteCount(name1), length2 = name2 is null ? 0 : Encoding.UTF8.GetByteCount(name2);
        while (length1 + length2 > available)
        {
            if (length1 > length2)
                length1--;
            else
                length2--;
        }
        var first = Cut(name1, length1);
        return name2 is null ? $"{first}_{label}" : $"{first}_{Cut(name2, length2)}_{label}";
    }

    /// <summary>The first of <c>name1_name2_label</c>, <c>…label1</c>, <c>…label2</c>, … that <paramref name="isTaken"/> does not know.</summary>
    public static string Choose(string name1, string? name2, string label, Func<string, bool> isTaken)
    {
        for (var pass = 0; ; pass++)
        {
            var name = Combine(name1, name2, pass == 0 ? label : label + pass);
            if (!isTaken(name))
                return name;
        }
    }

    static string Cut(string name, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(name) <= maxBytes)
            return name;
        var bytes = 0;
        var length = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > maxBytes)
                break;
            length += rune.Utf16SequenceLength;
        }
        return name[..length];
    }
}
