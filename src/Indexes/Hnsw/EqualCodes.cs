using System.Numerics;
using PgVectorCompat.Storage;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// Finds nodes with equal codes in a build, by a hash table of node numbers. A walk would find them as a rule, but not when all that is equal lies far
/// from everything else, as zero vectors do.
/// </summary>
sealed unsafe class EqualCodes(HnswNodes nodes, VectorCode code)
{
    /// <summary>Node + 1 by hash, 0 for none; open addressing, at most half full.</summary>
    readonly uint[] _table = new uint[BitOperations.RoundUpToPowerOf2((uint)Math.Max(nodes.Count, 8)) * 2L];

    /// <summary>The first node with the same code, which may be <paramref name="node"/> itself.</summary>
    public uint FirstLike(uint node)
    {
        var own = code.Stored(nodes.Code(node));
        var mask = _table.Length - 1;
        // The checksum's low bits are as good as any hash's once multiplied.
        for (var at = (int)((ulong)Crc32C.Of(own) * 0x9E3779B97F4A7C15 >> 32) & mask; ; at = (at + 1) & mask)
        {
            if (_table[at] == 0)
            {
                _table[at] = node + 1;
                return node;
            }
            if (own.SequenceEqual(code.Stored(nodes.Code(_table[at] - 1)))) return _table[at] - 1;
        }
    }
}
