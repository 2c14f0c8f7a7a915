using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace PgVectorCompat.Vectors;

/// <summary>What the kernels run on; decided by the JIT, once, from the machine (and <c>DOTNET_Enable…</c> switches).</summary>
public static class InstructionSet
{
    /// <summary><c>AVX512</c>, <c>AVX2</c>, <c>SSE</c>, <c>NEON</c> or <c>Scalar</c>.</summary>
    public static string Name
        => Vector512.IsHardwareAccelerated ? "AVX512"
        : Vector256.IsHardwareAccelerated ? "AVX2"
        : AdvSimd.IsSupported ? "NEON"
        : Vector128.IsHardwareAccelerated ? "SSE"
        : "Scalar";

    /// <summary>float32 numbers in the widest register used: 16, 8, 4 or 1.</summary>
    public static int FloatsPerOperation
        => Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : Vector128.IsHardwareAccelerated ? 4 : 1;
}
