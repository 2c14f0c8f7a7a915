using System.Text;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>Reads the values of a Bind message. Errors name the parameter, as PostgreSQL's do.</summary>
internal static class ParameterText
{
    public static Datum Read(PgType type, ReadOnlySpan<byte> bytes, int number, TypeSettings settings)
    {
        Utf8Text.Require(bytes);
        try
        {
            return type.Codec.Parse(bytes, -1, settings);
        }
        catch (PgError error)
        {
            throw error.Within($"unnamed portal parameter ${number} = '{Shorten(Encoding.UTF8.GetString(bytes))}'");
        }
    }

    public static Datum ReadBinary(PgType type, ReadOnlySpan<byte> bytes, int number)
    {
        var reader = new Types.BinaryReader(bytes);
        var value = type.Codec.ReadBinary(ref reader, -1);
        return reader.Remaining == 0 ? value : throw PgError.InvalidBinary($"incorrect binary data format in bind parameter {number}");
    }

    // PostgreSQL shows at most log_parameter_max_length_on_error bytes; drivers only need to recognise the value.
    static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "...";
}
