using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace PgVectorCompat.Vectors;

/// <summary>Asks the memory for bytes that will be read soon. Does nothing where .NET has no such instruction (ARM).</summary>
public static class Prefetch
{
    const int CacheLine = 64;

    /// <summary>Starts loading <paramref name="bytes"/> bytes from <paramref name="start"/>; the address need not be readable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Lines(ref readonly byte start, int bytes)
    {
        if (!Sse.IsSupported) return;
        var at = (byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in start));
        for (var offset = 0; offset < bytes; offset += CacheLine)
            Sse.Prefetch0(at + offset);
    }
}
