namespace PgVectorCompat.Engine.Explain;

/// <summary>A line below a node in EXPLAIN: a text, or a list, which JSON keeps as such.</summary>
public readonly record struct PlanDetail(string Label, string Text, IReadOnlyList<string>? Items)
{
    public static implicit operator PlanDetail((string Label, string Text) detail) => new(detail.Label, detail.Text, null);
    public static implicit operator PlanDetail((string Label, IReadOnlyList<string> Items) detail) => new(detail.Label, string.Join(", ", detail.Items), detail.Items);
}
