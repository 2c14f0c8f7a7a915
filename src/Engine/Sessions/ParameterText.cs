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
            bytes = Utf8(bytes, settings);
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

    /// <summary>A text of the client's as UTF-8. Raises 22021 and 22P05.</summary>
    public static ReadOnlySpan<byte> Utf8(ReadOnlySpan<byte> bytes, TypeSettings settings)
    {
        if (settings.ClientEncoding is { } encoding)
            return encoding.ToUtf8(bytes);
        Utf8Text.Require(bytes);
        return bytes;
    }

    public static Datum ReadBinary(PgType type, ReadOnlySpan<byte> bytes, string portal, int number, TypeSettings settings)
    {
        try
        {
            if (settings.ClientEncoding is not null && type.IsTextInBinary)
                bytes = Utf8(bytes, settings);
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
