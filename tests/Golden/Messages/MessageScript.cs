using PgVectorCompat.Golden.Script;

namespace PgVectorCompat.Golden.Messages;

/// <summary>Messages to send on one connection and the replies expected, each a line of text.</summary>
sealed record Exchange(int Line, IReadOnlyList<string> Preamble, bool Continues, IReadOnlyList<string> Sends)
{
    public List<string> Replies { get; set; } = [];
}

/// <summary>A <c>.msg</c> file: exchanges parted by blank lines, sends and replies by a separator.</summary>
sealed class MessageScript
{
    /// <summary>First line of an exchange that goes on with the connection of the one before.</summary>
    const string Continue = "continue";

    readonly string _path;
    readonly List<string> _trailer = [];

    public List<Exchange> Exchanges { get; } = [];

    public string Path => _path;

    public MessageScript(string path)
    {
        _path = path;
        var preamble = new List<string>();
        var lines = File.ReadAllLines(path);
        for (var next = 0; next < lines.Length;)
        {
            if (lines[next] == "" || lines[next].StartsWith('#'))
            {
                preamble.Add(lines[next++]);
                continue;
            }
            var line = next + 1;
            var continues = lines[next] == Continue;
            if (continues) next++;
            var sends = Take(lines, ref next, ScriptParser.Separator);
            var replies = next > 0 && lines[next - 1] == ScriptParser.Separator ? Take(lines, ref next, "") : [];
            Exchanges.Add(new Exchange(line, preamble, continues, sends) { Replies = replies });
            preamble = [];
        }
        _trailer = preamble;
    }

    public void Write() => File.WriteAllLines(_path,
    [
        .. Exchanges.SelectMany(exchange => (string[])
        [
            .. exchange.Preamble.SkipWhile(line => line == ""), .. exchange.Continues ? [Continue] : Array.Empty<string>(), .. exchange.Sends,
            ScriptParser.Separator, .. exchange.Replies, "",
        ]).SkipLast(1),
        .. _trailer.Where(line => line != ""),
    ]);

    /// <summary>Lines up to the end given or a blank one.</summary>
    static List<string> Take(string[] lines, ref int next, string end)
    {
        var taken = new List<string>();
        while (next < lines.Length && lines[next++] is var line && line != end && line != "") taken.Add(line);
        return taken;
    }
}
