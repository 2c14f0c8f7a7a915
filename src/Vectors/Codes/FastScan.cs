using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// Sums over table entries for 32 codes at once, the tables being held in registers. A code is a row of numbers of four bits; each has a table
/// of sixteen bytes, and what is wanted is Σ table[i][number i].
/// </summary>
/// <remarks>
/// Layout of a block: for each place i in the codes sixteen bytes; byte j holds the number of code j in its low four bits and that of
/// code j + 16 in its high four. One byte shuffle thus looks up sixteen codes.
/// </remarks>
public static unsafe class FastScan
{
    /// <summary>Codes in a block.</summary>
    public const int Codes = 32;

    /// <summary>Bytes of a table, and of the numbers of a block at one place.</summary>
    public const int TableBytes = 16;

    /// <summary>Places are a multiple of this.</summary>
    public const int PlacesMultiple = 4;

    /// <summary>Steps after which sums of bytes could leave 16 bits: 255 · 256 is below 2¹⁶.</summary>
    const int StepsPerSum = 256;

    /// <summary>Writes the number of one code at one place; the other code that shares the byte stays as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(byte* block, int place, int code, int number)
    {
        var at = block + place * TableBytes + (code & 15);
        *at = code < 16 ? (byte)((*at & 0xF0) | number) : (byte)((*at & 0x0F) | (number << 4));
    }

    /// <summary>The number of one code at one place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Get(byte* block, int place, int code)
        => code < 16 ? block[place * TableBytes + code] & 0x0F : block[place * TableBytes + (code & 15)] >> 4;

    /// <summary>The 32 sums of a block.</summary>
    /// <param name="places">A multiple of <see cref="PlacesMultiple"/>.</param>
    /// <param name="widest">Bits of registers; tests ask for narrower code than the machine could run.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum(byte* block, byte* tables, int places, int* sums, int widest = 512)
    {
        if (Avx512BW.IsSupported && widest >= 512) Sum512(block, tables, places, sums);
        else if (Avx2.IsSupported && widest >= 256) Sum256(block, tables, places, sums);
        else if ((Ssse3.IsSupported || AdvSimd.Arm64.IsSupported) && widest >= 128) Sum128(block, tables, places, sums);
        else SumPlain(block, tables, places, sums);
    }

    static void SumPlain(byte* block, byte* tables, int places, int* sums)
    {
        for (var code = 0; code < Codes; code++)
        {
            sums[code] = 0;
            for (var place = 0; place < places; place++)
                sums[code] += tables[place * TableBytes + Get(block, place, code)];
        }
    }

