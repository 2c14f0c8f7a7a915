namespace PgVectorCompat.Engine.Sessions;

/// <summary>
/// The settings of the vector indexes: pgvector's, and RuVector's names for the same variables. They are known from a session's first
/// statement on; other names under their prefixes are errors, as they are once pgvector is loaded.
/// </summary>
static class VectorSettings
{
    public const string EfSearch = "hnsw.ef_search";
    public const string HnswIterativeScan = "hnsw.iterative_scan";
    public const string MaxScanTuples = "hnsw.max_scan_tuples";
    public const string ScanMemoryMultiplier = "hnsw.scan_mem_multiplier";
    public const string Probes = "ivfflat.probes";
    public const string IvfIterativeScan = "ivfflat.iterative_scan";
    public const string MaxProbes = "ivfflat.max_probes";

    static readonly string[] Reserved = ["hnsw", "ivfflat", "ruvector"];

    public static readonly SettingDefinition[] All =
    [
        Number(EfSearch, "40", 1000, "Sets the size of the dynamic candidate list for search", "Valid range is 1..1000."),
        Words(HnswIterativeScan, ["off", "relaxed_order", "strict_order"]),
        Number(MaxScanTuples, "20000", int.MaxValue, "Sets the max number of tuples to visit for iterative scans"),
        new(ScanMemoryMultiplier, SettingKind.Real, "1", SettingContext.User, "Sets the multiple of work_mem to use for iterative scans") { Minimum = 1, Maximum = 1000, Category = Custom },
        Number(Probes, "1", 32_768, "Sets the number of probes", "Valid range is 1..lists."),
        Words(IvfIterativeScan, ["off", "relaxed_order"]),
        Number(MaxProbes, "32768", 32_768, "Sets the max number of probes for iterative scans"),
        Alias("ruvector.ef_search", EfSearch),
        Alias("ruvector.hnsw_ef_search", EfSearch),
        Alias("ruvector.probes", Probes),
        Alias("ruvector.ivfflat_probes", Probes),
    ];

    const string Custom = "Customized Options";

    /// <summary>The reserved prefix that a name without a definition begins with; null for other names.</summary>
    public static string? ReservedPrefix(string name)
        => name.IndexOf('.') is > 0 and var dot ? Array.Find(Reserved, prefix => name.AsSpan(0, dot).SequenceEqual(prefix)) : null;

    static SettingDefinition Number(string name, string value, int maximum, string description, string? extra = null)
        => new(name, SettingKind.Integer, value, SettingContext.User, description) { Minimum = 1, Maximum = maximum, Category = Custom, ExtraDescription = extra };

    static SettingDefinition Words(string name, string[] words)
        => new(name, SettingKind.Enum, "off", SettingContext.User, "Sets the mode for iterative scans") { Words = words, Category = Custom };

    static SettingDefinition Alias(string name, string variable)
    {
        var (value, maximum) = variable == EfSearch ? ("40", 1000) : ("1", 32_768);
        return Number(name, value, maximum, $"Another name of {variable}") with { AliasOf = variable };
    }
}
