namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>On how many levels a node is: the number after a seed and its own decides, so that builds repeat.</summary>
static class HnswLevels
{
    /// <summary>pgvector's limit is 63 too; a level holds an m-th of the nodes of the one below.</summary>
    const int Highest = 63;

    /// <summary>⌊−ln(u) ÷ ln(m)⌋ with u uniform in (0, 1].</summary>
    public static int Of(uint node, int seed, int m)
    {
        // SplitMix64's finaliser.
        var bits = ((ulong)(uint)seed << 32 | node) + 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        bits ^= bits >> 31;
        var uniform = ((bits >> 11) + 1) * (1.0 / (1UL << 53));
        return Math.Min((int)(-Math.Log(uniform) / Math.Log(m)), Highest);
    }
}
