using System.Buffers.Binary;
using System.Numerics;

namespace PgVectorCompat.Types;

/// <summary>Bob Jenkins' lookup3 as PostgreSQL uses it: what hashtext() and kin return, so that applications' lock numbers and buckets stay the same.</summary>
public static class JenkinsHash
{
    const uint Start = 0x9E37_79B9 + 3_923_095;

    /// <summary>hash_bytes: 32 bits.</summary>
    public static uint Hash(ReadOnlySpan<byte> bytes) => (uint)Hash(bytes, 0);

    /// <summary>hash_bytes_extended: 64 bits, whose lower half is <see cref="Hash(ReadOnlySpan{byte})"/> when the seed is 0.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes, ulong seed)
    {
        uint a, b, c;
        a = b = c = unchecked(Start + (uint)bytes.Length);
        if (seed != 0)
        {
            unchecked
            {
                a += (uint)(seed >> 32);
                b += (uint)seed;
            }
            Mix(ref a, ref b, ref c);
        }
        for (; bytes.Length >= 12; bytes = bytes[12..])
        {
            unchecked
            {
                a += BinaryPrimitives.ReadUInt32LittleEndian(bytes);
                b += BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
                c += BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
            }
            Mix(ref a, ref b, ref c);
        }
        // The lowest byte of c belongs to the length.
        Span<byte> tail = stackalloc byte[13];
        tail.Clear();
        bytes[..Math.Min(bytes.Length, 8)].CopyTo(tail);
        if (bytes.Length > 8)
            bytes[8..].CopyTo(tail[9..]);
        unchecked
        {
            a += BinaryPrimitives.ReadUInt32LittleEndian(tail);
            b += BinaryPrimitives.ReadUInt32LittleEndian(tail[4..]);
            c += BinaryPrimitives.ReadUInt32LittleEndian(tail[8..]);
        }
        Finish(ref a, ref b, ref c);
        return (ulong)b << 32 | c;
    }

    /// <summary>hash_uint32.</summary>
    public static uint Hash(uint value)
    {
        uint a, b, c;
        a = b = c = Start + 4;
        a = unchecked(a + value);
        Finish(ref a, ref b, ref c);
        return c;
    }

    static void Mix(ref uint a, ref uint b, ref uint c)
    {
        unchecked
        {
            a -= c; a ^= BitOperations.RotateLeft(c, 4); c += b;
            b -= a; b ^= BitOperations.RotateLeft(a, 6); a += c;
            c -= b; c ^= BitOperations.RotateLeft(b, 8); b += a;
            a -= c; a ^= BitOperations.RotateLeft(c, 16); c += b;
            b -= a; b ^= BitOperations.RotateLeft(a, 19); a += c;
            c -= b; c ^= BitOperations.RotateLeft(b, 4); b += a;
        }
    }

    static void Finish(ref uint a, ref uint b, ref uint c)
    {
        unchecked
        {
            c ^= b; c -= BitOperations.RotateLeft(b, 14);
            a ^= c; a -= BitOperations.RotateLeft(c, 11);
            b ^= a; b -= BitOperations.RotateLeft(a, 25);
            c ^= b; c -= BitOperations.RotateLeft(b, 16);
            a ^= c; a -= BitOperations.RotateLeft(c, 4);
            b ^= a; b -= BitOperations.RotateLeft(a, 14);
            c ^= b; c -= BitOperations.RotateLeft(b, 24);
        }
    }
}
