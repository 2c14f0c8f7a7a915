namespace PgVectorCompat.Protocol;

/// <summary>Names of the two mechanisms.</summary>
public static class ScramMechanism
{
    public const string Plain = "SCRAM-SHA-256";

    /// <summary>With channel binding: the client proves that it sees this server's certificate. Only offered under TLS.</summary>
    public const string Plus = "SCRAM-SHA-256-PLUS";
}
