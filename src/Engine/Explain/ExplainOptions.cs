namespace PgVectorCompat.Engine.Explain;

/// <summary>Options of EXPLAIN.</summary>
public sealed record ExplainOptions
{
    public bool Analyze { get; init; }
    public bool Verbose { get; init; }
    public bool Costs { get; init; } = true;
    public bool Buffers { get; init; }
    /// <summary>Only asked for: changes are logged at commit, so no part of a plan has log records of its own to count.</summary>
    public bool Wal { get; init; }
    public bool Timing { get; init; } = true;
    public bool Summary { get; init; }
    public bool Json { get; init; }

    /// <summary>Names schemas, by their OIDs.</summary>
    public required Func<uint, string> SchemaName { get; init; }
}
