namespace PgVectorCompat.Storage;

/// <summary>Something that is not as it must be.</summary>
/// <param name="Where">The file, table or index.</param>
/// <param name="What">What is wrong, in a sentence.</param>
public readonly record struct CheckProblem(string Where, string What);

/// <summary>What a check has looked at, and what it found.</summary>
public sealed class CheckReport
{
    /// <summary>More are counted, not listed.</summary>
    public const int MaxListed = 1000;

    readonly List<CheckProblem> _problems = [];

    public long Rows { get; set; }
    public long Vectors { get; set; }
    public long Chunks { get; set; }
    public long IndexEntries { get; set; }

    /// <summary>All problems found.</summary>
    public long ProblemCount { get; private set; }

    /// <summary>The first <see cref="MaxListed"/> of them.</summary>
    public IReadOnlyList<CheckProblem> Problems => _problems;

    public void Add(string where, string what)
    {
        ProblemCount++;
        if (_problems.Count < MaxListed) _problems.Add(new(where, what));
    }
}
