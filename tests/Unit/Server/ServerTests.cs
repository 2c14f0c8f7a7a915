using System.Diagnostics;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PgVectorCompat.Server;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Server;

/// <summary>What the server does outside of a session's statements: starting, encryption, silence, garbage, stopping.</summary>
public sealed class ServerTests : IAsyncLifetime
{
    const int SslRequest = 80877103, GssRequest = 80877104, CancelRequest = 80877102;

    readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("pgvc-test-");
    PgVectorServer _server = null!;

    public async Task InitializeAsync()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_directory.FullName, "test.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory.FullName, "test.key"), key.ExportPkcs8PrivateKeyPem());
        _server = await PgVectorServer.StartAsync(Options);
    }

    ServerOptions Options => new()
    {
        DataDirectory = Path.Combine(_directory.FullName, "data"),
        Port = 0,
        Settings = new Dictionary<string, string>
        {
            ["ssl"] = "on",
            ["ssl_cert_file"] = Path.Combine(_directory.FullName, "test.crt"),
            ["ssl_key_file"] = Path.Combine(_directory.FullName, "test.key"),
            ["max_connections"] = "10",
        },
    };

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void A_session_begins_with_its_parameters_and_its_key()
    {
        using var client = new RawClient(_server.Port);
        client.SendStartup("user\0postgres\0");

        var lines = client.ReadToReady();

        Assert.Equal("R 0", lines[0]);
        Assert.All(lines.Skip(1).SkipLast(2), line => Assert.StartsWith("S ", line));
        Assert.Equal(["K", "Z I"], lines.TakeLast(2));
    }

    [Fact]
    public void Encryption_is_negotiated_byte_by_byte()
    {
        using var client = new RawClient(_server.Port);
        client.SendRequest(GssRequest);
        Assert.Equal('N', client.ReadByte());
        client.SendRequest(SslRequest);
        Assert.Equal('S', client.ReadByte());

        var tls = client.StartTls();
        client.SendStartup("user\0postgres\0");

        Assert.Equal("Z I", client.ReadToReady()[^1]);
        Assert.True(tls.SslProtocol is SslProtocols.Tls12 or SslProtocols.Tls13);
    }

    [Fact]
    public void Tls_may_be_the_first_word()
    {
        using var client = new RawClient(_server.Port);
        var tls = client.StartTls();
        client.SendStartup("user\0postgres\0");

        Assert.Equal("Z I", client.ReadToReady()[^1]);
        Assert.Equal(new SslApplicationProtocol("postgresql"), tls.NegotiatedApplicationProtocol);
    }

    [Fact]
    public void A_cancel_request_stops_the_statement_and_is_not_answered()
    {
        using var client = RawClient.Ready(_server.Port);
        client.Send('Q', "SELECT pg_sleep(30)\0");
        Thread.Sleep(200);

        using (var canceller = new RawClient(_server.Port))
        {
            canceller.SendRequest(CancelRequest, client.BackendKey);
            Assert.Equal(-1, canceller.ReadByte());
        }

        Assert.Contains("E ERROR 57014 canceling statement due to user request", client.ReadToReady());
        Assert.Contains("C SELECT 1", client.Query("SELECT 1"));
    }

    [Fact]
    public void A_silent_client_in_a_transaction_is_sent_away()
    {
        using var client = RawClient.Ready(_server.Port);
        client.Query("SET idle_in_transaction_session_timeout = 200; BEGIN");

        Assert.Equal("E FATAL 25P03 terminating connection due to idle-in-transaction timeout", client.ReadMessage());
        Assert.Equal("EOF", client.ReadMessage());
    }

    [Fact]
    public void A_silent_client_is_sent_away()
    {
        using var client = RawClient.Ready(_server.Port);
        client.Query("SET idle_session_timeout = 200");

        Assert.Equal("E FATAL 57P05 terminating connection due to idle-session timeout", client.ReadMessage());
    }

    [Fact]
    public void A_notification_reaches_an_idle_session()
    {
        using var listener = RawClient.Ready(_server.Port);
        using var notifier = RawClient.Ready(_server.Port);
        listener.Query("LISTEN news");

        notifier.Query("NOTIFY news, 'hello'");

        Assert.Equal("A", listener.ReadMessage());
    }

    [Fact]
    public void Terminating_an_idle_session_tells_it_so()
    {
        using var victim = RawClient.Ready(_server.Port);
        using var killer = RawClient.Ready(_server.Port);
        var processId = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(victim.BackendKey);

        killer.Query($"SELECT pg_terminate_backend({processId})");

        Assert.Equal("E FATAL 57P01 terminating connection due to administrator command", victim.ReadMessage());
        Assert.Equal("EOF", victim.ReadMessage());
    }

    [Fact]
    public void Garbage_costs_only_its_own_connection()
    {
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            using var client = i % 2 == 0 ? new RawClient(_server.Port) : RawClient.Ready(_server.Port);
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            client.SendRaw(bytes);
        }
        using var next = RawClient.Ready(_server.Port);
        Assert.Contains("C SELECT 1", next.Query("SELECT 1"));
    }

    [Fact]
    public void Too_many_clients_are_told_so()
    {
        var clients = Enumerable.Range(0, 10).Select(_ => RawClient.Ready(_server.Port)).ToList();
        using var late = new RawClient(_server.Port);
        late.SendStartup("user\0postgres\0");

        Assert.Contains("E FATAL 53300 sorry, too many clients already", late.ReadToReady());
        clients.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Stopping_ends_idle_and_busy_sessions_soon()
    {
        using var idle = RawClient.Ready(_server.Port);
        using var busy = RawClient.Ready(_server.Port);
        using var copying = RawClient.Ready(_server.Port);
        busy.Send('Q', "SELECT pg_sleep(60)\0");
        copying.Query("CREATE TABLE c (n int)");
        copying.Send('Q', "COPY c FROM STDIN\0");
        Thread.Sleep(300);
        var clock = Stopwatch.StartNew();

        await _server.StopAsync();

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(4), $"took {clock.Elapsed}");
        const string farewell = "E FATAL 57P01 terminating connection due to administrator command";
        Assert.Contains(farewell, idle.ReadToReady());
        Assert.Contains(farewell, busy.ReadToReady());
        Assert.Contains(farewell, copying.ReadToReady());
    }

    [Fact]
    public async Task Without_a_password_only_this_machine_is_served()
    {
        var error = await Assert.ThrowsAsync<PgError>(() => PgVectorServer.StartAsync(Options with
        {
            DataDirectory = Path.Combine(_directory.FullName, "open"),
            Host = "0.0.0.0",
        }));

        Assert.Contains("has no password", error.Message);
    }

    [Fact]
    public async Task A_role_with_a_password_must_give_it_here_too()
    {
        await using var server = await PgVectorServer.StartAsync(Options with
        {
            DataDirectory = Path.Combine(_directory.FullName, "closed"),
            SuperuserPassword = "secret",
        });
        using var client = new RawClient(server.Port);
        client.SendStartup("user\0postgres\0");

        Assert.Equal("R 10", client.ReadMessage());
    }

    [Fact]
    public async Task A_second_server_on_the_directory_is_refused()
        => await Assert.ThrowsAnyAsync<Exception>(() => PgVectorServer.StartAsync(Options));
}
