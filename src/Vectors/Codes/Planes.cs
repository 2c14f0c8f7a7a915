using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>Numbers of one to eight bits as planes of four, two and one (see <see cref="PlaneDot"/>), the lowest bits first.</summary>
static unsafe class Planes
{
    const int Chunk = 32, Half = 16;

    /// <summary>Bytes of so many numbers.</summary>
    public static int Bytes(int bits, int count)
    {
        var bytes = 0;
        for (var shift = 0; shift < bits; shift += Width(bits - shift))
            bytes += PlaneDot.Bytes(count, Width(bits - shift));
        return bytes;
    }

    /// <summary>Width of the next plane when so many bits are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Width(int left) => left >= 4 ? 4 : left >= 2 ? 2 : 1;

    /// <summary>Packs numbers, one a byte.</summary>
    /// <param name="numbers">Zeros follow the last, <see cref="PlaneDot.QueryPadding"/> of them.</param>
    public static void Pack(byte* numbers, int count, int bits, byte* planes)
    {
        for (var shift = 0; shift < bits; shift += Width(bits - shift))
        {
            var width = Width(bits - shift);
            var mask = Vector128.Create((byte)((1 << width) - 1));
            var perChunk = Chunk * 8 / width;
            for (var first = 0; first < count; first += perChunk)
            {
                var stride = count - first <= perChunk / 2 ? Half : Chunk;
                for (var part = 0; part < stride; part += Half, planes += Half)
                {
                    var packed = Vector128<byte>.Zero;
                    for (var j = 0; j < 8 / width; j++)
                    {
                        var some = Vector128.Load(numbers + first + j * stride + part);
                        packed |= Left(Vector128.ShiftRightLogical(some.AsUInt16(), shift).AsByte() & mask, j * width);
                    }
                    packed.Store(planes);
                }
            }
        }
    }

    /// <summary>The reverse of <see cref="Pack"/>.</summary>
    /// <param name="numbers">Room for <see cref="PlaneDot.QueryPadding"/> more, which are overwritten.</param>
    public static void Unpack(byte* planes, int count, int bits, byte* numbers)
    {
        for (var shift = 0; shift < bits; shift += Width(bits - shift))
        {
            var width = Width(bits - shift);
            var mask = Vector128.Create((byte)((1 << width) - 1));
            var perChunk = Chunk * 8 / width;
            for (var first = 0; first < count; first += perChunk)
            {
                var stride = count - first <= perChunk / 2 ? Half : Chunk;
                for (var part = 0; part < stride; part += Half, planes += Half)
                {
                    var packed = Vector128.Load(planes).AsUInt16();
                    for (var j = 0; j < 8 / width; j++)
                    {
                        var at = numbers + first + j * stride + part;
                        var some = Left(Vector128.ShiftRightLogical(packed, j * width).AsByte() & mask, shift);
                        (shift == 0 ? some : some | Vector128.Load(at)).Store(at);
                    }
                }
            }
        }
    }

    /// <summary>Shifts bytes whose upper bits are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Left(Vector128<byte> value, int bits) => Vector128.ShiftLeft(value.AsUInt16(), bits).AsByte();
}
