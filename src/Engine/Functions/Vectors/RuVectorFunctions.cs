using System.Runtime.InteropServices;
using PgVectorCompat.Types;
using PgVectorCompat.Vectors;
using static PgVectorCompat.Engine.Functions.VectorExtension;

namespace PgVectorCompat.Engine.Functions;

/// <summary>
/// The extension <c>ruvector</c>: vector's behaviour under RuVector's names. Distances are double precision, as pgvector's, and
/// <c>&lt;#&gt;</c> is the negative inner product.
/// </summary>
static class RuVectorFunctions
{
    /// <summary>The version of RuVector whose names these are.</summary>
    const string Version = "0.1.19";

    static readonly PgType Type = PgTypes.RuVector;

    public static FunctionTable Table
    {
        get
        {
            var dense = new DenseFunctions<float, SingleElement>(Type, VectorOperators.RuVector).Make();
            return Owned("ruvector", [.. dense.Functions, .. OwnNames(), .. VectorIndexFunctions.All, .. VectorMemoryFunctions.All], dense.Operators, Casts());
        }
    }

    static IEnumerable<Function> OwnNames()
    {
        var on = VectorOperators.RuVector;
        return
        [
            Define.Function("ruvector_version", PgTypes.Text, [], (_, _, _) => Datum.Of(Version)),
            Define.Function("ruvector_simd_info", PgTypes.Text, [], (_, _, _) => Datum.Of(SimdInfo)) with { Volatility = Volatility.Stable },
            Define.Function("ruvector_dims", PgTypes.Int4, Type, value => Datum.Of((long)Of(value).Length)),
            Define.Function("vector_norm", PgTypes.Float8, Type, value => Datum.Of(on.Norm(Of(value)))),
            Define.Function("ruvector_norm", PgTypes.Float4, Type, value => Datum.Of(Single(on.Norm(Of(value))))),
            Define.Function("ruvector_normalize", Type, Type, value => Datum.Of(on.Normalize(Of(value)))),
            Distance("ruvector_l2_distance", on.L2Distance),
            Distance("ruvector_cosine_distance", on.CosineDistance),
            Distance("ruvector_l1_distance", on.L1Distance),
            Distance("ruvector_manhattan_distance", on.L1Distance),
            Define.Function("ruvector_hamming_distance", PgTypes.Float8, PgTypes.Bit, PgTypes.Bit, (a, b) => Datum.Of(SparseOperators.HammingDistance(a.As<BitString>(), b.As<BitString>()))),
            Distance("ruvector_ip_distance", on.NegativeInnerProduct),
            Distance("ruvector_inner_product", on.InnerProduct),
            Scale("ruvector_mul_scalar"),
            Scale("ruvector_scalar_mul"),
        ];
    }

    static float[] Of(Datum value) => value.As<float[]>();

    /// <summary>As double precision becomes real: raises 22003 when only the rounded number is infinite.</summary>
    static double Single(double number) => float.IsInfinity((float)number) && double.IsFinite(number) ? throw VectorErrors.Overflow() : (float)number;

    static string SimdInfo
        => $"{InstructionSet.Name} (architecture: {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}, floats_per_op: {InstructionSet.FloatsPerOperation})";

    static Function Distance(string name, Func<float[], float[], double> body)
        => Define.Function(name, PgTypes.Float8, Type, Type, (a, b) => Datum.Of(body(Of(a), Of(b))));

    /// <summary>Each element times a number; raises 22003 as <c>*</c> does.</summary>
    static Function Scale(string name) => Define.Function(name, Type, Type, PgTypes.Float4, (vector, factor) =>
    {
        var factors = new float[Of(vector).Length];
        factors.AsSpan().Fill(factor.AsSingle);
        return Datum.Of(VectorOperators.RuVector.Multiply(Of(vector), factors));
    });

    static IEnumerable<Cast> Casts() =>
    [
        SelfCast(Type),
        .. FromArrays(Type, (array, typmod) => VectorCasts.ToVector(array, typmod, Type.Name)),
        Cast(Type, PgTypes.Float4.Array!, CastContext.Implicit, "ruvector_to_float4", (value, _) => VectorCasts.ToArray(Of(value))),
        Cast(PgTypes.Vector, Type, CastContext.Implicit, "vector_to_ruvector", Same),
        Cast(Type, PgTypes.Vector, CastContext.Assignment, "ruvector_to_vector", Same),
        Cast(Type, PgTypes.HalfVec, CastContext.Implicit, "ruvector_to_halfvec", (value, typmod) => VectorCasts.ToHalfVec(Of(value), typmod)),
        Cast(PgTypes.HalfVec, Type, CastContext.Assignment, "halfvec_to_ruvector", (value, typmod) => VectorCasts.ToVector(value.As<Half[]>(), typmod)),
        Cast(Type, PgTypes.SparseVec, CastContext.Implicit, "ruvector_to_sparsevec", (value, typmod) => VectorCasts.ToSparseVec(Of(value), typmod)),
        Cast(PgTypes.SparseVec, Type, CastContext.Assignment, "sparsevec_to_ruvector", (value, typmod) => VectorCasts.ToVector(value.As<SparseVector>(), typmod, Type.Name)),
    ];

    static object Same(Datum value, int typmod)
    {
        VectorErrors.CheckTypmod(typmod, Of(value).Length);
        return Of(value);
    }
}
