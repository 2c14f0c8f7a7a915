using System.Buffers.Binary;
using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>SHA-224 (FIPS 180-4), the one hash of PostgreSQL's four that .NET lacks: SHA-256 with another start and four bytes less.</summary>
public static class Sha224
{
    static readonly uint[] Start = [0xC105_9ED8, 0x367C_D507, 0x3070_DD17, 0xF70E_5939, 0xFFC0_0B31, 0x6858_1511, 0x64F9_8FA7, 0xBEFA_4FA4];

    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    static readonly uint[] Rounds = MakeRounds();

    static uint[] MakeRounds()
    {
        var rounds = new uint[64];
        var count = 0;
        for (var candidate = 2; count < rounds.Length; candidate++)
        {
            var isPrime = true;
            for (var divisor = 2; divisor * divisor <= candidate; divisor++)
                isPrime &= candidate % divisor != 0;
            if (isPrime)
                rounds[count++] = CubeRootFraction(candidate);
        }
        return rounds;
    }

    /// <summary>floor(cbrt(n) * 2^32) mod 2^32.</summary>
    static uint CubeRootFraction(int n)
    {
        var scaled = (BigInteger)n << 96;
        BigInteger low = 0, high = (BigInteger)n << 32;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (middle * middle * middle <= scaled)
                low = middle;
            else
                high = middle - 1;
        }
        return (uint)(low & uint.MaxValue);
    }

    /// <summary>The 28 bytes of the hash.</summary>
    public static byte[] HashData(ReadOnlySpan<byte> data)
    {
        var padded = new byte[(data.Length + 9 + 63) / 64 * 64];
        data.CopyTo(padded);
        padded[data.Length] = 0x80;
        BinaryPrimitives.WriteInt64BigEndian(padded.AsSpan(padded.Length - 8), data.Length * 8L);

        var state = (uint[])Start.Clone();
        for (var at = 0; at < padded.Length; at += 64)
            Compress(state, padded.AsSpan(at, 64));
        var hash = new byte[32];
        for (var i = 0; i < state.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(i * 4), state[i]);
        return hash[..28];
    }

    static void Compress(uint[] state, ReadOnlySpan<byte> block)
    {
        unchecked
        {
            Span<uint> words = stackalloc uint[64];
            for (var i = 0; i < 16; i++)
                words[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * 4)..]);
            for (var i = 16; i < 64; i++)
            {
                uint x = words[i - 15], y = words[i - 2];
                words[i] = words[i - 16] + words[i - 7]
                    + (BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ x >> 3)
                    + (BitOperations.RotateRight(y, 17) ^ BitOperations.RotateRight(y, 19) ^ y >> 10);
            }
            uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
            for (var i = 0; i < 64; i++)
            {
                var first = h + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25)) + ((e & f) ^ (~e & g)) + Rounds[i] + words[i];
                var second = (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
                (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
            }
            state[0] += a;
            state[1] += b;
            state[2] += c;
            state[3] += d;
            state[4] += e;
            state[5] += f;
            state[6] += g;
            state[7] += h;
        }
    }
}
