using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PgVectorCompat.Storage;

/// <summary>CRC-32C (Castagnoli), the checksum of every file here: one processor instruction per eight bytes.</summary>
public static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Continue(uint.MaxValue, bytes);

    /// <summary>Checksum of the parts one after the other.</summary>
    public static uint Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => ~Continue(Continue(uint.MaxValue, first), second);

    static uint Continue(uint crc, ReadOnlySpan<byte> bytes)
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var offset = 0;
        for (; offset + 8 <= bytes.Length; offset += 8)
            crc = BitOperations.Crc32C(crc, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset)));
        for (; offset < bytes.Length; offset++) crc = BitOperations.Crc32C(crc, Unsafe.Add(ref start, offset));
        return crc;
    }
}
