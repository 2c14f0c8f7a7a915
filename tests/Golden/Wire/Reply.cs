using System.Net.Sockets;

namespace PgVectorCompat.Golden.Wire;

/// <summary>A column as RowDescription gives it.</summary>
sealed record Column(string Name, uint TypeOid, int TypeModifier);

/// <summary>The fields of an ErrorResponse or NoticeResponse by their letter.</summary>
sealed class Report(IReadOnlyDictionary<char, string> fields)
{
    public string SqlState => Field('C') ?? "";
    public string Message => Field('M') ?? "";
    public string Severity => Field('S') ?? "";

    public string? Field(char letter) => fields.TryGetValue(letter, out var value) ? value : null;
}

/// <summary>All that came back for one statement.</summary>
sealed class Reply
{
    public IReadOnlyList<Column> Columns { get; set; } = [];

    /// <summary>Rows as text, NULL as null.</summary>
    public List<string?[]> Rows { get; } = [];

    /// <summary>The last command tag; empty for an empty query.</summary>
    public string Tag { get; set; } = "";
    public Report? Error { get; set; }
    public List<Report> Notices { get; } = [];

    /// <summary>Lines of COPY output; null when there was none.</summary>
    public List<byte>? CopyOut { get; set; }
}

/// <summary>The server broke the protocol, closed the socket or did not answer in time.</summary>
sealed class WireException(string message, Exception? inner = null) : Exception(message, inner)
{
    public bool IsTimeout => InnerException is IOException { InnerException: SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock } };
}
