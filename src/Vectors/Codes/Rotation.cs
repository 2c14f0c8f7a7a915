using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PgVectorCompat.Vectors.Codes;

/// <summary>
/// A random rotation that costs d · log d: distances and inner products stay as they are, while what lay in a few dimensions spreads evenly
/// over all of them, which is what codes of few bits need. Vectors are padded with zeros to <see cref="Padded"/> dimensions.
/// </summary>
/// <remarks>
/// A round flips signs at random and applies Hadamard's transform to as many dimensions as the largest power of two has: the first ones and
/// the last ones in turn, so that no padding to a power of two is needed. Both steps are orthogonal.
/// </remarks>
public sealed unsafe class Rotation
{
    const int Multiple = 64;

    readonly uint[][] _flips;
    readonly int _power;

    /// <param name="dimensions">At least 1.</param>
    /// <param name="seed">The same seed gives the same rotation, on every machine.</param>
    public Rotation(int dimensions, int seed)
    {
        Dimensions = dimensions;
        Padded = (dimensions + Multiple - 1) / Multiple * Multiple;
        _power = 1 << (31 - int.LeadingZeroCount(Padded));
        var random = new Random(seed);
        _flips = new uint[_power == Padded ? 2 : 4][];
        for (var round = 0; round < _flips.Length; round++)
        {
            _flips[round] = new uint[Padded];
            foreach (ref var flip in _flips[round].AsSpan())
                flip = random.Next(2) == 0 ? 0 : 1u << 31;
        }
    }

    public int Dimensions { get; }

    /// <summary>Dimensions of a rotated vector: a multiple of 64.</summary>
    public int Padded { get; }

    /// <summary>Rotates a vector.</summary>
    /// <param name="rotated"><see cref="Padded"/> numbers.</param>
    public void Apply(ReadOnlySpan<float> vector, float* rotated)
    {
        vector.CopyTo(new(rotated, Dimensions));
        new Span<float>(rotated + Dimensions, Padded - Dimensions).Clear();
        var scale = 1 / MathF.Sqrt(_power);
        for (var round = 0; round < _flips.Length; round++)
        {
            var part = rotated + (round % 2 == 0 ? 0 : Padded - _power);
            Flip(rotated, _flips[round]);
            Transform(part, _power, scale);
        }
    }

    /// <summary>The rotation backwards.</summary>
    /// <param name="rotated"><see cref="Padded"/> numbers, which are overwritten.</param>
    public void Undo(float* rotated, Span<float> vector)
    {
        var scale = 1 / MathF.Sqrt(_power);
        for (var round = _flips.Length - 1; round >= 0; round--)
        {
            Transform(rotated + (round % 2 == 0 ? 0 : Padded - _power), _power, scale);
            Flip(rotated, _flips[round]);
        }
        new ReadOnlySpan<float>(rotated, Dimensions).CopyTo(vector);
    }

    static void Flip(float* vector, uint[] flips)
    {
        ref var start = ref MemoryMarshal.GetArrayDataReference(flips);
        for (var i = 0; i < flips.Length; i += 16)
            (Vector512.Load(vector + i).AsUInt32() ^ Vector512.LoadUnsafe(ref start, (nuint)i)).AsSingle().Store(vector + i);
    }

    /// <summary>Hadamard's transform of a power of two numbers, at least 64, times <paramref name="scale"/>.</summary>
    static void Transform(float* x, int count, float scale)
    {
        // Pairs at distances 1, 2, 4 and 8 within sixteen numbers, then at greater ones a register at a time.
        var oneSigns = Vector128.Create(1f, -1f, 1f, -1f);
        var twoSigns = Vector128.Create(1f, 1f, -1f, -1f);
        for (var at = x; at < x + count; at += 16)
        {
            var (a, b, c, d) = (Within(at), Within(at + 4), Within(at + 8), Within(at + 12));
            (a, b, c, d) = (a + b, a - b, c + d, c - d);
            (a + c).Store(at);
            (b + d).Store(at + 4);
            (a - c).Store(at + 8);
            (b - d).Store(at + 12);
        }
        for (var distance = 16; distance < count; distance *= 2)
            for (var start = 0; start < count; start += 2 * distance)
                for (var i = start; i < start + distance; i += 16)
                {
                    var (a, b) = (Vector512.Load(x + i), Vector512.Load(x + i + distance));
                    (a + b).Store(x + i);
                    (a - b).Store(x + i + distance);
                }

        Vector128<float> Within(float* four)
        {
            var v = Vector128.Load(four) * scale;
            v = Vector128.Shuffle(v, Vector128.Create(1, 0, 3, 2)) + v * oneSigns;
            return Vector128.Shuffle(v, Vector128.Create(2, 3, 0, 1)) + v * twoSigns;
        }
    }
}
