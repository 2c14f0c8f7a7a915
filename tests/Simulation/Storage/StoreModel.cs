using PgVectorCompat.Storage;

namespace PgVectorCompat.Simulation;

/// <summary>A row by the tokens its bytes are made from; -1 for a NULL vector.</summary>
public readonly record struct ModelRow(int Image, int First, int Second);

/// <summary>The obvious store: dictionaries, copied whole. One state is everything one commit left.</summary>
public sealed class ModelState
{
    public Dictionary<uint, Dictionary<long, ModelRow>> Tables { get; private init; } = [];
    public Dictionary<CatalogKey, int> Catalog { get; private init; } = [];

    public ModelState Copy() => new()
    {
        Tables = Tables.ToDictionary(table => table.Key, table => new Dictionary<long, ModelRow>(table.Value)),
        Catalog = new(Catalog),
    };

    public ModelRow? Find(uint table, long row)
        => Tables.TryGetValue(table, out var rows) && rows.TryGetValue(row, out var found) ? found : null;
}

/// <summary>One change of one transaction, in the order made.</summary>
public abstract record ModelChange(int Command)
{
    public abstract void Apply(ModelState state);
}

public sealed record RowChange(int Command, uint Table, long Row, ModelRow? Value) : ModelChange(Command)
{
    public override void Apply(ModelState state)
    {
        if (!state.Tables.TryGetValue(Table, out var rows)) return;
        if (Value is { } value) rows[Row] = value;
        else rows.Remove(Row);
    }
}

public sealed record TableCreated(int Command, uint Table) : ModelChange(Command)
{
    public override void Apply(ModelState state) => state.Tables[Table] = [];
}

public sealed record TableDropped(int Command, uint Table) : ModelChange(Command)
{
    public override void Apply(ModelState state) => state.Tables.Remove(Table);
}

public sealed record CatalogChanged(int Command, CatalogKey Key, int? Value) : ModelChange(Command)
{
    public override void Apply(ModelState state)
    {
        if (Value is { } value) state.Catalog[Key] = value;
        else state.Catalog.Remove(Key);
    }
}
