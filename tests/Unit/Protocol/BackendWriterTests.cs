using System.Text;
using PgVectorCompat.Protocol;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Protocol;

public sealed class BackendWriterTests
{
    static readonly Datum[] ThreeValues = [Datum.Of(7), Datum.Null, Datum.Of("\u00e9")];

    /// <summary>The written message with its length in decimal and zero bytes as <c>|</c>, other control bytes as <c>\n</c>.</summary>
    static string Written(Action<BackendWriter> write)
    {
        var output = new ByteWriter();
        write(new BackendWriter(output));
        var bytes = output.Written;
        var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes[1..]);
        Assert.Equal(bytes.Length - 1, length);

        var text = new StringBuilder().Append((char)bytes[0]).Append(' ');
        foreach (var b in bytes[5..])
            text.Append(b == 0 ? "|" : b < 32 ? $"\\{b}" : ((char)b).ToString());
        return text.ToString();
    }

    [Fact]
    public void Errors_carry_the_fields_they_have()
    {
        Assert.Equal("E SERROR|VERROR|C23505|Mdup|DKey|HDo|P12|Wctx|spublic|tt|cid|dint4|nt_pkey|RRoutine||", Written(w => w.ErrorResponse(
            new PgError("23505", "dup")
            {
                Detail = "Key", Hint = "Do", Position = 12, Where = "ctx", Schema = "public", Table = "t", Column = "id",
                DataType = "int4", Constraint = "t_pkey", Routine = "Routine",
            })));
        Assert.Equal("E SFATAL|VFATAL|C57P01|Mbye||", Written(w => w.ErrorResponse(new PgError("57P01", "bye") { Severity = "FATAL" })));
    }

    [Fact]
    public void Notices_look_like_errors()
        => Assert.Equal("N SNOTICE|VNOTICE|C00000|Mskip||", Written(w => w.NoticeResponse("NOTICE", "00000", "skip", null, null, null)));

    [Fact]
    public void Startup_messages()
    {
        Assert.Equal("R ||||", Written(w => w.AuthenticationOk()));
        Assert.Equal("R |||\\10SCRAM-SHA-256-PLUS|SCRAM-SHA-256||", Written(w => w.AuthenticationSasl([ScramMechanism.Plus, ScramMechanism.Plain])));
        Assert.Equal("v |\\3|||||\\1_pq_.x|", Written(w => w.NegotiateProtocolVersion(["_pq_.x"])));
        Assert.Equal("K |||\\1|||\\2", Written(w => w.BackendKeyData(1, 2)));
        Assert.Equal("S TimeZone|UTC|", Written(w => w.ParameterStatus("TimeZone", "UTC")));
        Assert.Equal("Z I", Written(w => w.ReadyForQuery((byte)'I')));
    }

    [Fact]
    public void Row_description()
        => Assert.Equal("T |\\1id|||| |\\2|||\\23|\\4\u00ff\u00ff\u00ff\u00ff|\\1", Written(w =>
        {
            var begun = w.BeginRowDescription(1);
            w.RowDescriptionField("id", 32, 2, PgTypes.Int4, -1, isBinary: true);
            w.EndRowDescription(begun);
        }));

    [Fact]
    public void Copy_messages()
    {
        Assert.Equal("G \\1|\\2|\\1|\\1", Written(w => w.CopyInResponse(isBinary: true, 2)));
        Assert.Equal("H ||\\1||", Written(w => w.CopyOutResponse(isBinary: false, 1)));
        Assert.Equal("d abc", Written(w => w.CopyData("abc"u8)));
    }

    [Fact]
    public void Rows_in_text_and_binary()
    {
        Assert.Equal("D |\\3|||\\17\u00ff\u00ff\u00ff\u00ff|||\\2\u00c3\u00a9", Row(isBinary: false));
        Assert.Equal("D |\\3|||\\4|||\\7\u00ff\u00ff\u00ff\u00ff|||\\2\u00c3\u00a9", Row(isBinary: true));

        static string Row(bool isBinary) => Written(w =>
        {
            var rows = new RowWriter(w.Output);
            rows.Begin(3, TypeSettings.Default);
            rows.AddColumn(PgTypes.Int4, isBinary);
            rows.AddColumn(PgTypes.Int4, isBinary);
            rows.AddColumn(PgTypes.Text, isBinary);
            rows.Write(ThreeValues);
        });
    }
}
