using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// Inner products of a query of signed bytes with numbers of one, two or four bits, packed so that shifts of a register bring them out in the
/// order of the query.
/// </summary>
/// <remarks>
/// A chunk of 32 bytes holds 32 · 8 ÷ width numbers: bits width · j and up of byte i are number 32 · j + i. What is left at the end and fits in
/// half of that has a chunk of 16 bytes, laid out alike. Numbers up to 15 times bytes never leave 16 bits, even two added.
/// </remarks>
static unsafe class PlaneDot
{
    /// <summary>A query has zeros for so many numbers behind its last.</summary>
    public const int QueryPadding = 256;

    const int Chunk = 32, Half = 16;

    /// <summary>Bytes of <paramref name="count"/> numbers.</summary>
    public static int Bytes(int count, int width)
    {
        var perChunk = Chunk * 8 / width;
        var rest = count % perChunk;
        return count / perChunk * Chunk + (rest == 0 ? 0 : rest <= perChunk / 2 ? Half : Chunk);
    }

    /// <summary>Writes a number into a plane whose bytes were zero.</summary>
    public static void Set(byte* plane, int count, int width, int index, int number)
    {
        var (at, shift) = Place(count, width, index);
        plane[at] |= (byte)(number << shift);
    }

    public static int Get(byte* plane, int count, int width, int index)
    {
        var (at, shift) = Place(count, width, index);
        return plane[at] >> shift & ((1 << width) - 1);
    }

    static (int At, int Shift) Place(int count, int width, int index)
    {
        var perChunk = Chunk * 8 / width;
        var chunk = index / perChunk;
        var within = index % perChunk;
        var rest = count - chunk * perChunk;
        var stride = rest <= perChunk / 2 ? Half : Chunk;
        return (chunk * Chunk + within % stride, within / stride * width);
    }

    /// <summary>Σ number · query.</summary>
    /// <param name="widest">Bits of registers; tests ask for narrower code than the machine could run.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int One(byte* plane, sbyte* query, int count, int width, int widest = 256)
    {
        var perChunk = Chunk * 8 / width;
        Vector256<int> wide = default;
        Vector128<int> narrow = default;
        for (; count > 0; count -= perChunk, plane += Chunk, query += perChunk)
        {
            if (count <= perChunk / 2)
            {
                var numbers = Vector128.Load(plane);
                for (var j = 0; j < 8 / width; j++)
                    narrow = ByteDot.Add(narrow, Part(numbers, j, width), Vector128.Load(query + j * Half));
            }
            else if (Vector256.IsHardwareAccelerated && widest >= 256)
            {
                var numbers = Vector256.Load(plane);
                for (var j = 0; j < 8 / width; j++)
                    wide = ByteDot.Add(wide, Part(numbers, j, width), Vector256.Load(query + j * Chunk));
            }
            else
            {
                Vector128<byte> low = Vector128.Load(plane), high = Vector128.Load(plane + Half);
                for (var j = 0; j < 8 / width; j++)
                {
                    narrow = ByteDot.Add(narrow, Part(low, j, width), Vector128.Load(query + j * Chunk));
                    narrow = ByteDot.Add(narrow, Part(high, j, width), Vector128.Load(query + j * Chunk + Half));
                }
            }
        }
        return Vector128.Sum(narrow + wide.GetLower() + wide.GetUpper());
    }

    /// <summary>The same for four planes; each part of the query is loaded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Four(byte* plane0, byte* plane1, byte* plane2, byte* plane3, sbyte* query, int count, int width)
    {
        if (!Vector256.IsHardwareAccelerated)
            return Vector128.Create(One(plane0, query, count, width), One(plane1, query, count, width), One(plane2, query, count, width), One(plane3, query, count, width));

        var perChunk = Chunk * 8 / width;
        Vector256<int> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        var at = 0;
        for (; count > perChunk / 2; count -= perChunk, at += Chunk, query += perChunk)
        {
            var (numbers0, numbers1, numbers2, numbers3) = (Vector256.Load(plane0 + at), Vector256.Load(plane1 + at), Vector256.Load(plane2 + at), Vector256.Load(plane3 + at));
            if (width == 4)
            {
                // Written out, because the loop below keeps its shifts in registers: a third of the time of a distance.
                var (low, high) = (Vector256.Load(query), Vector256.Load(query + Chunk));
                sum0 = ByteDot.Add(ByteDot.Add(sum0, Part(numbers0, 0, 4), low), Part(numbers0, 1, 4), high);
                sum1 = ByteDot.Add(ByteDot.Add(sum1, Part(numbers1, 0, 4), low), Part(numbers1, 1, 4), high);
                sum2 = ByteDot.Add(ByteDot.Add(sum2, Part(numbers2, 0, 4), low), Part(numbers2, 1, 4), high);
                sum3 = ByteDot.Add(ByteDot.Add(sum3, Part(numbers3, 0, 4), low), Part(numbers3, 1, 4), high);
                continue;
            }
            for (var j = 0; j < 8 / width; j++)
            {
                var part = Vector256.Load(query + j * Chunk);
                sum0 = ByteDot.Add(sum0, Part(numbers0, j, width), part);
                sum1 = ByteDot.Add(sum1, Part(numbers1, j, width), part);
                sum2 = ByteDot.Add(sum2, Part(numbers2, j, width), part);
                sum3 = ByteDot.Add(sum3, Part(numbers3, j, width), part);
            }
        }
        var sums = ByteDot.Sums(sum0, sum1, sum2, sum3);
        if (count <= 0) return sums;
        return sums + Vector128.Create(
            One(plane0 + at, query, count, width), One(plane1 + at, query, count, width), One(plane2 + at, query, count, width), One(plane3 + at, query, count, width));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<byte> Part(Vector256<byte> numbers, int j, int width)
        => Vector256.ShiftRightLogical(numbers.AsUInt16(), j * width).AsByte() & Vector256.Create((byte)((1 << width) - 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> Part(Vector128<byte> numbers, int j, int width)
        => Vector128.ShiftRightLogical(numbers.AsUInt16(), j * width).AsByte() & Vector128.Create((byte)((1 << width) - 1));
}
