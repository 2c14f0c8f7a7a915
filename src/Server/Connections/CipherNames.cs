using System.Net.Security;
using System.Security.Authentication;
using PgVectorCompat.Engine;

namespace PgVectorCompat.Server.Connections;

/// <summary>The words that OpenSSL, and so PostgreSQL, has for versions of TLS and their ciphers, where IANA has others.</summary>
static class CipherNames
{
    public static TlsFacts Describe(SslProtocols protocol, TlsCipherSuite suite)
    {
        var name = suite.ToString();
        return new(Version(protocol), OpenSslName(name), name.Contains("128", StringComparison.Ordinal) ? 128 : 256);
    }

    static string Version(SslProtocols protocol) => protocol == SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2";

    // TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 is ECDHE-RSA-AES256-GCM-SHA384; names of TLS 1.3, which have no WITH, are the same.
    static string OpenSslName(string name)
        => !name.Contains("_WITH_", StringComparison.Ordinal) ? name
            : name["TLS_".Length..].Replace("_WITH_", "-", StringComparison.Ordinal).Replace("AES_", "AES", StringComparison.Ordinal)
                .Replace("POLY1305_SHA256", "POLY1305", StringComparison.Ordinal).Replace('_', '-');
}
