using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PgVectorCompat.Protocol;
using PgVectorCompat.Types;

namespace PgVectorCompat.Server;

/// <summary>The server's certificate and what TLS is spoken with it.</summary>
sealed class TlsSettings
{
    /// <summary>The ALPN name that a client must offer when it starts with TLS at once.</summary>
    public static readonly SslApplicationProtocol PostgreSql = new("postgresql");

    readonly SslStreamCertificateContext _certificate;

    TlsSettings(X509Certificate2 certificate, X509Certificate2Collection chain)
    {
        _certificate = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        EndPointHash = ChannelBinding.EndPointHash(certificate);
    }

    /// <summary>What SCRAM-SHA-256-PLUS binds to.</summary>
    public byte[] EndPointHash { get; }

    public SslServerAuthenticationOptions Options => new()
    {
        ServerCertificateContext = _certificate,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [PostgreSql],
        ClientCertificateRequired = false,
    };

    /// <summary>
    /// From ssl, ssl_cert_file and ssl_key_file (relative to the data directory); null when TLS is off. Raises FATAL F0000 when a file
    /// is missing or is no certificate or key.
    /// </summary>
    public static TlsSettings? Load(Func<string, string> getSetting, string dataDirectory)
    {
        if (getSetting("ssl") != "on")
            return null;
        var certificateFile = getSetting("ssl_cert_file");
        var keyFile = getSetting("ssl_key_file");
        try
        {
            var certificatePath = Path.Combine(dataDirectory, certificateFile);
            var certificate = X509Certificate2.CreateFromPemFile(certificatePath, Path.Combine(dataDirectory, keyFile));
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificatePath);
            return new TlsSettings(certificate, chain);
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new PgError("F0000", $"could not load server certificate file \"{certificateFile}\" with key \"{keyFile}\": {e.Message}")
            {
                Severity = "FATAL",
            };
        }
    }
}
