using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Types;

/// <summary>
/// Reads four decimals such as <c>-0.0123456</c> or <c>12</c> at once, of at most 16 characters, by the idea of <see cref="OneDecimal"/>: a
/// quarter of a 512-bit register for each, its last character in the quarter's last byte.
/// <code>
/// characters   , - 0 . 1 2 3 |  of every quarter 16 bytes, the last the number's last
/// own          0 1 1 1 1 1 1    bits of the number's own characters, from its length
/// toPoint      1 1 1 1 0 0 0    bits up to the point: those bytes move one to the right, over the point
/// </code>
/// Masks are numbers of 64 bits, 16 for each quarter, so that all four are checked together.
/// </summary>
static class FourDecimals
{
    public const int Count = 4;

    const int Quarter = 16;
    const ulong FirstBits = 0x0001_0001_0001_0001;
    const ulong LastBits = FirstBits << (Quarter - 1);

    /// <summary>Whether numbers can be read this way that end at <paramref name="firstEnd"/> or later.</summary>
    public static bool IsSupported(int firstEnd) => Avx512BW.IsSupported && Avx512CD.IsSupported && Avx512DQ.IsSupported && firstEnd >= Quarter;

    /// <summary>
    /// Reads the numbers that fill the text between <paramref name="at"/> and the four <paramref name="ends"/>, with one character between
    /// them and perhaps a blank; false when one has another form, or may not be rounded rightly this way.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ref byte text, int at, ReadOnlySpan<int> ends, out Vector128<float> values)
    {
        Unsafe.SkipInit(out values);
        int end0 = ends[0], end1 = ends[1], end2 = ends[2], end3 = ends[3];
        var length0 = Length(ref text, at, end0);
        var length1 = Length(ref text, end0 + 1, end1);
        var length2 = Length(ref text, end1 + 1, end2);
        var length3 = Length(ref text, end2 + 1, end3);
        if (((uint)(length0 - 1) | (uint)(length1 - 1) | (uint)(length2 - 1) | (uint)(length3 - 1)) >= Quarter)
            return false;
        var own = Own(length0) | Own(length1) << Quarter | Own(length2) << 2 * Quarter | Own(length3) << 3 * Quarter;

        var characters = Vector512.Create(
            Vector256.Create(Load(ref text, end0), Load(ref text, end1)),
            Vector256.Create(Load(ref text, end2), Load(ref text, end3)));
        var digits = characters - Vector512.Create((byte)'0');
        var areDigits = own & Vector512.LessThanOrEqual(digits, Vector512.Create((byte)9)).ExtractMostSignificantBits();
        var points = own & Vector512.Equals(characters, Vector512.Create((byte)'.')).ExtractMostSignificantBits();
        var first = own & ~(own << 1);
        var minus = first & Vector512.Equals(characters, Vector512.Create((byte)'-')).ExtractMostSignificantBits();
        var plus = first & Vector512.Equals(characters, Vector512.Create((byte)'+')).ExtractMostSignificantBits();

        // A digit at each end, no more points than quarters with a point. (Adding all lower bits sets a quarter's last bit if it has one.)
        var havePoint = (points + (LastBits - FirstBits)) & LastBits;
        if ((areDigits | points | minus | plus) != own || (areDigits & LastBits) != LastBits
            || BitOperations.PopCount(points) != BitOperations.PopCount(havePoint))
            return false;

        var toPoint = points ^ (points - (havePoint >> (Quarter - 1)));
        var ownDigits = Vector512.ConditionalSelect(Bytes(areDigits), digits, Vector512<byte>.Zero);
        var aligned = Vector512.ConditionalSelect(Bytes(toPoint), Avx512BW.ShiftLeftLogical128BitLane(ownDigits, 1), ownDigits);
        var pairs = Avx512BW.MultiplyAddAdjacent(aligned, Vector512.Create((short)(1 << 8 | 10)).AsSByte());
        var fours = Avx512BW.MultiplyAddAdjacent(pairs, Vector512.Create(1 << 16 | 100).AsInt16());
        var packed = Avx512BW.PackUnsignedSaturate(fours, fours).AsInt16();
        var eights = Avx512BW.MultiplyAddAdjacent(packed, Vector512.Create(1 << 16 | 10_000).AsInt16()).AsUInt32();
        var mantissas = Avx512F.Multiply(eights, Vector512.Create(100_000_000u)) + (eights.AsUInt64() >> 32);

        // Zeros before the point's bit: 48 and the number of decimals, or 64. The permutation looks at the lowest four bits only.
        var decimals = Avx512CD.LeadingZeroCount(QuarterBits(points)).AsInt64();
        var powers = Avx512F.PermuteVar8x64x2(Powers0, decimals, Powers8);
        var products = Avx512DQ.ConvertToVector512Double(mantissas) * powers;
        if (!SingleReader.AreRounded(products))
            return false;
        var signs = Vector512.AndNot(Vector512.Create(1ul << 63), Vector512.Equals(QuarterBits(minus), Vector512<ulong>.Zero));
        var singles = Avx512F.ConvertToVector256Single((products.AsUInt64() | signs).AsDouble());
        values = Avx2.PermuteVar8x32(singles, Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)).GetLower();
        return true;
    }

    static Vector512<double> Powers0 => Vector512.Create(1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7);
    static Vector512<double> Powers8 => Vector512.Create(1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Length(ref byte text, int start, int end)
        => end - start - Unsafe.BitCast<bool, byte>(Unsafe.Add(ref text, start) == ' ');

    /// <summary>The highest <paramref name="length"/> of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Own(int length) => (ushort)(0xFFFF_0000u >> length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Load(ref byte text, int end) => Vector128.LoadUnsafe(ref Unsafe.Add(ref text, end - Quarter));

    /// <summary>Bit i as byte i: 0 or 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<byte> Bytes(ulong bits)
    {
        // Every quarter takes its two bytes of the bits, eight times each.
        var which = Vector512.Create(
            0ul, 0x0101_0101_0101_0101, 0x0202_0202_0202_0202, 0x0303_0303_0303_0303,
            0x0404_0404_0404_0404, 0x0505_0505_0505_0505, 0x0606_0606_0606_0606, 0x0707_0707_0707_0707).AsByte();
        var bit = Vector512.Create(0x8040_2010_0804_0201).AsByte();
        return Vector512.Equals(Avx512BW.Shuffle(Vector512.Create(bits).AsByte(), which) & bit, bit);
    }

    /// <summary>Each quarter's 16 bits as a number, twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<ulong> QuarterBits(ulong bits)
        => Avx512F.ShiftRightLogicalVariable(Vector512.Create(bits), Vector512.Create(0ul, 0, 16, 16, 32, 32, 48, 48)) & Vector512.Create(0xFFFFul);
}
