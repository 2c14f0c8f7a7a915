using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>A condition on one column that its image answers.</summary>
/// <param name="Column">Position among the table's live columns.</param>
/// <param name="Operator">= &lt; &lt;= &gt; or &gt;=, the column on its left.</param>
/// <param name="Value">What the column is compared with; for <paramref name="IsArray"/> an array, of which any element will do.</param>
internal sealed record ColumnCondition(int Column, string Operator, Evaluator Value, bool IsArray)
{
    /// <summary>Of longer lists each row is asked for itself: every range costs a pass over the column.</summary>
    const int MostRanges = 16;

    /// <summary>The keys that pass; none when no row does, null when there are too many to be listed.</summary>
    public KeyRange[]? Ranges(ExecutionState state)
    {
        var value = Value.Evaluate(default, state);
        if (value.IsNull)
            return [];
        if (!IsArray)
            return Range(ColumnImage.KeyOf(value)) is { } range ? [range] : [];
        var items = value.As<PgArray>().Items;
        return items.Length > MostRanges ? null : [.. items.Where(item => !item.IsNull).Select(item => Range(ColumnImage.KeyOf(item))).OfType<KeyRange>().Distinct()];
    }

    KeyRange? Range(long key) => Operator switch
    {
        "<" => key == long.MinValue ? null : Ordered(long.MinValue, key - 1),
        "<=" => Ordered(long.MinValue, key),
        ">" => key == long.MaxValue ? null : Ordered(key + 1, long.MaxValue),
        ">=" => Ordered(key, long.MaxValue),
        _ => Ordered(key, key),
    };

    // The smallest number of all stands for NULL in an image, where rows that have it pass anyhow.
    static KeyRange? Ordered(long low, long high)
    {
        low = Math.Max(low, long.MinValue + 1);
        return low <= high ? new(low, high) : null;
    }
}
