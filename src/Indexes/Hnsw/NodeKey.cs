using System.Runtime.CompilerServices;

namespace PgVectorCompat.Indexes.Hnsw;

/// <summary>
/// A node and its distance in one number that orders by distance: distance (32 bits, made monotone), node (31 bits), and a bit that is set
/// when the node's neighbours have been looked at. Pools of candidates are sorted arrays of these.
/// </summary>
static class NodeKey
{
    public const ulong Expanded = 1;
    public const ulong Farthest = ulong.MaxValue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(float distance, uint node)
    {
        var bits = BitConverter.SingleToInt32Bits(distance);
        var ordered = (uint)(bits ^ (bits >> 31 | int.MinValue));
        return (ulong)ordered << 32 | node << 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Node(ulong key) => (uint)key >> 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Distance(ulong key)
    {
        var ordered = (int)(key >> 32);
        return BitConverter.Int32BitsToSingle(ordered ^ (~(ordered >> 31) | int.MinValue));
    }
}
