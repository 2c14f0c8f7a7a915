using PgVectorCompat.Engine;
using PgVectorCompat.Protocol;
using PgVectorCompat.Types;

namespace PgVectorCompat.Server.Connections;

/// <summary>Makes a client prove that it is the user it says it is, before anything is done for it.</summary>
/// <param name="mode">What the server was told to ask for.</param>
/// <param name="mockSecret">Makes the exchange of a user that does not exist look the same every time.</param>
sealed class Authenticator(AuthenticationMode mode, byte[] mockSecret)
{
    /// <summary>
    /// Runs the exchange, up to AuthenticationOk, which is left in the output. False when the client left. Raises FATAL 28P01,
    /// 08P01, 28000, 0A000.
    /// </summary>
    /// <param name="user">Who it says it is.</param>
    /// <param name="role">What is known of that user; null when there is none.</param>
    /// <param name="client">Where requests go.</param>
    /// <param name="input">Where answers come from.</param>
    /// <param name="isLocal">Whether the client is on this machine.</param>
    /// <param name="endPointHash">Hash of the certificate when the connection is under TLS; else null.</param>
    public bool Run(string user, RoleCredentials? role, WireClient client, InputBuffer input, bool isLocal, byte[]? endPointHash)
    {
        var verifier = role?.PasswordVerifier is { } text ? ScramVerifier.TryParse(text) : null;
        var isKnown = Method(isLocal, role) switch
        {
            AuthenticationMode.Trust => true,
            AuthenticationMode.Password => AskPassword(verifier, client, input),
            _ => AskScram(user, verifier, client, input, endPointHash),
        };
        if (isKnown is null)
            return false;
        if (isKnown == false)
            throw Fatal(SqlState.InvalidPassword, $"password authentication failed for user \"{user}\"");
        client.Writer.AuthenticationOk();
        return true;
    }

    AuthenticationMode Method(bool isLocal, RoleCredentials? role) => mode switch
    {
        AuthenticationMode.Automatic => isLocal && role?.PasswordVerifier is null ? AuthenticationMode.Trust : AuthenticationMode.ScramSha256,
        _ => mode,
    };

    /// <summary>Whether the password fits; null when the client left.</summary>
    static bool? AskPassword(ScramVerifier? verifier, WireClient client, InputBuffer input)
    {
        client.Writer.AuthenticationCleartextPassword();
        if (!TryReceive(client, input, out var body))
            return null;
        var reader = new MessageReader(body);
        var password = Utf8Text.Decode(reader.ReadCString());
        reader.End();
        if (password.Length == 0)
            throw Fatal(SqlState.InvalidPassword, "empty password returned by client");
        return verifier is not null && verifier.Fits(password);
    }

    /// <summary>Whether the client proved to know the password; null when it left.</summary>
    bool? AskScram(string user, ScramVerifier? verifier, WireClient client, InputBuffer input, byte[]? endPointHash)
    {
        client.Writer.AuthenticationSasl(endPointHash is null ? [ScramMechanism.Plain] : [ScramMechanism.Plus, ScramMechanism.Plain]);
        if (!TryReceive(client, input, out var body))
            return null;

        var initial = SaslInitialResponse.Read(body);
        if (initial.Mechanism != ScramMechanism.Plain && (initial.Mechanism != ScramMechanism.Plus || endPointHash is null))
            throw Fatal(SqlState.ProtocolViolation, "client selected an invalid SASL authentication mechanism");
        var scram = new ScramServer(verifier ?? ScramVerifier.Mock(user, mockSecret), verifier is null, initial.Mechanism, endPointHash);

        var clientFirst = initial.Data;
        if (!initial.HasData)
        {
            client.Writer.AuthenticationSaslContinue([]);
            if (!TryReceive(client, input, out clientFirst))
                return null;
        }
        client.Writer.AuthenticationSaslContinue(scram.First(clientFirst));

        if (!TryReceive(client, input, out var clientFinal))
            return null;
        if (scram.Final(clientFinal) is not { } serverFinal)
            return false;
        client.Writer.AuthenticationSaslFinal(serverFinal);
        return true;
    }

    static bool TryReceive(WireClient client, InputBuffer input, out ReadOnlySpan<byte> body)
    {
        client.Flush();
        FrontendMessageType type;
        while (!input.TryTake(out type, out body, out var isLost, authenticating: true))
            if (isLost || input.Fill() <= 0)
                return false;
        return type == FrontendMessageType.Password
            ? true
            : throw Fatal(SqlState.ProtocolViolation, $"expected password response, got message type {(byte)type}");
    }

    static PgError Fatal(string sqlState, string message) => new(sqlState, message) { Severity = "FATAL" };
}
