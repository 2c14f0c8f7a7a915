using System.Collections.Immutable;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>WITH (…) of tables, indexes and views: which names each takes, with PostgreSQL's checks of their values.</summary>
public static class RelationOptions
{
    static readonly HashSet<string> TableOptions =
    [
        "fillfactor", "toast_tuple_target", "parallel_workers", "user_catalog_table", "autovacuum_enabled", "autovacuum_vacuum_threshold",
        "autovacuum_vacuum_insert_threshold", "autovacuum_analyze_threshold", "autovacuum_vacuum_cost_limit", "autovacuum_vacuum_cost_delay",
        "autovacuum_vacuum_scale_factor", "autovacuum_vacuum_insert_scale_factor", "autovacuum_analyze_scale_factor", "autovacuum_freeze_min_age",
        "autovacuum_freeze_max_age", "autovacuum_freeze_table_age", "autovacuum_multixact_freeze_min_age", "autovacuum_multixact_freeze_max_age",
        "autovacuum_multixact_freeze_table_age", "log_autovacuum_min_duration", "vacuum_index_cleanup", "vacuum_truncate",
    ];

    static readonly HashSet<string> BtreeOptions = ["fillfactor", "deduplicate_items"];
    static readonly HashSet<string> ViewOptions = ["security_barrier", "security_invoker", "check_option"];

    /// <summary>Options of a table. OIDS = false is what every table is.</summary>
    public static ImmutableSortedDictionary<string, string> ForTable(ImmutableArray<Option> options) => Read(options, TableOptions);

    public static ImmutableSortedDictionary<string, string> ForView(ImmutableArray<Option> options) => Read(options, ViewOptions);

    /// <summary>Options of an index, as written: what aliases mean is worked out when the index is built.</summary>
    public static ImmutableSortedDictionary<string, string> ForIndex(string method, ImmutableArray<Option> options)
    {
        if (method == SystemViews.AccessMethods.BtreeName)
            return Read(options, BtreeOptions);
        var map = Read(options, Tables.VectorIndexDefinition.OptionsOf(method));
        foreach (var (name, value) in map)
            Tables.VectorIndexDefinition.CheckOption(name, value);
        return map;
    }

    static ImmutableSortedDictionary<string, string> Read(ImmutableArray<Option> options, IReadOnlySet<string> known)
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, string>(Catalog.OptionOrder.Instance);
        foreach (var option in options)
        {
            if (option.Namespace == "toast")
                continue;
            if (option.Namespace is { } space)
                throw new PgError(SqlState.InvalidParameterValue, $"unrecognized parameter namespace \"{space}\"");
            var value = option.Value?.Text ?? "true";
            if (option.Name == "oids" && ReferenceEquals(known, TableOptions))
            {
                if (value is "true" or "on" or "1")
                    throw new PgError(SqlState.FeatureNotSupported, "tables declared WITH OIDS are not supported");
                continue;
            }
            if (!known.Contains(option.Name))
                throw new PgError(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"");
            if (!map.TryAdd(option.Name, value))
                throw new PgError(SqlState.InvalidParameterValue, $"parameter \"{option.Name}\" specified more than once");
            if (option.Name == "fillfactor")
                CheckFillFactor(value);
        }
        return map.ToImmutable();
    }

    static void CheckFillFactor(string value)
    {
        if (!int.TryParse(value, out var percent))
            throw new PgError(SqlState.InvalidParameterValue, $"invalid value for integer option \"fillfactor\": {value}");
        if (percent is < 10 or > 100)
            throw new PgError(SqlState.InvalidParameterValue, $"value {percent} out of bounds for option \"fillfactor\"") { Detail = "Valid values are between \"10\" and \"100\"." };
    }
}
