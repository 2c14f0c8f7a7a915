using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PgVectorCompat.Protocol;

/// <summary>Channel binding of type tls-server-end-point (RFC 5929).</summary>
public static class ChannelBinding
{
    /// <summary>Hash of the certificate with the hash of its own signature; MD5 and SHA-1 give way to SHA-256.</summary>
    public static byte[] EndPointHash(X509Certificate2 certificate) => certificate.SignatureAlgorithm.Value switch
    {
        // sha384WithRSAEncryption, ecdsa-with-SHA384
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => SHA384.HashData(certificate.RawDataMemory.Span),

        // sha512WithRSAEncryption, ecdsa-with-SHA512
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => SHA512.HashData(certificate.RawDataMemory.Span),

        _ => SHA256.HashData(certificate.RawDataMemory.Span),
    };
}
