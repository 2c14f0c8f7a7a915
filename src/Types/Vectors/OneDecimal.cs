using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Types;

/// <summary>
/// Reads a decimal such as <c>-0.01234567890123456</c> or <c>12</c> whose place in the text is known, without a branch that depends on
/// its sign or length: a register takes the 32 characters up to its end, those before the point move one to the right, over it, and three
/// multiply-adds make numbers of two, four and eight digits.
/// </summary>
/// <remarks>Nothing in it depends on the number before, so that the processor works on several at once.</remarks>
static class OneDecimal
{
    /// <summary>Bytes of the text that must be there before a number's end: the register's, and one for those that move.</summary>
    public const int Window = Size + 1;

    const int Size = 32;
    const ulong TenToThe8 = 100_000_000, TenToThe16 = TenToThe8 * TenToThe8;

    /// <summary>Digits before the last sixteen may make less than this, so that all of them fit 64 bits.</summary>
    const ulong HighestLimit = ulong.MaxValue / TenToThe16;

    /// <summary>A bit that <c>-</c> has and <c>+</c> has not.</summary>
    const int MinusBit = 2;

    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>
    /// Reads the number that fills the text from <paramref name="at"/> to <paramref name="end"/>, which is <see cref="Window"/> or more;
    /// false when it has another form, or may not be rounded rightly this way.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ref byte text, int at, int end, out float value)
    {
        Unsafe.SkipInit(out value);
        var length = end - at;
        if ((uint)(length - 1) >= Size)
            return false;
        var own = (uint)(~0ul << (Size - length));
        ref var start = ref Unsafe.Add(ref text, end - Size);
        var characters = Vector256.LoadUnsafe(ref start);
        var digits = characters - Vector256.Create((byte)'0');
        var areDigits = own & Vector256.LessThanOrEqual(digits, Vector256.Create((byte)9)).ExtractMostSignificantBits();
        var point = own & Vector256.Equals(characters, Vector256.Create((byte)'.')).ExtractMostSignificantBits();

        // A character that is neither digit nor point may only be a sign, the first of several.
        var other = own ^ areDigits ^ point;
        var first = Unsafe.Add(ref text, at);
        var isSigned = other == 0 ? 0 : 1;
        if ((other & ~(own & 0u - own)) != 0 || isSigned * ((first - '+') & ~('-' - '+')) != 0
            || (point & (point - 1)) != 0 || (int)areDigits >= 0)
            return false;

        var toPoint = point == 0 ? 0 : point ^ (point - 1);
        var before = Vector256.LoadUnsafe(ref Unsafe.Subtract(ref start, 1)) - Vector256.Create((byte)'0');
        var aligned = (Bytes(areDigits & ~toPoint) & digits) | (Bytes(areDigits << 1 & toPoint) & before);
        var pairs = Avx2.MultiplyAddAdjacent(aligned, Vector256.Create((short)(1 << 8 | 10)).AsSByte());
        var fours = Avx2.MultiplyAddAdjacent(pairs, Vector256.Create(1 << 16 | 100).AsInt16());
        var packed = Avx2.PackUnsignedSaturate(fours, fours).AsInt16();
        var eights = Avx2.MultiplyAddAdjacent(packed, Vector256.Create(1 << 16 | 10_000).AsInt16()).AsUInt32();
        var highest = eights[0] * TenToThe8 + eights[1];
        var mantissa = highest * TenToThe16 + (eights[4] * TenToThe8 + eights[5]);
        var decimals = BitOperations.LeadingZeroCount(point) & (Size - 1);
        return highest < HighestLimit && SingleReader.TryScale(mantissa, -decimals, (isSigned & first >> MinusBit) << 31, out value);
    }

    /// <summary>Bit i as byte i: 0 or 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> Bytes(uint bits)
    {
        var which = Vector256.Create(0ul, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303).AsByte();
        var bit = Vector256.Create(0x8040_2010_0804_0201).AsByte();
        return Vector256.Equals(Avx2.Shuffle(Vector256.Create(bits).AsByte(), which) & bit, bit);
    }
}
