namespace PgVectorCompat.Golden.Script;

/// <summary>What a record asks the server to do, and so what is compared.</summary>
enum RecordKind
{
    StatementOk,
    StatementCount,
    StatementError,
    Query,
    CopyIn,
    CopyOut,
    Restart,
    Halt,

    /// <summary>Bare SQL, only allowed under <c>--complete</c>, which turns it into one of the others.</summary>
    Draft,
}

/// <summary>How result rows are put in order before they are compared.</summary>
enum RowOrder
{
    AsSent,
    Rowsort,
    Valuesort,
}

/// <summary>A line <c>skipif MODE reason</c> or <c>onlyif MODE reason</c>.</summary>
sealed record Condition(bool Only, string Mode, string Reason);

/// <summary>One statement of a script with what is expected of it.</summary>
sealed class Record
{
    public const string MainConnection = "main";

    public required RecordKind Kind { get; set; }

    /// <summary>Line of the record's header in its file, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The lines before the header as written: comments, blank lines, conditions.</summary>
    public IReadOnlyList<string> Preamble { get; init; } = [];

    public string Sql { get; init; } = "";
    public string Connection { get; init; } = MainConnection;
    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>Text values of <c>$1, $2 …</c>; null when the record has no <c>bind</c> line.</summary>
    public IReadOnlyList<string?>? Parameters { get; init; }

    /// <summary>The record is sent without waiting; its result is checked before the connection's next record.</summary>
    public bool Background { get; init; }

    /// <summary>In the background, and it must not be done when the next record begins: it waits for a lock.</summary>
    public bool Waits { get; init; }

    public RowOrder Order { get; set; }
    public bool Header { get; set; }

    /// <summary>One letter per column (I, R, B, T); null while not filled in.</summary>
    public string? Types { get; set; }

    /// <summary>Rows expected of a query, rows counted by a statement's tag, or rows loaded by COPY.</summary>
    public long? Count { get; set; }

    public string? SqlState { get; set; }

    /// <summary>The error's message; between slashes it is a regular expression.</summary>
    public string? Message { get; set; }

    /// <summary>Other fields to check, in file order: <c>position</c>, <c>detail</c>, <c>hint</c>, <c>notice</c>, …</summary>
    public List<(string Name, string Value)> Fields { get; set; } = [];

    /// <summary>Expected rows of a query or lines of COPY output.</summary>
    public List<string> Expected { get; set; } = [];

    /// <summary>Lines sent by COPY.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>COPY in binary: data and expected lines are bytes in hexadecimal, blanks between them do not count.</summary>
    public bool IsBinary => Sql.Contains("FORMAT BINARY", StringComparison.OrdinalIgnoreCase);

    /// <summary>What COPY sends.</summary>
    public byte[] DataBytes() => IsBinary
        ? Convert.FromHexString(string.Concat(Data).Replace(" ", "", StringComparison.Ordinal))
        : System.Text.Encoding.UTF8.GetBytes(string.Concat(Data.Select(line => line + "\n")));
}

/// <summary>A whole file: its records, and why a mode leaves it out.</summary>
sealed record ScriptFile(string Path, IReadOnlyList<Record> Records, IReadOnlyList<Condition> Conditions, IReadOnlyList<string> Trailer)
{
    /// <summary>The reason why none of the given modes runs this file, or null.</summary>
    public string? SkipReason(IReadOnlySet<string> modes) => Reason(Conditions, modes);

    /// <summary>The reason of the first condition that excludes one of the modes, or null.</summary>
    public static string? Reason(IReadOnlyList<Condition> conditions, IReadOnlySet<string> modes)
        => conditions.FirstOrDefault(c => modes.Contains(c.Mode) != c.Only)?.Reason;
}
