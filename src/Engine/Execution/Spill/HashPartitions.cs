using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Spill;

/// <summary>
/// Rows put apart by four bits of a hash, on disk, because the rows of all together do not fit into memory: each part is worked on by
/// itself later, and may be parted again by the next four bits.
/// </summary>
sealed class HashPartitions(ExecutionState state, int width, int level)
{
    /// <summary>Number of parts.</summary>
    public const int Count = 16;

    const int Bits = 4;

    /// <summary>After so many partings the hash has no more bits to part by.</summary>
    public const int MostLevels = 7;

    readonly TemporaryRows?[] _parts = new TemporaryRows?[Count];

    /// <summary>How many partings the rows have behind them when they are read.</summary>
    public int Level => level + 1;

    public void Add(int hash, ReadOnlySpan<Datum> row) => (_parts[PartOf(hash)] ??= new(state.Temporary, width)).Add(row);

    // The bits of every level come from all bits of the hash, which for numbers are mostly those of the number.
    int PartOf(int hash) => (int)((uint)hash * 0x9E37_79B1u >> (32 - Bits * (level + 1))) & (Count - 1);

    /// <summary>All rows are there: gives their memory back.</summary>
    public void Finish()
    {
        foreach (var part in _parts)
            part?.Flush();
    }

    /// <summary>The part of a number below <see cref="Count"/>; null when no row came.</summary>
    public TemporaryRows? this[int part] => _parts[part];
}
