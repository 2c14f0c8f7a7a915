using System.Globalization;
using System.Text;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Types;

/// <summary>Text, binary, stored and ordered forms of the vector types. The errors are pgvector's; sql/vector proves them.</summary>
public sealed class VectorCodecTests
{
    [Theory]
    [InlineData("vector", "[1,2,3]", "[1,2,3]")]
    [InlineData("vector", " [ 1,  2 ,    3  ] ", "[1,2,3]")]
    [InlineData("vector", "\t[\n1\r,\v2\f]", "[1,2]")]
    [InlineData("vector", "[+1,-.5,5.,.5e1,1E2,1e+2,0x10]", "[1,-0.5,5,5,100,100,16]")]
    [InlineData("vector", "[1e-46,-1e-46,1e-400]", "[0,-0,0]")]
    [InlineData("ruvector", "[1e-45,1e-40]", "[1e-45,1e-40]")]
    [InlineData("vector", "[3.4028235677973366e38]", "[3.4028235e+38]")]
    [InlineData("halfvec", "[65519,-65519]", "[65504,-65504]")]
    [InlineData("halfvec", "[2.9802322e-08,2.9802325e-08,1e-45,0.1,1e-5,10000]", "[0,5.9604645e-08,0,0.099975586,1.001358e-05,10000]")]
    [InlineData("sparsevec", "{1:1.5,3:3.5}/5", "{1:1.5,3:3.5}/5")]
    [InlineData("sparsevec", " { 1 : 1.5 ,  3  :  3.5  } / 5 ", "{1:1.5,3:3.5}/5")]
    [InlineData("sparsevec", "{+1:+2, 02:0x10}/ +5", "{1:2,2:16}/5")]
    [InlineData("sparsevec", "{ }/1000000000", "{}/1000000000")]
    [InlineData("sparsevec", "{2:1,1:1}/2", "{1:1,2:1}/2")]
    [InlineData("sparsevec", "{9:0,0:0,-5:-0,1:0,1:0,2:1,2:0e-400}/5", "{2:1}/5")]
    [InlineData("sparsevec", "{1:1e-45}/5", "{1:1e-45}/5")]
    public void Text_is_read_and_written(string type, string text, string expected)
        => Assert.Equal(expected, Codec(type).ToText(Parse(type, text), TypeSettings.Default));

    [Theory]
    [InlineData("vector", "", "22P02", "invalid input syntax for type vector: \"\"", "Vector contents must start with \"[\".")]
    [InlineData("ruvector", "1,2", "22P02", "invalid input syntax for type ruvector: \"1,2\"", "Vector contents must start with \"[\".")]
    [InlineData("vector", "[", "22P02", "invalid input syntax for type vector: \"[\"")]
    [InlineData("vector", "[1,]", "22P02", "invalid input syntax for type vector: \"[1,]\"")]
    [InlineData("vector", "[1 2]", "22P02", "invalid input syntax for type vector: \"[1 2]\"")]
    [InlineData("vector", "[1,2,3", "22P02", "invalid input syntax for type vector: \"[1,2,3\"")]
    [InlineData("vector", "[[1]]", "22P02", "invalid input syntax for type vector: \"[[1]]\"")]
    [InlineData("halfvec", "[1,2,3]9", "22P02", "invalid input syntax for type halfvec: \"[1,2,3]9\"", "Junk after closing right brace.")]
    [InlineData("vector", "[ ]", "22000", "vector must have at least 1 dimension")]
    [InlineData("vector", "[nan(123)]", "22000", "NaN not allowed in vector")]
    [InlineData("halfvec", "[infx]", "22000", "infinite value not allowed in halfvec")]
    [InlineData("vector", "[ -4e38 ,1]", "22003", "\"-4e38\" is out of range for type vector")]
    [InlineData("halfvec", "[65520.1e0]", "22003", "\"65520.1e0\" is out of range for type halfvec")]
    [InlineData("sparsevec", "[1]", "22P02", "invalid input syntax for type sparsevec: \"[1]\"", "Vector contents must start with \"{\".")]
    [InlineData("sparsevec", "{1:1}", "22P02", "invalid input syntax for type sparsevec: \"{1:1}\"", "Unexpected end of input.")]
    [InlineData("sparsevec", "{1:1}/5,", "22P02", "invalid input syntax for type sparsevec: \"{1:1}/5,\"", "Junk after closing.")]
    [InlineData("sparsevec", "{1:}/1", "22P02", "invalid input syntax for type sparsevec: \"{1:}/1\"")]
    [InlineData("sparsevec", "{}/", "22P02", "invalid input syntax for type sparsevec: \"{}/\"")]
    [InlineData("sparsevec", "{1:1e-46,2:1}/2", "22003", "\"1e-46\" is out of range for type sparsevec")]
    [InlineData("sparsevec", "{1:nan}/2", "22000", "NaN not allowed in sparsevec")]
    [InlineData("sparsevec", "{}/-9223372036854775809", "22000", "sparsevec must have at least 1 dimension")]
    [InlineData("sparsevec", "{}/9223372036854775808", "54000", "sparsevec cannot have more than 1000000000 dimensions")]
    [InlineData("sparsevec", "{0:1}/1", "22000", "sparsevec index out of bounds")]
    [InlineData("sparsevec", "{-99999999999:1}/1", "22000", "sparsevec index out of bounds")]
    [InlineData("sparsevec", "{2:1,2:1}/2", "22000", "sparsevec indices must not contain duplicates")]
    public void Text_with_a_mistake_raises_pgvectors_error(string type, string text, string sqlState, string message, string? detail = null)
    {
        var error = Assert.Throws<PgError>(() => Parse(type, text));

        Assert.Equal((sqlState, message, detail), (error.SqlState, error.Message, error.Detail));
    }

