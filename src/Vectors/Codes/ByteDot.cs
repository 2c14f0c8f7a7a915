using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// Inner products of unsigned bytes (codes) with signed bytes (a query), by the best instructions the machine has. Without AvxVnni x86 adds
/// neighbouring products in saturating 16 bits, so a query must obey <see cref="PairLimit"/> there.
/// </summary>
static unsafe class ByteDot
{
    /// <summary>Lengths are rounded up to this many bytes, the query being padded with zeros.</summary>
    public const int Block = 64;

    /// <summary>Whatever is fastest here: 256 bits with AvxVnni, which .NET has for no wider registers, else the widest there are.</summary>
    public const int Best = int.MaxValue;

    /// <summary>|q₂ᵢ| + |q₂ᵢ₊₁| may be at most this; 255 times 128 stays below 2¹⁵.</summary>
    public static int PairLimit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => AvxVnni.IsSupported || !Ssse3.IsSupported ? 254 : 128;
    }

    /// <summary>Σ code·query over <paramref name="count"/> bytes, a multiple of <see cref="Block"/>.</summary>
    /// <param name="widest">Bits of registers; tests ask for other code than this machine runs best.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int One(byte* code, sbyte* query, int count, int widest = Best)
    {
        if (Avx512BW.IsSupported && (widest == 512 || (widest == Best && !AvxVnni.IsSupported)))
        {
            Vector512<int> sum = default;
            for (var i = 0; i < count; i += 64)
                sum = Add(sum, Vector512.Load(code + i), Vector512.Load(query + i));
            return Vector512.Sum(sum);
        }
        if (Avx2.IsSupported && widest >= 256)
        {
            Vector256<int> even = default, odd = default;
            for (var i = 0; i < count; i += 64)
            {
                even = Add(even, Vector256.Load(code + i), Vector256.Load(query + i));
                odd = Add(odd, Vector256.Load(code + i + 32), Vector256.Load(query + i + 32));
            }
            return Vector256.Sum(even + odd);
        }
        Vector128<int> narrow = default;
        for (var i = 0; i < count; i += 16)
            narrow = Add(narrow, Vector128.Load(code + i), Vector128.Load(query + i));
        return Vector128.Sum(narrow);
    }

    /// <summary>The same for four codes; each part of the query is loaded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Four(byte* code0, byte* code1, byte* code2, byte* code3, sbyte* query, int count, int widest = Best)
    {
        if (Avx512BW.IsSupported && (widest == 512 || (widest == Best && !AvxVnni.IsSupported)))
        {
            Vector512<int> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            for (var i = 0; i < count; i += 64)
            {
                var part = Vector512.Load(query + i);
                sum0 = Add(sum0, Vector512.Load(code0 + i), part);
                sum1 = Add(sum1, Vector512.Load(code1 + i), part);
                sum2 = Add(sum2, Vector512.Load(code2 + i), part);
                sum3 = Add(sum3, Vector512.Load(code3 + i), part);
            }
            return Sums(
                sum0.GetLower() + sum0.GetUpper(), sum1.GetLower() + sum1.GetUpper(),
                sum2.GetLower() + sum2.GetUpper(), sum3.GetLower() + sum3.GetUpper());
        }
        if (Avx2.IsSupported && widest >= 256)
        {
            Vector256<int> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            for (var i = 0; i < count; i += 32)
            {
                var part = Vector256.Load(query + i);
                sum0 = Add(sum0, Vector256.Load(code0 + i), part);
                sum1 = Add(sum1, Vector256.Load(code1 + i), part);
                sum2 = Add(sum2, Vector256.Load(code2 + i), part);
                sum3 = Add(sum3, Vector256.Load(code3 + i), part);
            }
            return Sums(sum0, sum1, sum2, sum3);
        }
        return Vector128.Create(
            One(code0, query, count, widest), One(code1, query, count, widest), One(code2, query, count, widest), One(code3, query, count, widest));
    }

    /// <summary>The sum over the lanes of each of four registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums(Vector256<int> sum0, Vector256<int> sum1, Vector256<int> sum2, Vector256<int> sum3)
    {
        var all = Avx2.HorizontalAdd(Avx2.HorizontalAdd(sum0, sum1), Avx2.HorizontalAdd(sum2, sum3));
        return all.GetLower() + all.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> sum, Vector512<byte> code, Vector512<sbyte> query)
        => sum + Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(code, query), Vector512<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sum, Vector256<byte> code, Vector256<sbyte> query)
        => AvxVnni.IsSupported
            ? AvxVnni.MultiplyWideningAndAdd(sum, code, query)
            : sum + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(code, query), Vector256<short>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> sum, Vector128<byte> code, Vector128<sbyte> query)
    {
        if (Ssse3.IsSupported) return sum + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(code, query), Vector128<short>.One);
        var (codeLow, codeHigh) = Vector128.Widen(code);
        var (queryLow, queryHigh) = Vector128.Widen(query);
        return sum + Products(codeLow.AsInt16(), queryLow) + Products(codeHigh.AsInt16(), queryHigh);
    }

    /// <summary>Products of eight pairs, at most 255 · 127 each, added two and two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> Products(Vector128<short> a, Vector128<short> b)
    {
        var (low, high) = Vector128.Widen(a * b);
        return low + high;
    }
}