    // The three widths below do the same. "Low" are codes 0 to 15, "high" 16 to 31. Bytes are added as 16-bit numbers of which the upper half
    // is noise from odd codes; those are summed apart, and the noise is taken away at the end (all modulo 2^16).

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Sum512(byte* block, byte* tables, int places, int* sums)
    {
        new Span<int>(sums, Codes).Clear();
        var mask = Vector512.Create((byte)0x0F);
        for (var start = 0; start < places; start += 4 * StepsPerSum)
        {
            Vector512<ushort> low = default, lowOdd = default, high = default, highOdd = default;
            var end = Math.Min(places, start + 4 * StepsPerSum);
            for (var place = start; place < end; place += 4)
            {
                var numbers = Vector512.Load(block + place * TableBytes);
                var table = Vector512.Load(tables + place * TableBytes);
                var found = Avx512BW.Shuffle(table, numbers & mask).AsUInt16();
                low += found;
                lowOdd += Vector512.ShiftRightLogical(found, 8);
                found = Avx512BW.Shuffle(table, Vector512.ShiftRightLogical(numbers.AsUInt16(), 4).AsByte() & mask).AsUInt16();
                high += found;
                highOdd += Vector512.ShiftRightLogical(found, 8);
            }
            low -= Vector512.ShiftLeft(lowOdd, 8);
            high -= Vector512.ShiftLeft(highOdd, 8);
            if (places <= StepsPerSum)
            {
                Add(Quarters(low), Quarters(lowOdd), sums);
                Add(Quarters(high), Quarters(highOdd), sums + 16);
                return;
            }
            for (var part = 0; part < 4; part++)
            {
                Add(Part(low, part), Part(lowOdd, part), sums);
                Add(Part(high, part), Part(highOdd, part), sums + 16);
            }
        }

        // Few places: even the sum of all stays within 16 bits.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector128<ushort> Quarters(Vector512<ushort> all)
        {
            var halves = all.GetLower() + all.GetUpper();
            return halves.GetLower() + halves.GetUpper();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector128<ushort> Part(Vector512<ushort> all, int part) => part switch
        {
            0 => all.GetLower().GetLower(),
            1 => all.GetLower().GetUpper(),
            2 => all.GetUpper().GetLower(),
            _ => all.GetUpper().GetUpper(),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Sum256(byte* block, byte* tables, int places, int* sums)
    {
        new Span<int>(sums, Codes).Clear();
        var mask = Vector256.Create((byte)0x0F);
        for (var start = 0; start < places; start += 2 * StepsPerSum)
        {
            Vector256<ushort> low = default, lowOdd = default, high = default, highOdd = default;
            var end = Math.Min(places, start + 2 * StepsPerSum);
            for (var place = start; place < end; place += 2)
            {
                var numbers = Vector256.Load(block + place * TableBytes);
                var table = Vector256.Load(tables + place * TableBytes);
                var found = Avx2.Shuffle(table, numbers & mask).AsUInt16();
                low += found;
                lowOdd += Vector256.ShiftRightLogical(found, 8);
                found = Avx2.Shuffle(table, Vector256.ShiftRightLogical(numbers.AsUInt16(), 4).AsByte() & mask).AsUInt16();
                high += found;
                highOdd += Vector256.ShiftRightLogical(found, 8);
            }
            low -= Vector256.ShiftLeft(lowOdd, 8);
            high -= Vector256.ShiftLeft(highOdd, 8);
            Add(low.GetLower(), lowOdd.GetLower(), sums);
            Add(low.GetUpper(), lowOdd.GetUpper(), sums);
            Add(high.GetLower(), highOdd.GetLower(), sums + 16);
            Add(high.GetUpper(), highOdd.GetUpper(), sums + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Sum128(byte* block, byte* tables, int places, int* sums)
    {
        new Span<int>(sums, Codes).Clear();
        var mask = Vector128.Create((byte)0x0F);
        for (var start = 0; start < places; start += StepsPerSum)
        {
            Vector128<ushort> low = default, lowOdd = default, high = default, highOdd = default;
            var end = Math.Min(places, start + StepsPerSum);
            for (var place = start; place < end; place++)
            {
                var numbers = Vector128.Load(block + place * TableBytes);
                var table = Vector128.Load(tables + place * TableBytes);
                var found = Vector128.ShuffleNative(table, numbers & mask).AsUInt16();
                low += found;
                lowOdd += Vector128.ShiftRightLogical(found, 8);
                found = Vector128.ShuffleNative(table, Vector128.ShiftRightLogical(numbers.AsUInt16(), 4).AsByte() & mask).AsUInt16();
                high += found;
                highOdd += Vector128.ShiftRightLogical(found, 8);
            }
            Add(low - Vector128.ShiftLeft(lowOdd, 8), lowOdd, sums);
            Add(high - Vector128.ShiftLeft(highOdd, 8), highOdd, sums + 16);
        }
    }

    /// <summary>Adds the sums of eight even and eight odd codes to sixteen sums in the order of codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Add(Vector128<ushort> even, Vector128<ushort> odd, int* sums)
    {
        var evenLow = Vector128.WidenLower(even).AsInt32();
        var evenHigh = Vector128.WidenUpper(even).AsInt32();
        var oddLow = Vector128.WidenLower(odd).AsInt32();
        var oddHigh = Vector128.WidenUpper(odd).AsInt32();
        AddTo(sums, InterleaveLow(evenLow, oddLow));
        AddTo(sums + 4, InterleaveHigh(evenLow, oddLow));
        AddTo(sums + 8, InterleaveLow(evenHigh, oddHigh));
        AddTo(sums + 12, InterleaveHigh(evenHigh, oddHigh));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void AddTo(int* sums, Vector128<int> more) => (Vector128.Load(sums) + more).Store(sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> InterleaveLow(Vector128<int> a, Vector128<int> b)
        => Sse2.IsSupported ? Sse2.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> InterleaveHigh(Vector128<int> a, Vector128<int> b)
        => Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);
}
