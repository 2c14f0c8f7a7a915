namespace PgVectorCompat.Macro;

/// <summary>A server to measure: where it is and what the table calls it. Clients connect without a password.</summary>
public sealed record Target(string Name, string Host, int Port, string User = "postgres", string Database = "postgres")
{
    /// <summary><c>HOST:PORT</c>, <c>USER@HOST:PORT</c> or <c>USER@HOST:PORT/DATABASE</c>.</summary>
    public static Target Parse(string name, string text)
    {
        var at = text.LastIndexOf('@');
        var user = at < 0 ? "postgres" : text[..at];
        var rest = text[(at + 1)..];
        var slash = rest.IndexOf('/');
        var database = slash < 0 ? "postgres" : rest[(slash + 1)..];
        var address = slash < 0 ? rest : rest[..slash];
        var colon = address.LastIndexOf(':');
        return colon < 0
            ? throw new ArgumentException($"{text}: HOST:PORT expected")
            : new Target(name, address[..colon], int.Parse(address[(colon + 1)..]), user, database);
    }

    public WireClient Connect() => new(this);

    public override string ToString() => $"{Name} ({Host}:{Port})";
}
