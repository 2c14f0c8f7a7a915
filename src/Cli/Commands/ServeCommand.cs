using System.CommandLine;
using System.Globalization;
using PgVectorCompat.Server;
using PgVectorCompat.Types;

namespace PgVectorCompat.Cli.Commands;

/// <summary><c>pgvc serve</c>: runs a server until SIGTERM or SIGINT.</summary>
static class ServeCommand
{
    public static Command Create()
    {
        var data = new DataOptions();
        var host = new Option<string?>("--host", "-h") { Description = "Addresses to listen on, separated by commas; * for all. [default: 127.0.0.1]" };
        var port = new Option<int?>("--port", "-p") { Description = "TCP port; 0 for a free one. [default: 5432]" };
        var authentication = new Option<string>("--auth")
        {
            Description = "How clients prove who they are: automatic (a role with a password must give it, one without is trusted from this machine "
                + "only), scram-sha-256, password (in clear), or trust (anybody, from anywhere).",
            DefaultValueFactory = _ => "automatic",
        };
        authentication.AcceptOnlyFromAmong("automatic", "scram-sha-256", "password", "trust");

        var command = new Command("serve", "Run a server.") { host, port, authentication };
        data.AddTo(command);
        command.SetAction((arguments, _) =>
        {
            var options = data.Read(arguments);
            return RunAsync(options with
            {
                Host = arguments.GetValue(host) ?? options.Settings.GetValueOrDefault("listen_addresses", options.Host),
                Port = arguments.GetValue(port) ?? PortSetting(options),
                Authentication = Mode(arguments.GetValue(authentication)!),
            });
        });
        return command;
    }

    static int PortSetting(ServerOptions options)
        => !options.Settings.TryGetValue("port", out var text) ? options.Port
            : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var port) ? port
            : throw new PgError(SqlState.InvalidParameterValue, $"invalid value for parameter \"port\": \"{text}\"");

    static AuthenticationMode Mode(string name) => name switch
    {
        "trust" => AuthenticationMode.Trust,
        "password" => AuthenticationMode.Password,
        "scram-sha-256" => AuthenticationMode.ScramSha256,
        _ => AuthenticationMode.Automatic,
    };

    static async Task<int> RunAsync(ServerOptions options)
    {
        using var signal = new StopSignal();
        await using var server = await PgVectorServer.StartAsync(options);
        Console.WriteLine($"pgvc is ready: {ConnectionUri.For(options, server)} (data in {options.DataDirectory})");
        if (await Task.WhenAny(signal.Received, server.Failed) == server.Failed) return 1;
        await server.StopAsync();
        return 0;
    }
}
