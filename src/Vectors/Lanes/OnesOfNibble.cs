using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Lanes;

/// <summary>How many ones each four-bit number has: a byte's count is two look-ups, which registers do for all bytes at once.</summary>
static class OnesOfNibble
{
    public static Vector128<byte> Table
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    }
}