    [Fact]
    public void Long_lists_are_read_as_their_numbers_are()
    {
        var random = new Random(5);
        string[] separators = [",", ", ", " ,", ",  "];
        for (var round = 0; round < 3000; round++)
        {
            var numbers = Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(8) switch
            {
                0 => random.Next(-100, 100).ToString(CultureInfo.InvariantCulture),
                1 => (random.NextDouble() - 0.5).ToString("R", CultureInfo.InvariantCulture),
                2 => (random.NextSingle() * 1e-6f).ToString("R", CultureInfo.InvariantCulture),
                3 => "+." + random.Next(1000),
                4 => "-" + random.Next(1000) + ".",
                _ => (random.NextSingle() - 0.5f).ToString("R", CultureInfo.InvariantCulture),
            }).ToArray();
            var separator = separators[random.Next(separators.Length)];

            Assert.Equal(
                numbers.Select(number => float.Parse(number, CultureInfo.InvariantCulture)),
                Parse("vector", $"[{string.Join(separator, numbers)}]").As<float[]>());
        }
        Assert.Equal("[0.5,-0.5]", Codec("vector").ToText(Parse("vector", "[.5,-.5                  ]"), TypeSettings.Default));
        foreach (var mistake in new[] { "[-.,1,2,3,4,5,6,7,8,9]", "[.,1,2,3,4,5,6,7,8,9]", "[1.2.3,4,5,6,7,8,9,10]", "[1.5-2,3,4,5,6,7,8,9]", "[-,1.5,2,3,4,5,6,7,8]" })
            Assert.Equal($"invalid input syntax for type vector: \"{mistake}\"", Message("vector", mistake));
    }

    [Fact]
    public void Limits_come_before_what_follows_them()
    {
        var ones = string.Join(',', Enumerable.Repeat('1', 16_000));
        Assert.Equal(16_000, Parse("vector", $"[{ones}]").As<float[]>().Length);
        Assert.Equal("vector cannot have more than 16000 dimensions", Message("vector", $"[{ones},]"));
        Assert.Equal("halfvec cannot have more than 16000 dimensions", Message("halfvec", $"[{ones},x]"));
        Assert.Equal("sparsevec cannot have more than 16000 non-zero elements", Message("sparsevec", new string(',', 16_000)));
        Assert.Equal("expected 2 dimensions, not 3", Message("vector", "[1,2,3]", typmod: 2));
        Assert.Equal("expected 2 dimensions, not 3", Message("sparsevec", "{9:1}/3", typmod: 2));
    }

    [Theory]
    [InlineData("vector", "[1,2,-0.5]", "000300003F80000040000000BF000000")]
    [InlineData("halfvec", "[1,2,-0.5]", "000300003C004000B800")]
    [InlineData("sparsevec", "{1:1,5:-0.5}/7", "00000007000000020000000000000000000000043F800000BF000000")]
    public void Binary_form_is_pgvectors(string type, string text, string hex)
    {
        var output = new ByteWriter();
        Codec(type).WriteBinary(Parse(type, text), output);

        Assert.Equal(hex, Convert.ToHexString(output.Written));
        Assert.Equal(text, Codec(type).ToText(ReadBinary(type, hex), TypeSettings.Default));
        output.Clear();
        Codec(type).WriteStored(Parse(type, text), output);
        Assert.Equal(text, Codec(type).ToText(Codec(type).ReadStored(output.Written), TypeSettings.Default));
    }

    [Theory]
    [InlineData("vector", "00000000", "22000", "vector must have at least 1 dimension")]
    [InlineData("vector", "FFFF0000", "54000", "vector cannot have more than 16000 dimensions")]
    [InlineData("halfvec", "0001FFFF3C00", "22000", "expected unused to be 0, not -1")]
    [InlineData("vector", "000100007FC00000", "22000", "NaN not allowed in vector")]
    [InlineData("halfvec", "000200007C00", "22000", "infinite value not allowed in halfvec")]
    [InlineData("vector", "000200003F800000", "08P01", "insufficient data left in message")]
    [InlineData("vector", "0002", "08P01", "insufficient data left in message")]
    [InlineData("sparsevec", "00000000FFFFFFFF00000000", "22000", "sparsevec must have at least 1 dimension")]
    [InlineData("sparsevec", "7FFFFFFFFFFFFFFF00000000", "54000", "sparsevec cannot have more than 1000000000 dimensions")]
    [InlineData("sparsevec", "00000001FFFFFFFF00000000", "22000", "sparsevec cannot have negative number of elements")]
    [InlineData("sparsevec", "0000FFFF00003E8100000000", "54000", "sparsevec cannot have more than 16000 non-zero elements")]
    [InlineData("sparsevec", "000000010000000200000000", "54000", "sparsevec cannot have more elements than dimensions")]
    [InlineData("sparsevec", "000000010000000000000001", "22000", "expected unused to be 0, not 1")]
    [InlineData("sparsevec", "00000001000000010000000000000001", "22000", "sparsevec index out of bounds")]
    [InlineData("sparsevec", "0000000200000002000000000000000100000000", "22000", "sparsevec indices must be in ascending order")]
    [InlineData("sparsevec", "0000000200000002000000000000000100000001", "22000", "sparsevec indices must not contain duplicates")]
    [InlineData("sparsevec", "0000000100000001000000000000000080000000", "22000", "binary representation of sparsevec cannot contain zero values")]
    [InlineData("sparsevec", "000000010000000100000000000000007F800000", "22000", "infinite value not allowed in sparsevec")]
    public void Binary_form_with_a_mistake_raises_pgvectors_error(string type, string hex, string sqlState, string message)
    {
        var error = Assert.Throws<PgError>(() => ReadBinary(type, hex));

        Assert.Equal((sqlState, message), (error.SqlState, error.Message));
    }

    [Theory]
    [InlineData("vector", "[1,2]", "[1,2,3]", -1)]
    [InlineData("vector", "[2,3]", "[1,2,3]", 1)]
    [InlineData("vector", "[-0]", "[0]", 0)]
    [InlineData("sparsevec", "{2:-1}/3", "{}/3", -1)]
    [InlineData("sparsevec", "{}/2", "{}/3", -1)]
    [InlineData("sparsevec", "{3:-1}/3", "{}/2", 1)]
    [InlineData("sparsevec", "{3:1}/3", "{}/2", 1)]
    public void Order_is_pgvectors(string type, string left, string right, int order)
        => Assert.Equal(order, Codec(type).Compare(Parse(type, left), Parse(type, right)));

    [Fact]
    public void Sort_keys_and_hashes_agree_with_the_order()
    {
        var random = new Random(4);
        float[] numbers = [-2, -1, -0f, 0, 0, 0, 0, 1, 2];
        for (var round = 0; round < 20_000; round++)
        {
            float[] left = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => numbers[random.Next(numbers.Length)])];
            float[] right = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => numbers[random.Next(numbers.Length)])];
            var order = VectorOrder.Compare(left, right);

            CheckOrder("vector", Datum.Of(left), Datum.Of(right), order);
            CheckOrder("halfvec", Datum.Of(left.Select(x => (Half)x).ToArray()), Datum.Of(right.Select(x => (Half)x).ToArray()), order);
            CheckOrder("sparsevec", Sparse(left), Sparse(right), order);
        }
    }

    static void CheckOrder(string type, Datum left, Datum right, int order)
    {
        var codec = Codec(type);
        ByteWriter keyLeft = new(), keyRight = new();
        codec.WriteSortKey(left, keyLeft);
        codec.WriteSortKey(right, keyRight);
        var length = Math.Min(keyLeft.Length, keyRight.Length);

        Assert.Equal(order, codec.Compare(left, right));
        Assert.Equal(order, Math.Sign(keyLeft.Written[..length].SequenceCompareTo(keyRight.Written[..length])));
        if (order == 0)
            Assert.Equal(codec.Hash(left), codec.Hash(right));
    }

    static Datum Sparse(float[] dense)
    {
        int[] indices = [.. Enumerable.Range(0, dense.Length).Where(i => dense[i] != 0)];
        return Datum.Of(new SparseVector(dense.Length, indices, [.. indices.Select(i => dense[i])]));
    }

    /// <summary>Long lists take the way of many numbers at once; whatever the mixture of forms, each number is what the exact parser makes of it.</summary>
    [Fact]
    public void Numbers_in_lists_are_rounded_exactly()
    {
        var random = new Random(6);
        string[] forms = ["R", "F0", "F3", "F12", "F25", "E5", "E20", "G9"];
        for (var round = 0; round < 400; round++)
        {
            var usual = forms[random.Next(forms.Length)];
            string[] numbers = [.. Enumerable.Range(0, random.Next(1, 200)).Select(_ => Number(random.Next(4) == 0 ? forms[random.Next(forms.Length)] : usual))];
            var separator = random.Next(3) == 0 ? ", " : random.Next(8) == 0 ? " , " : ",";
            var expected = numbers.Select(n => float.Parse(n, CultureInfo.InvariantCulture));

            Assert.Equal(expected, Parse("vector", $"[{string.Join(separator, numbers)}]").As<float[]>());
        }

        string Number(string form)
        {
            var value = random.Next(6) switch
            {
                0 => 0,
                1 => random.Next(-1000, 1000),
                2 => (double)random.NextSingle(),
                3 => BitConverter.Int32BitsToSingle(random.Next(0x3000_0000, 0x4800_0000)) + Math.ScaleB(1, -30),
                _ => random.NextDouble() * 2 - 1,
            };
            return (random.Next(8) == 0 ? "+" : "") + Math.Abs(value).ToString(form, CultureInfo.InvariantCulture) is var text && value < 0 && text[0] != '+' ? "-" + text : text;
        }
    }

    [Theory]
    [InlineData("0.5.")]
    [InlineData("-")]
    [InlineData("1-2")]
    [InlineData("1..2")]
    [InlineData("--1")]
    [InlineData("0.0000001x")]
    [InlineData("")]
    public void Mistakes_in_lists_are_seen(string wrong)
    {
        for (var place = 0; place < 70; place++)
        {
            var numbers = Enumerable.Repeat("-0.25", 70).ToArray();
            numbers[place] = wrong;
            Assert.StartsWith("invalid input syntax for type vector", Message("vector", $"[{string.Join(',', numbers)}]"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Typmods_are_checked()
    {
        Assert.Equal(3, PgTypes.Vector.Modifier!.Parse(PgTypes.Vector, ["3"]));
        Assert.Equal("vector(3)", PgTypes.Vector.Format(3));
        Assert.Equal("ruvector[]", PgTypes.RuVector.Array!.Format(-1));
        foreach (var (arguments, message) in new (string[], string)[]
        {
            (["3", "2"], "invalid type modifier"),
            (["0"], "dimensions for type halfvec must be at least 1"),
            (["16001"], "dimensions for type halfvec cannot exceed 16000"),
            (["a"], "invalid input syntax for type integer: \"a\""),
            (["99999999999"], "value \"99999999999\" is out of range for type integer"),
        })
            Assert.Equal(message, Assert.Throws<PgError>(() => PgTypes.HalfVec.Modifier!.Parse(PgTypes.HalfVec, arguments)).Message);
    }

    static TypeCodec Codec(string type) => PgTypes.Find(type)!.Codec;
    static Datum Parse(string type, string text, int typmod = -1) => Codec(type).Parse(Encoding.UTF8.GetBytes(text), typmod, TypeSettings.Default);
    static string Message(string type, string text, int typmod = -1) => Assert.Throws<PgError>(() => Parse(type, text, typmod)).Message;

    static Datum ReadBinary(string type, string hex)
    {
        var reader = new PgVectorCompat.Types.BinaryReader(Convert.FromHexString(hex));
        return Codec(type).ReadBinary(ref reader, -1);
    }
}
