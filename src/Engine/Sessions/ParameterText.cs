using System.Text;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>Reads the values of a Bind message. Errors name the parameter, as PostgreSQL's do.</summary>
internal static class ParameterText
{
    public static Datum Read(PgType type, ReadOnlySpan<byte> bytes, string portal, int number, TypeSettings settings)
    {
        try
        {
            Utf8Text.Require(bytes);
        }
        catch (PgError error)
        {
            throw error.Within(Name(portal, number));
        }
        try
        {
            return type.Codec.Parse(bytes, -1, settings);
        }
        catch (PgError error)
        {
            // PostgreSQL leaves values out of its messages unless log_parameter_max_length_on_error says otherwise.
            throw error.Within($"{Name(portal, number)} = '...'");
        }
    }

    public static Datum ReadBinary(PgType type, ReadOnlySpan<byte> bytes, string portal, int number)
    {
        try
        {
            var reader = new Types.BinaryReader(bytes);
            var value = type.Codec.ReadBinary(ref reader, -1);
            return reader.Remaining == 0 ? value : throw PgError.InvalidBinary($"incorrect binary data format in bind parameter {number}");
        }
        catch (PgError error)
        {
            throw error.Within(Name(portal, number));
        }
    }

    /// <summary>The 22023 for a format that does not exist.</summary>
    public static PgError UnknownFormat(short code, string portal, int number)
        => UnknownFormat(code).Within(Name(portal, number));

    public static PgError UnknownFormat(short code) => new(SqlState.InvalidParameterValue, $"unsupported format code: {code}");

    static string Name(string portal, int number) => portal.Length == 0 ? $"unnamed portal parameter ${number}" : $"portal \"{portal}\" parameter ${number}";
}
