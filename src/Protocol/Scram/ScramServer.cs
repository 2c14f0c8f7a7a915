using System.Security.Cryptography;
using System.Text;
using PgVectorCompat.Types;

namespace PgVectorCompat.Protocol;

/// <summary>
/// The server's side of one SCRAM-SHA-256 exchange (RFC 5802, 7677), with PostgreSQL's rules: the user name inside the messages is
/// ignored, channel binding is tls-server-end-point or none.
/// </summary>
/// <remarks>
/// client-first:  <c>gs2-header n=user,r=client-nonce</c><br/>
/// server-first:  <c>r=client-nonce+server-nonce,s=salt,i=iterations</c><br/>
/// client-final:  <c>c=channel-binding,r=nonce,p=proof</c><br/>
/// server-final:  <c>v=signature</c><br/>
/// Both proofs are HMACs over the first three messages (AuthMessage), so neither side can have been replayed.
/// </remarks>
/// <param name="verifier">The user's, or a mock.</param>
/// <param name="isMock">The exchange runs to its end and then fails.</param>
/// <param name="mechanism">The one the client chose.</param>
/// <param name="endPointHash">Hash of the server's certificate; null without TLS, when PLUS is not offered.</param>
/// <param name="serverNonce">For tests; random when null.</param>
public sealed class ScramServer(ScramVerifier verifier, bool isMock, string mechanism, byte[]? endPointHash, string? serverNonce = null)
{
    const int NonceBytes = 18;

    readonly string _serverNonce = serverNonce ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
    string _gs2Header = "", _clientFirstBare = "", _serverFirst = "", _nonce = "";

    /// <summary>Answers client-first with server-first. Raises FATAL 08P01, 0A000, 28000.</summary>
    public byte[] First(ReadOnlySpan<byte> clientFirst)
    {
        var message = Decode(clientFirst);
        var attributes = message.Split(',');
        if (attributes.Length < 4)
            throw Malformed();
        CheckBindingFlag(attributes[0]);
        if (attributes[1].Length > 0)
            throw Fatal(SqlState.FeatureNotSupported, "client uses authorization identity, but it is not supported");
        if (attributes[2].StartsWith("m=", StringComparison.Ordinal))
            throw Fatal(SqlState.FeatureNotSupported, "client requires an unsupported SCRAM extension");
        if (!attributes[2].StartsWith("n=", StringComparison.Ordinal) || !attributes[3].StartsWith("r=", StringComparison.Ordinal))
            throw Malformed();
        var clientNonce = attributes[3][2..];
        if (clientNonce.Length == 0 || clientNonce.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw Fatal(SqlState.ProtocolViolation, "non-printable characters in SCRAM nonce");

        _gs2Header = $"{attributes[0]},{attributes[1]},";
        _clientFirstBare = message[_gs2Header.Length..];
        _nonce = clientNonce + _serverNonce;
        _serverFirst = $"r={_nonce},s={Convert.ToBase64String(verifier.Salt)},i={verifier.Iterations}";
        return Encoding.UTF8.GetBytes(_serverFirst);
    }

    void CheckBindingFlag(string flag)
    {
        switch (flag)
        {
            case "n" or "y" when mechanism == ScramMechanism.Plus:
                throw Malformed("The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data.");
            case "n":
                return;
            case "y" when endPointHash is null:
                return;
            case "y":
                throw Fatal(SqlState.InvalidAuthorizationSpecification, "SCRAM channel binding negotiation error",
                    "The client supports SCRAM channel binding but thinks the server does not.  However, this server does support channel binding.");
            case var _ when !flag.StartsWith("p=", StringComparison.Ordinal):
                throw Malformed($"Unexpected channel-binding flag \"{flag}\".");
            case var _ when mechanism != ScramMechanism.Plus:
                throw Malformed("The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.");
            case "p=tls-server-end-point":
                return;
            default:
                throw Fatal(SqlState.ProtocolViolation, "unsupported SCRAM channel-binding type \"" + flag[2..] + "\"");
        }
    }

    /// <summary>
    /// Checks client-final and answers with server-final; null when the proof is wrong, which is a wrong password.
    /// Raises FATAL 08P01, 28000.
    /// </summary>
    public byte[]? Final(ReadOnlySpan<byte> clientFinal)
    {
        var message = Decode(clientFinal);
        var attributes = message.Split(',');
        if (attributes.Length < 3 || !attributes[0].StartsWith("c=", StringComparison.Ordinal)
            || !attributes[1].StartsWith("r=", StringComparison.Ordinal) || !attributes[^1].StartsWith("p=", StringComparison.Ordinal))
            throw Malformed();

        CheckBinding(attributes[0][2..]);
        if (attributes[1][2..] != _nonce)
            throw Fatal(SqlState.ProtocolViolation, "invalid SCRAM response", "Nonce does not match.");
        if (Base64Text.TryDecode(attributes[^1].AsSpan(2)) is not { Length: ScramVerifier.KeyLength } proof)
            throw Malformed("Malformed proof in client-final-message.");

        var withoutProof = message[..^(attributes[^1].Length + 1)];
        var authMessage = Encoding.UTF8.GetBytes($"{_clientFirstBare},{_serverFirst},{withoutProof}");
        var clientSignature = HMACSHA256.HashData(verifier.StoredKey, authMessage);
        for (var i = 0; i < proof.Length; i++)
            proof[i] ^= clientSignature[i];
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(proof), verifier.StoredKey) || isMock)
            return null;

        return Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(HMACSHA256.HashData(verifier.ServerKey, authMessage)));
    }

    /// <summary>The client repeats its header and, with channel binding, what it holds for this server's certificate.</summary>
    void CheckBinding(string binding)
    {
        var header = Encoding.UTF8.GetBytes(_gs2Header);
        if (mechanism == ScramMechanism.Plus)
        {
            byte[] expected = [.. header, .. endPointHash!];
            if (binding != Convert.ToBase64String(expected))
                throw Fatal(SqlState.InvalidAuthorizationSpecification, "SCRAM channel binding check failed");
        }
        else if (binding != Convert.ToBase64String(header))
            throw Fatal(SqlState.ProtocolViolation, "unexpected SCRAM channel-binding attribute in client-final-message");
    }

    static string Decode(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty)
            throw Malformed("The message is empty.");
        return message.Contains((byte)0) ? throw Malformed("Message length does not match input length.") : Encoding.UTF8.GetString(message);
    }

    static PgError Malformed(string? detail = null) => Fatal(SqlState.ProtocolViolation, "malformed SCRAM message", detail);

    static PgError Fatal(string sqlState, string message, string? detail = null)
        => new(sqlState, message) { Severity = "FATAL", Detail = detail };
}
