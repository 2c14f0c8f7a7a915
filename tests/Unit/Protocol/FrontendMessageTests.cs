using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PgVectorCompat.Protocol;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Protocol;

public sealed class FrontendMessageTests
{
    static byte[] Body(Action<ByteWriter> write)
    {
        var output = new ByteWriter();
        write(output);
        return output.Written.ToArray();
    }

    static byte[] Startup(int code, string pairs) => Body(o =>
    {
        o.WriteInt32(code);
        o.WriteText(pairs.Replace('|', '\0'));
    });

    static SessionStartup Session(string pairs, int version = 0x30000)
        => Assert.IsType<SessionStartup>(StartupPacket.Read(Startup(version, pairs)));

    [Fact]
    public void Requests_before_a_session_are_told_by_their_codes()
    {
        Assert.IsType<SslRequest>(StartupPacket.Read(Startup(80877103, "")));
        Assert.IsType<GssEncryptionRequest>(StartupPacket.Read(Startup(80877104, "")));
        Assert.Equal(new CancelRequest(0x61626364, 0x65666768), StartupPacket.Read(Startup(80877102, "abcdefgh")));
        Assert.Null(StartupPacket.Read(Startup(80877102, "abc")));
    }

    [Fact]
    public void A_session_begins_with_user_database_and_settings()
    {
        var startup = Session("user|ann|database|shop|options|-c a.b=1 --c-d=2 -ce=3\\ 4|client_encoding|'utf-8'||");

        Assert.Equal("ann", startup.User);
        Assert.Equal("shop", startup.Database);
        Assert.Equal([("a.b", "1"), ("c_d", "2"), ("e", "3 4"), ("client_encoding", "'utf-8'")], startup.Settings);
        Assert.False(startup.NeedsNegotiation);
    }

    [Fact]
    public void The_database_defaults_to_the_user() => Assert.Equal("ann", Session("user|ann||").Database);

    [Fact]
    public void Newer_minor_versions_and_protocol_options_are_negotiated()
    {
        Assert.True(Session("user|ann||", version: 0x30002).NeedsNegotiation);
        Assert.Equal(["_pq_.x"], Session("user|ann|_pq_.x|1||").ProtocolOptions);
    }

    [Theory]
    [InlineData(0x40000, "user|ann||", SqlState.FeatureNotSupported)]
    [InlineData(0x20000, "user|ann||", SqlState.FeatureNotSupported)]
    [InlineData(0x30000, "|", SqlState.InvalidAuthorizationSpecification)]
    [InlineData(0x30000, "database|x||", SqlState.InvalidAuthorizationSpecification)]
    [InlineData(0x30000, "", SqlState.ProtocolViolation)]
    [InlineData(0x30000, "user|ann|", SqlState.ProtocolViolation)]
    [InlineData(0x30000, "user|ann", SqlState.ProtocolViolation)]
    [InlineData(0x30000, "user|ann||more|", SqlState.ProtocolViolation)]
    [InlineData(0x30000, "user|ann|options|-x||", SqlState.SyntaxError)]
    public void A_bad_startup_packet_is_refused(int version, string pairs, string sqlState)
    {
        var error = Assert.Throws<PgError>(() => StartupPacket.Read(Startup(version, pairs)));

        Assert.Equal((sqlState, "FATAL"), (error.SqlState, error.Severity));
    }

    [Theory]
    [InlineData('Q', 4, true)]
    [InlineData('Q', 0x3ffffffe, true)]
    [InlineData('Q', 0x3fffffff, false)]
    [InlineData('Q', 3, false)]
    [InlineData('Q', -1, false)]
    [InlineData('S', 10_000, true)]
    [InlineData('S', 10_001, false)]
    public void Lengths_are_limited_by_type(char type, int length, bool isPossible)
    {
        var header = Body(o =>
        {
            o.WriteByte((byte)type);
            o.WriteInt32(length);
        });

        Assert.Equal(isPossible, Frame.TryRead(header, authenticating: false, out _));
    }

    [Fact]
    public void An_unknown_type_ends_the_connection()
    {
        var error = Assert.Throws<PgError>(() => Frame.TryRead([(byte)'?', 0, 0, 0, 4], authenticating: false, out _));

        Assert.Equal(("FATAL", "invalid frontend message type 63"), (error.Severity, error.Message));
    }

    [Fact]
    public void Bind_is_taken_apart_in_place()
    {
        var body = Body(o =>
        {
            o.WriteCString("p");
            o.WriteCString("s");
            o.WriteInt16(1);
            o.WriteInt16(1);
            o.WriteInt16(2);
            o.WriteInt32(-1);
            o.WriteInt32(3);
            o.WriteText("abc");
            o.WriteInt16(2);
            o.WriteInt16(0);
            o.WriteInt16(1);
        });

        var message = BindMessage.Read(body);

        short[] scratch = [];
        Assert.Equal("p"u8, message.Portal);
        Assert.Equal("s"u8, message.Statement);
        Assert.Equal([1], message.ParameterFormats.CopyTo(ref scratch).ToArray());
        Assert.Equal(2, message.ParameterCount);
        Assert.Equal([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c'], message.Values.ToArray());
        Assert.Equal([0, 1], message.ResultFormats.CopyTo(ref scratch).ToArray());
    }

    [Fact]
    public void Parse_lists_its_parameter_types()
    {
        var body = Body(o =>
        {
            o.WriteCString("");
            o.WriteCString("select $1");
            o.WriteInt16(1);
            o.WriteInt32(unchecked((int)4_000_000_000));
        });

        var message = ParseMessage.Read(body);

        uint[] scratch = [];
        Assert.Equal("select $1"u8, message.Sql);
        Assert.Equal([4_000_000_000], message.ParameterTypes.CopyTo(ref scratch).ToArray());
    }

    [Fact]
    public void A_query_without_its_zero_byte_is_refused()
        => Assert.Equal("invalid string in message", Assert.Throws<PgError>(() => QueryMessage.Read("select 1"u8)).Message);

    [Fact]
    public void Any_bytes_are_a_message_or_a_protocol_violation()
        => Prop.ForAll<byte[]>(bytes =>
            {
                IsReadOrRefused(() => QueryMessage.Read(bytes));
                IsReadOrRefused(() => ParseMessage.Read(bytes));
                IsReadOrRefused(() => BindMessage.Read(bytes));
                IsReadOrRefused(() => ExecuteMessage.Read(bytes));
                IsReadOrRefused(() => TargetMessage.Read(bytes, "CLOSE"));
                IsReadOrRefused(() => SaslInitialResponse.Read(bytes));
                IsReadOrRefused(() => StartupPacket.Read([0, 3, 0, 0, .. bytes]));
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    static void IsReadOrRefused(Action read)
    {
        try
        {
            read();
        }
        catch (PgError error)
        {
            Assert.Contains(error.SqlState,
                new[] { SqlState.ProtocolViolation, SqlState.InvalidAuthorizationSpecification, SqlState.SyntaxError });
        }
    }
}
