using System.Collections.Immutable;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Where each column lies in the rows that expressions are compiled for.</summary>
public sealed class RowLayout(ImmutableArray<PlanColumn> columns)
{
    public static readonly RowLayout Empty = new([]);

    readonly Dictionary<PlanColumn, int>? _positions = columns.Length > 8 ? Index(columns) : null;

    public ImmutableArray<PlanColumn> Columns => columns;

    /// <summary>Position of the column, -1 when the rows do not carry it.</summary>
    public int IndexOf(PlanColumn column) => _positions is null ? columns.IndexOf(column) : _positions.GetValueOrDefault(column, -1);

    static Dictionary<PlanColumn, int> Index(ImmutableArray<PlanColumn> columns)
    {
        var positions = new Dictionary<PlanColumn, int>(columns.Length);
        for (var i = 0; i < columns.Length; i++)
            positions.TryAdd(columns[i], i);
        return positions;
    }
}

/// <summary>
/// What a subplan (correlated subquery, LATERAL, inner side of a parameterised nested loop) may read of the row it runs for. Every
/// column it does read gets a slot, which whoever runs the subplan fills first. Each subplan has slots of its own, so that a node which
/// reads ahead cannot disturb another.
/// </summary>
public sealed class OuterScope(StatementPlanning statement, RowLayout layout, OuterScope? parent)
{
    readonly Dictionary<PlanColumn, int> _slots = [];

    /// <summary>Whether the subplan depends on anything outside itself, so that its result may not be kept from row to row.</summary>
    public bool IsCorrelated { get; private set; }

    /// <summary>Input positions to be copied into slots before the subplan starts.</summary>
    public ImmutableArray<SlotBinding> Bindings => [.. _slots.Select(pair => new SlotBinding(layout.IndexOf(pair.Key), pair.Value))];

    /// <summary>The slot that carries an outer column; -1 when nothing outside has it.</summary>
    public int SlotOf(PlanColumn column)
    {
        IsCorrelated = true;
        if (_slots.TryGetValue(column, out var slot))
            return slot;
        if (layout.IndexOf(column) < 0)
            return parent?.SlotOf(column) ?? -1;
        return _slots[column] = statement.NewSlot();
    }

    /// <summary>The subplan reads a slot that something outside it fills, such as the operand of a CASE around it.</summary>
    public void MarkCorrelated()
    {
        IsCorrelated = true;
        parent?.MarkCorrelated();
    }
}

/// <summary>Copy input column <paramref name="Column"/> into slot <paramref name="Slot"/>.</summary>
public readonly record struct SlotBinding(int Column, int Slot)
{
    public static void Fill(ImmutableArray<SlotBinding> bindings, ReadOnlySpan<Types.Datum> row, Execution.ExecutionState state)
    {
        foreach (var binding in bindings)
            state.Slots[binding.Slot] = row[binding.Column];
    }
}
