using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Finds the column that a misspelt name may mean, for the HINT of 42703. PostgreSQL's rule: at most three edits, and at most half of the name.</summary>
internal static class NameHints
{
    const int MaxDistance = 3;

    /// <summary>The hint, or null when nothing or too much is near.</summary>
    public static string? ForColumn(Scope scope, string? qualifier, string name)
    {
        var best = MaxDistance + 1;
        var found = new List<string>();
        for (var level = scope; level is not null; level = level.Outer)
            foreach (var relation in level.Items.Relations)
            {
                var penalty = qualifier is null || qualifier == relation.Alias ? 0 : Distance(qualifier, relation.Alias);
                foreach (var column in relation.Columns)
                {
                    var distance = penalty + Distance(name, column.Name);
                    if (distance > MaxDistance || distance > best || distance - penalty > name.Length / 2) continue;
                    if (distance < best) found.Clear();
                    best = distance;
                    found.Add($"\"{relation.Alias}.{column.Name}\"");
                }
            }
        return found.Count switch
        {
            1 => $"Perhaps you meant to reference the column {found[0]}.",
            2 => $"Perhaps you meant to reference the column {found[0]} or the column {found[1]}.",
            _ => null,
        };
    }

    /// <summary>Levenshtein's distance, every edit costing one.</summary>
    static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > MaxDistance) return MaxDistance + 1;
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        foreach (var letter in left)
        {
            var current = new int[right.Length + 1];
            current[0] = previous[0] + 1;
            for (var i = 1; i <= right.Length; i++)
                current[i] = Math.Min(Math.Min(current[i - 1], previous[i]) + 1, previous[i - 1] + (letter == right[i - 1] ? 0 : 1));
            previous = current;
        }
        return previous[^1];
    }
}
