using System.Text;
using PgVectorCompat.Types;

namespace PgVectorCompat.Protocol;

/// <summary>The <c>options</c> parameter: command-line arguments that set settings, <c>-c name=value</c>, <c>-cname=value</c> or <c>--name=value</c>.</summary>
public static class StartupOptions
{
    /// <summary>The settings in order. Raises FATAL 42601 for anything else, as PostgreSQL does.</summary>
    public static IReadOnlyList<(string Name, string Value)> Parse(string options)
    {
        var settings = new List<(string, string)>();
        var arguments = Split(options);
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "-c" && i + 1 < arguments.Count)
                settings.Add(Assignment(arguments[++i], "-c "));
            else if (argument.StartsWith("-c", StringComparison.Ordinal) && argument.Length > 2)
                settings.Add(Assignment(argument[2..], "-c "));
            else if (argument.StartsWith("--", StringComparison.Ordinal) && argument.Length > 2)
                settings.Add(Assignment(argument[2..], "--"));
            else
                throw Fatal($"invalid command-line argument for server process: {argument}");
        }
        return settings;
    }

    static (string, string) Assignment(string text, string prefix)
    {
        var equals = text.IndexOf('=');
        return equals > 0
            ? (text[..equals].Replace('-', '_'), text[(equals + 1)..])
            : throw Fatal($"{prefix}{text} requires a value");
    }

    /// <summary>Blanks separate arguments; a backslash takes the next character as it is.</summary>
    static List<string> Split(string options)
    {
        var arguments = new List<string>();
        var current = new StringBuilder();
        for (var i = 0; i < options.Length; i++)
        {
            if (!Utf8Text.IsSpace(options[i]))
                current.Append(options[i] == '\\' && i + 1 < options.Length ? options[++i] : options[i]);
            else if (current.Length > 0)
                Finish();
        }
        if (current.Length > 0)
            Finish();
        return arguments;

        void Finish()
        {
            arguments.Add(current.ToString());
            current.Clear();
        }
    }

    static PgError Fatal(string message) => new(SqlState.SyntaxError, message) { Severity = "FATAL" };
}
