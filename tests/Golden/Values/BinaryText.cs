using System.Text;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Golden.Values;

/// <summary>
/// Turns binary values into the text PostgreSQL prints for them, so that one expectation serves both formats.
/// A type it does not know, or whose text depends on a setting that is not at its default, is left to be sent as text.
/// </summary>
sealed class BinaryText(TypeNames types, IReadOnlyDictionary<string, string> settings)
{
    public bool CanRead(uint oid) => types[oid] is { } name && CanRead(name.StartsWith('_') ? name[1..] : name);

    bool CanRead(string type) => type switch
    {
        "date" or "timestamp" => Is("DateStyle", "ISO, MDY"),
        "timestamptz" => Is("DateStyle", "ISO, MDY") && Is("TimeZone", "UTC"),
        "interval" => Is("IntervalStyle", "postgres"),
        "bool" or "bytea" or "char" or "name" or "int2" or "int4" or "int8" or "text" or "oid" or "json" or "float4" or "float8"
            or "bpchar" or "varchar" or "time" or "bit" or "varbit" or "numeric" or "uuid" or "jsonb"
            or "vector" or "halfvec" or "sparsevec" or "ruvector" => true,
        _ => false,
    };

    bool Is(string setting, string value) => !settings.TryGetValue(setting, out var actual) || actual == value;

    public string Read(uint oid, byte[] bytes)
    {
        var reader = new BodyReader(bytes);
        var text = types[oid] is ['_', ..] ? ReadArray(reader) : ReadScalar(types[oid]!, reader);
        if (reader.Remaining != 0) throw new WireException($"{reader.Remaining} bytes left after a binary {types[oid]}");
        return text;
    }

    static string ReadScalar(string type, BodyReader value) => type switch
    {
        "bool" => value.Byte() != 0 ? "t" : "f",
        "int2" => $"{value.Int16()}",
        "int4" => $"{value.Int32()}",
        "int8" => $"{value.Int64()}",
        "oid" => $"{(uint)value.Int32()}",
        "float4" => FloatText.Of(BitConverter.Int32BitsToSingle(value.Int32())),
        "float8" => FloatText.Of(BitConverter.Int64BitsToDouble(value.Int64())),
        "numeric" => NumericText.Read(value),
        "bytea" => "\\x" + Convert.ToHexStringLower(value.Bytes(value.Remaining)),
        "char" => value.Byte() is not 0 and var c ? ((char)c).ToString() : "",
        "jsonb" => value.Byte() == 1 ? Rest(value) : throw new WireException("a jsonb version other than 1"),
        "date" => DateTimeText.Date(value.Int32()),
        "time" => DateTimeText.Time(value.Int64()),
        "timestamp" => DateTimeText.Timestamp(value.Int64(), ""),
        "timestamptz" => DateTimeText.Timestamp(value.Int64(), "+00"),
        "interval" => DateTimeText.Interval(value.Int64(), value.Int32(), value.Int32()),
        "uuid" => new Guid(value.Bytes(16), bigEndian: true).ToString(),
        "bit" or "varbit" => VectorText.Bits(value),
        "vector" or "ruvector" => VectorText.Vector(value),
        "halfvec" => VectorText.HalfVector(value),
        "sparsevec" => VectorText.SparseVector(value),
        _ => Rest(value),
    };

    static string Rest(BodyReader value) => Encoding.UTF8.GetString(value.Bytes(value.Remaining));

    string ReadArray(BodyReader value)
    {
        var dimensions = value.Int32();
        value.Int32(); // has NULLs: the elements say it themselves
        var type = types[(uint)value.Int32()] ?? throw new WireException("an array of an unknown type");
        if (dimensions == 0) return "{}";

        var lengths = new int[dimensions];
        var bounds = new StringBuilder();
        var shifted = false;
        for (var i = 0; i < dimensions; i++)
        {
            lengths[i] = value.Int32();
            var lower = value.Int32();
            shifted |= lower != 1;
            bounds.Append($"[{lower}:{lower + lengths[i] - 1}]");
        }
        var text = new StringBuilder();
        if (shifted) text.Append(bounds).Append('=');
        ReadElements(value, type, lengths, 0, text);
        return text.ToString();
    }

    static void ReadElements(BodyReader value, string type, int[] lengths, int depth, StringBuilder text)
    {
        text.Append('{');
        for (var i = 0; i < lengths[depth]; i++)
        {
            if (i > 0) text.Append(',');
            if (depth + 1 < lengths.Length)
                ReadElements(value, type, lengths, depth + 1, text);
            else if (value.Int32() is >= 0 and var length)
                text.Append(Quote(ReadScalar(type, new BodyReader(value.Bytes(length).ToArray()))));
            else
                text.Append("NULL");
        }
        text.Append('}');
    }

    static string Quote(string element)
    {
        var plain = element != "" && !element.Equals("NULL", StringComparison.OrdinalIgnoreCase)
            && !element.Any(c => c is '"' or '\\' or '{' or '}' or ',' or ' ' or '\t' or '\n' or '\r' or '\v' or '\f');
        return plain ? element : '"' + element.Replace("\\", "\\\\").Replace("\"", "\\\"") + '"';
    }
}
