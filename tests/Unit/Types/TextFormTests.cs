using System.Text;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Types;

/// <summary>Text in, text out; expectations were printed by a real PostgreSQL.</summary>
public sealed class TextFormTests
{
    internal static string RoundTrip(string type, string text, int typmod = -1, TypeSettings? settings = null)
    {
        var codec = PgTypes.Find(type)!.Codec;
        settings ??= TypeSettings.Default;
        var value = codec.Parse(text, typmod, settings);
        var shown = codec.ToText(value, settings);

        var binary = new ByteWriter();
        codec.WriteBinary(value, binary);
        var reader = new PgVectorCompat.Types.BinaryReader(binary.Written);
        Assert.Equal(shown, codec.ToText(codec.ReadBinary(ref reader, -1), settings));
        Assert.Equal(0, reader.Remaining);

        var stored = new ByteWriter();
        codec.WriteStored(value, stored);
        Assert.True(codec.StoredLength < 0 || codec.StoredLength == stored.Length);
        Assert.Equal(shown, codec.ToText(codec.ReadStored(stored.Written), settings));
        Assert.Equal(shown, codec.ToText(codec.Parse(Encoding.UTF8.GetBytes(text), typmod, settings), settings));
        return shown;
    }

    internal static string ErrorOf(string type, string text, int typmod = -1, TypeSettings? settings = null)
    {
        var error = Assert.Throws<PgError>(() => PgTypes.Find(type)!.Codec.Parse(text, typmod, settings ?? TypeSettings.Default));
        return $"{error.SqlState} {error.Message}" + (error.Detail is null ? "" : " / " + error.Detail);
    }

    [Theory]
    [InlineData("bool", " TRUE ", "t")]
    [InlineData("bool", "of", "f")]
    [InlineData("int2", " -32768 ", "-32768")]
    [InlineData("int4", "+7", "7")]
    [InlineData("int8", "-9223372036854775808", "-9223372036854775808")]
    [InlineData("oid", "-1", "4294967295")]
    [InlineData("float8", "1e15", "1e+15")]
    [InlineData("float8", "123456789012345", "123456789012345")]
    [InlineData("float8", "1234567890123456", "1.234567890123456e+15")]
    [InlineData("float8", "0.0001", "0.0001")]
    [InlineData("float8", "0.00001", "1e-05")]
    [InlineData("float8", "5e-324", "5e-324")]
    [InlineData("float8", "1e23", "9.999999999999999e+22")]
    [InlineData("float8", "5e22", "4.9999999999999996e+22")]
    [InlineData("float8", "9007199254740993", "9.007199254740992e+15")]
    [InlineData("float8", "-0", "-0")]
    [InlineData("float8", "-inf", "-Infinity")]
    [InlineData("float8", "nan", "NaN")]
    [InlineData("float4", "1e6", "1e+06")]
    [InlineData("float4", "123456.7", "123456.7")]
    [InlineData("float4", "33554430", "3.355443e+07")]
    [InlineData("float4", "8589934592", "8.589935e+09")]
    [InlineData("bytea", "\\xDE AD", "\\xdead")]
    [InlineData("bytea", "a\\\\b\\001", "\\x615c6201")]
    [InlineData("char", "abc", "a")]
    [InlineData("pg_lsn", "16/b374d848", "16/B374D848")]
    [InlineData("_int4", "{1, 2,NULL}", "{1,2,NULL}")]
    [InlineData("_int4", "[0:1][-1:0]={{1,2},{3,4}}", "[0:1][-1:0]={{1,2},{3,4}}")]
    [InlineData("_int4", "{{},{}}", "{}")]
    [InlineData("_text", "{a b , \"null\",nUll, \"x\\\"y\", \"\", c\\,d}", "{\"a b\",\"null\",NULL,\"x\\\"y\",\"\",\"c,d\"}")]
    [InlineData("int2vector", " 1 2  3", "1 2 3")]
    public void Value_is_written_as_PostgreSQL_writes_it(string type, string text, string expected)
        => Assert.Equal(expected, RoundTrip(type, text));

    [Theory]
    [InlineData("bool", "maybe", "22P02 invalid input syntax for type boolean: \"maybe\"")]
    [InlineData("int4", "x", "22P02 invalid input syntax for type integer: \"x\"")]
    [InlineData("int4", "", "22P02 invalid input syntax for type integer: \"\"")]
    [InlineData("int2", "32768", "22003 value \"32768\" is out of range for type smallint")]
    [InlineData("int8", "9223372036854775808", "22003 value \"9223372036854775808\" is out of range for type bigint")]
    [InlineData("float8", "1e400", "22003 \"1e400\" is out of range for type double precision")]
    [InlineData("float8", "1e-400", "22003 \"1e-400\" is out of range for type double precision")]
    [InlineData("float4", "1e40", "22003 \"1e40\" is out of range for type real")]
    [InlineData("float4", "1 2", "22P02 invalid input syntax for type real: \"1 2\"")]
    [InlineData("bytea", "\\xabc", "22023 invalid hexadecimal data: odd number of digits")]
    [InlineData("_int4", "1,2", "22P02 malformed array literal: \"1,2\" / Array value must start with \"{\" or dimension information.")]
    [InlineData("_int4", "{1,2", "22P02 malformed array literal: \"{1,2\" / Unexpected end of input.")]
    [InlineData("_int4", "{1,{2}}", "22P02 malformed array literal: \"{1,{2}}\" / Multidimensional arrays must have sub-arrays with matching dimensions.")]
    [InlineData("_int4", "{1}x", "22P02 malformed array literal: \"{1}x\" / Junk after closing right brace.")]
    [InlineData("_int4", "{1,,2}", "22P02 malformed array literal: \"{1,,2}\" / Unexpected \",\" character.")]
    public void Bad_text_is_refused_in_PostgreSQLs_words(string type, string text, string expected)
        => Assert.Equal(expected, ErrorOf(type, text));

    [Fact]
    public void Text_orders_by_code_point()
    {
        Assert.True(Utf8Text.Compare("\uFFFD", "\U0001F600") < 0);
        Assert.True(Utf8Text.Compare("a", "ab") < 0);
        Assert.True(Utf8Text.Compare("B", "a") < 0);
    }

    [Theory]
    [InlineData("bpchar", "ab", 9, "ab   ")]
    [InlineData("bpchar", "abcde   ", 9, "abcde")]
    [InlineData("varchar", "ab  ", 6, "ab")]
    public void Length_is_applied_on_input(string type, string text, int typmod, string expected)
        => Assert.Equal(expected, RoundTrip(type, text, typmod));
}
