using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Types;

/// <summary>Sort keys, hashes and stored forms agree with the order of values; no key is the start of another.</summary>
public sealed class SortKeyTests
{
    public static TheoryData<string, string[]> Values => new()
    {
        { "bool", ["f", "t"] },
        { "int2", ["-32768", "-1", "0", "1", "32767"] },
        { "int4", ["-2147483648", "-256", "-1", "0", "1", "255", "256", "2147483647"] },
        { "int8", ["-9223372036854775808", "-1", "0", "4294967296", "9223372036854775807"] },
        { "oid", ["0", "1", "4294967295"] },
        { "float8", ["-Infinity", "-1e300", "-1", "-1e-300", "0", "1e-300", "1", "1.5", "1e300", "Infinity", "NaN"] },
        { "float4", ["-Infinity", "-1", "0", "1", "Infinity", "NaN"] },
        { "numeric", ["-Infinity", "-1e400", "-100", "-99.99", "-10", "-1.5", "-1", "-0.01", "-0.001", "0", "1e-300", "0.001", "0.01", "0.1", "1", "1.0001", "1.5", "9", "10", "99", "100", "12345678901234567890123", "1e400", "Infinity", "NaN"] },
        { "text", ["", "A", "B", "a", "a\u0001", "ab", "b", "\u00e9", "\ufffd", "\U0001F600"] },
        { "bpchar", ["", "a", "a b", "b"] },
        { "bytea", ["\\x", "\\x00", "\\x0000", "\\x0001", "\\x00ff", "\\x01", "\\xff", "\\xff00"] },
        { "date", ["-infinity", "4714-11-24 BC", "1999-12-31", "2000-01-01", "5874897-12-31", "infinity"] },
        { "timestamp", ["-infinity", "1999-12-31 23:59:59.999999", "2000-01-01", "infinity"] },
        { "time", ["00:00", "12:00", "24:00"] },
        { "timetz", ["10:00+05", "12:00+06", "10:00+04", "12:00+05", "10:00-05"] },
        { "interval", ["-1 year", "-1 day", "0", "1 sec", "23:59:59", "24:00:01", "29 days", "31 days", "1 year"] },
        { "uuid", ["00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff"] },
        { "varbit", ["", "0", "00", "000000000", "01", "1", "10", "11111111", "111111110"] },
        { "jsonb", ["[]", "null", "\"\"", "\"a\"", "\"b\"", "-1", "0", "1.5", "false", "true", "[1]", "[2]", "[1,1]", "{}", "{\"a\":1}", "{\"a\":2}", "{\"b\":0}", "{\"a\":1,\"b\":2}"] },
        { "_int4", ["{}", "{1}", "{1,1}", "{1,NULL}", "{2}", "{10}", "{NULL}"] },
        { "_text", ["{}", "{\"\"}", "{a}", "{a,b}", "{b}"] },
        { "int2vector", ["", "5", "1 2", "1 3"] },
        { "pg_lsn", ["0/0", "0/FFFFFFFF", "1/0", "FFFFFFFF/0"] },
    };

    static byte[] Bytes(Action<ByteWriter> write)
    {
        var output = new ByteWriter();
        write(output);
        return output.Written.ToArray();
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Keys_order_as_values_do(string typeName, string[] ascending)
    {
        var codec = PgTypes.Find(typeName)!.Codec;
        var values = ascending.Select(text => codec.Parse(text, -1, TypeSettings.Default)).ToArray();

        for (var i = 0; i < values.Length; i++)
        {
            for (var j = 0; j < values.Length; j++)
            {
                byte[] left = Bytes(output => codec.WriteSortKey(values[i], output)), right = Bytes(output => codec.WriteSortKey(values[j], output));
                var because = $"{ascending[i]} and {ascending[j]}";
                Assert.True(Math.Sign(codec.Compare(values[i], values[j])) == i.CompareTo(j), because);
                Assert.True(Math.Sign(left.AsSpan().SequenceCompareTo(right)) == i.CompareTo(j), because);
                Assert.True(i == j || !right.AsSpan().StartsWith(left), because);
                Assert.Equal(i == j, codec.Equal(values[i], values[j]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Stored_and_binary_forms_read_back(string typeName, string[] ascending)
    {
        var codec = PgTypes.Find(typeName)!.Codec;
        foreach (var text in ascending)
        {
            var value = codec.Parse(text, -1, TypeSettings.Default);
            var stored = Bytes(output => codec.WriteStored(value, output));
            Assert.True(codec.Equal(value, codec.ReadStored(stored)));
            Assert.True(codec.StoredLength < 0 || codec.StoredLength == stored.Length);

            var reader = new PgVectorCompat.Types.BinaryReader(Bytes(output => codec.WriteBinary(value, output)));
            Assert.True(codec.Equal(value, codec.ReadBinary(ref reader, -1)));
            Assert.Equal(0, reader.Remaining);
        }
    }

    [Theory]
    [InlineData("numeric", "1.0", "1.00")]
    [InlineData("numeric", "-0", "0.000")]
    [InlineData("numeric", "1e3", "1000.00")]
    [InlineData("float8", "-0", "0")]
    [InlineData("bpchar", "a", "a  ")]
    [InlineData("interval", "1 day", "24:00:00")]
    [InlineData("interval", "1 mon", "30 days")]
    [InlineData("jsonb", "{\"a\":1,\"b\":[1.0]}", "{\"b\":[1],\"a\":1}")]
    public void Equal_values_have_equal_keys_and_hashes(string typeName, string first, string second)
    {
        var codec = PgTypes.Find(typeName)!.Codec;
        Datum a = codec.Parse(first, -1, TypeSettings.Default), b = codec.Parse(second, -1, TypeSettings.Default);

        Assert.True(codec.Equal(a, b));
        Assert.Equal(0, codec.Compare(a, b));
        Assert.Equal(codec.Hash(a), codec.Hash(b));
        Assert.Equal(Bytes(output => codec.WriteSortKey(a, output)), Bytes(output => codec.WriteSortKey(b, output)));
    }
}
