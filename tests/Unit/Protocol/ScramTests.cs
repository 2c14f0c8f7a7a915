using System.Security.Cryptography;
using System.Text;
using PgVectorCompat.Protocol;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Protocol;

public sealed class ScramTests
{
    // RFC 7677, section 3.
    const string ClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    const string ClientFinal =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    static readonly byte[] EndPointHash = SHA256.HashData("certificate"u8);

    static ScramVerifier Pencil => ScramVerifier.Create("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    static ScramServer Server(string mechanism = ScramMechanism.Plain, byte[]? endPointHash = null, bool isMock = false)
        => new(Pencil, isMock, mechanism, endPointHash, ServerNonce);

    [Fact]
    public void The_example_of_RFC_7677_runs_to_its_end()
    {
        var server = Server();

        Assert.Equal(ServerFirst, Encoding.UTF8.GetString(server.First(Bytes(ClientFirst))));
        Assert.Equal(ServerFinal, Encoding.UTF8.GetString(server.Final(Bytes(ClientFinal))!));
    }

    [Fact]
    public void A_mock_exchange_looks_the_same_and_fails()
    {
        var server = Server(isMock: true);

        Assert.Equal(ServerFirst, Encoding.UTF8.GetString(server.First(Bytes(ClientFirst))));
        Assert.Null(server.Final(Bytes(ClientFinal)));
    }

    [Fact]
    public void A_wrong_proof_is_a_wrong_password()
    {
        var server = Server();
        server.First(Bytes(ClientFirst));

        Assert.Null(server.Final(Bytes(ClientFinal.Replace("p=dH", "p=dI"))));
    }

    [Fact]
    public void A_mock_keeps_its_salt_for_a_name()
    {
        byte[] secret = [1, 2, 3];

        Assert.Equal(ScramVerifier.Mock("ann", secret).Salt, ScramVerifier.Mock("ann", secret).Salt);
        Assert.NotEqual(ScramVerifier.Mock("ann", secret).Salt, ScramVerifier.Mock("bob", secret).Salt);
    }

    [Fact]
    public void Channel_binding_is_checked_against_the_certificate()
    {
        Assert.NotNull(FinalWithBinding(EndPointHash));
        Assert.Equal(SqlState.InvalidAuthorizationSpecification,
            Assert.Throws<PgError>(() => FinalWithBinding(SHA256.HashData("another"u8))).SqlState);

        static byte[]? FinalWithBinding(byte[] seenByClient)
        {
            const string header = "p=tls-server-end-point,,", bare = "n=,r=abc";
            var server = Server(ScramMechanism.Plus, EndPointHash);
            var serverFirst = Encoding.UTF8.GetString(server.First(Bytes(header + bare)));
            byte[] binding = [.. Bytes(header), .. seenByClient];
            var withoutProof = $"c={Convert.ToBase64String(binding)},r=abc{ServerNonce}";
            return server.Final(Bytes($"{withoutProof},p={Proof($"{bare},{serverFirst},{withoutProof}")}"));
        }
    }

    static string Proof(string authMessage)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2("pencil"u8.ToArray(), Pencil.Salt, 4096, HashAlgorithmName.SHA256, 32);
        var proof = HMACSHA256.HashData(salted, "Client Key"u8);
        var signature = HMACSHA256.HashData(SHA256.HashData(proof), Bytes(authMessage));
        for (var i = 0; i < proof.Length; i++)
            proof[i] ^= signature[i];
        return Convert.ToBase64String(proof);
    }

    [Theory]
    [InlineData("y,,n=,r=a", true, SqlState.InvalidAuthorizationSpecification)]
    [InlineData("p=tls-unique,,n=,r=a", true, SqlState.ProtocolViolation)]
    [InlineData("p=tls-server-end-point,,n=,r=a", false, SqlState.ProtocolViolation)]
    [InlineData("n,a=other,n=,r=a", false, SqlState.FeatureNotSupported)]
    [InlineData("n,,m=x,n=,r=a", false, SqlState.FeatureNotSupported)]
    [InlineData("n,,n=,r=", false, SqlState.ProtocolViolation)]
    [InlineData("n,,n=,r=a\u00e9", false, SqlState.ProtocolViolation)]
    [InlineData("q,,n=,r=a", false, SqlState.ProtocolViolation)]
    [InlineData("n", false, SqlState.ProtocolViolation)]
    [InlineData("", false, SqlState.ProtocolViolation)]
    public void A_bad_first_message_is_refused(string message, bool isTls, string sqlState)
        => Assert.Equal(sqlState,
            Assert.Throws<PgError>(() => Server(endPointHash: isTls ? EndPointHash : null).First(Bytes(message))).SqlState);

    [Theory]
    [InlineData("c=biws,r=other,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=!!!")]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")]
    [InlineData("p=")]
    public void A_bad_final_message_is_refused(string message)
    {
        var server = Server();
        server.First(Bytes(ClientFirst));

        Assert.Equal(SqlState.ProtocolViolation, Assert.Throws<PgError>(() => server.Final(Bytes(message))).SqlState);
    }

    [Fact]
    public void A_verifier_survives_its_text_form()
    {
        var text = ScramVerifier.Create("secret").ToString();

        var verifier = ScramVerifier.TryParse(text);

        Assert.Equal(text, verifier!.ToString());
        Assert.True(verifier.Fits("secret"));
        Assert.False(verifier.Fits("Secret"));
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("SCRAM-SHA-256$")]
    [InlineData("SCRAM-SHA-256$4096:c2FsdA==$abc:def")]
    [InlineData("SCRAM-SHA-256$0:c2FsdA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void Anything_else_is_not_a_verifier(string text) => Assert.Null(ScramVerifier.TryParse(text));

    [Fact]
    public void A_password_is_prepared_before_it_is_hashed()
        => Assert.True(ScramVerifier.Create("caf\u00e9\u00a0\u00adbar").Fits("caf\u00e9 bar"));
}
