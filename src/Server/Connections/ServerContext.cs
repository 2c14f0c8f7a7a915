using PgVectorCompat.Engine;

namespace PgVectorCompat.Server.Connections;

/// <summary>What all connections of a server share.</summary>
sealed record ServerContext(Cluster Cluster, TlsSettings? Tls, Authenticator Authenticator, Action<string> Log);
