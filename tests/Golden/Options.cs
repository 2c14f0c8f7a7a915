using System.Globalization;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Golden;

/// <summary>The command line: <c>golden [--server pgvc.dll | --url URL] [--mode M] [--complete] [--jobs N] [--show N] FILE|FOLDER…</c></summary>
sealed class Options
{
    public List<string> Paths { get; } = [];
    public string? Server { get; private set; }
    public Endpoint? Url { get; private set; }
    public string Mode { get; private set; } = Modes.Simple;
    public bool Complete { get; private set; }
    public int Jobs { get; private set; } = 4;
    public int Show { get; private set; } = 40;

    /// <summary>Modes a script's conditions are compared with.</summary>
    public IReadOnlySet<string> ActiveModes => new HashSet<string>(Url is null ? [Mode] : [Mode, Modes.Postgres]);

    public static Options Parse(string[] arguments)
    {
        var options = new Options();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--server": options.Server = arguments[++i]; break;
                case "--url": options.Url = ParseUrl(arguments[++i]); break;
                case "--mode": options.Mode = arguments[++i]; break;
                case "--complete": options.Complete = true; break;
                case "--jobs": options.Jobs = int.Parse(arguments[++i], CultureInfo.InvariantCulture); break;
                case "--show": options.Show = int.Parse(arguments[++i], CultureInfo.InvariantCulture); break;
                case ['-', ..]: throw new FormatException($"unknown option {arguments[i]}");
                default: options.Paths.Add(arguments[i]); break;
            }
        }
        if (options.Server is null == options.Url is null) throw new FormatException("one of --server and --url is needed");
        if (!Modes.All.Contains(options.Mode) || options.Mode == Modes.Postgres) throw new FormatException($"unknown mode {options.Mode}");
        if (options.Mode == Modes.Restart && options.Server is null) throw new FormatException("only an own server can be restarted");
        return options;
    }

    static Endpoint ParseUrl(string url)
    {
        var uri = new Uri(url);
        var user = uri.UserInfo.Split(':')[0];
        return new Endpoint(uri.Host, uri.Port < 0 ? 5432 : uri.Port, user == "" ? "postgres" : Uri.UnescapeDataString(user));
    }
}
