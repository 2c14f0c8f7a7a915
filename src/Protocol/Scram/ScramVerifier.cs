using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PgVectorCompat.Protocol;

/// <summary>
/// What the server keeps of a password, as pg_authid.rolpassword shows it:
/// <c>SCRAM-SHA-256$&lt;iterations&gt;:&lt;salt&gt;$&lt;StoredKey&gt;:&lt;ServerKey&gt;</c>, the byte strings in base64.
/// </summary>
/// <remarks>
/// With it the server can check a client and prove itself, but nobody can log in (RFC 5802). SaltedPassword = PBKDF2(password);
/// ClientKey = HMAC(SaltedPassword, "Client Key"); StoredKey = SHA-256(ClientKey); ServerKey = HMAC(SaltedPassword, "Server Key").
/// </remarks>
public sealed record ScramVerifier(int Iterations, byte[] Salt, byte[] StoredKey, byte[] ServerKey)
{
    public const int DefaultIterations = 4096;
    public const int KeyLength = 32;
    const int SaltLength = 16;
    const string Scheme = "SCRAM-SHA-256$";

    /// <summary>A verifier with a fresh salt.</summary>
    public static ScramVerifier Create(string password, int iterations = DefaultIterations)
        => Create(password, RandomNumberGenerator.GetBytes(SaltLength), iterations);

    public static ScramVerifier Create(string password, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(SaslPrep.Prepare(password)), salt, iterations, HashAlgorithmName.SHA256, KeyLength);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        return new ScramVerifier(iterations, salt, SHA256.HashData(clientKey), HMACSHA256.HashData(salted, "Server Key"u8));
    }

    /// <summary>
    /// A verifier that no password fits, for a user that does not exist: the same for each name while <paramref name="secret"/>
    /// stays, so that the exchange does not tell which names exist.
    /// </summary>
    public static ScramVerifier Mock(string userName, ReadOnlySpan<byte> secret)
        => new(
            DefaultIterations,
            Salt: HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(userName))[..SaltLength],
            StoredKey: RandomNumberGenerator.GetBytes(KeyLength),
            ServerKey: RandomNumberGenerator.GetBytes(KeyLength));

    /// <summary>Reads what <see cref="ToString"/> writes; null when <paramref name="text"/> is something else (then it is a plain password).</summary>
    public static ScramVerifier? TryParse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.Ordinal) || text[Scheme.Length..].Split('$') is not [var saltPart, var keyPart])
            return null;
        if (saltPart.Split(':') is not [var iterations, var salt] || keyPart.Split(':') is not [var storedKey, var serverKey])
            return null;
        return int.TryParse(iterations, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
                && Base64Text.TryDecode(salt) is { } saltBytes
                && Base64Text.TryDecode(storedKey) is { Length: KeyLength } stored
                && Base64Text.TryDecode(serverKey) is { Length: KeyLength } server
            ? new ScramVerifier(count, saltBytes, stored, server)
            : null;
    }

    /// <summary>Whether <paramref name="password"/> is the one this was made of.</summary>
    public bool Fits(string password)
        => CryptographicOperations.FixedTimeEquals(Create(password, Salt, Iterations).StoredKey, StoredKey);

    public override string ToString()
        => $"{Scheme}{Iterations}:{Convert.ToBase64String(Salt)}${Convert.ToBase64String(StoredKey)}:{Convert.ToBase64String(ServerKey)}";
}
