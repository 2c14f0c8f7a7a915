using PgVectorCompat.Types;
using static PgVectorCompat.Engine.Functions.VectorExtension;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Functions, operators and casts of the extension <c>vector</c>: types vector, halfvec and sparsevec, and distances of bit strings.</summary>
static class VectorFunctions
{
    public static FunctionTable Table
    {
        get
        {
            var vector = new DenseFunctions<float, SingleElement>(PgTypes.Vector, VectorOperators.Vector).Make();
            var halfVec = new DenseFunctions<Half, HalfElement>(PgTypes.HalfVec, VectorOperators.HalfVec).Make();
            var sparseVec = SparseVecFunctions();
            var bit = BitFunctions();
            return Owned(
                "vector",
                [
                    .. vector.Functions, .. halfVec.Functions, .. sparseVec.Functions, .. bit.Functions,
                    Define.Function("vector_norm", PgTypes.Float8, PgTypes.Vector, value => Datum.Of(VectorOperators.Vector.Norm(value.As<float[]>()))),
                    Define.Function("l2_norm", PgTypes.Float8, PgTypes.HalfVec, value => Datum.Of(VectorOperators.HalfVec.Norm(value.As<Half[]>()))),
                ],
                [.. vector.Operators, .. halfVec.Operators, .. sparseVec.Operators, .. bit.Operators],
                Casts());
        }
    }

    static (IEnumerable<Function> Functions, IEnumerable<Operator> Operators) SparseVecFunctions()
    {
        var type = PgTypes.SparseVec;
        Function Distance(string name, Func<SparseVector, SparseVector, double> body)
            => Define.Function(name, PgTypes.Float8, type, type, (a, b) => Datum.Of(body(a.As<SparseVector>(), b.As<SparseVector>())));
        Operator Operator(string name, Function function) => new(name, type, type, function) { Commutator = name };

        var l2 = Distance("l2_distance", SparseOperators.L2Distance);
        var negativeInnerProduct = Distance("sparsevec_negative_inner_product", SparseOperators.NegativeInnerProduct);
        var cosine = Distance("cosine_distance", SparseOperators.CosineDistance);
        var l1 = Distance("l1_distance", SparseOperators.L1Distance);
        var (compare, order) = Order(type);
        return (
            [
                .. InputOutput(type),
                l2, cosine, l1, negativeInnerProduct, compare,
                Distance("inner_product", SparseOperators.InnerProduct),
                Distance("sparsevec_l2_squared_distance", SparseOperators.L2SquaredDistance),
                Define.Function("l2_norm", PgTypes.Float8, type, value => Datum.Of(SparseOperators.Norm(value.As<SparseVector>()))),
                Define.Function("l2_normalize", type, type, value => Datum.Of(SparseOperators.Normalize(value.As<SparseVector>()))),
            ],
            [Operator("<->", l2), Operator("<#>", negativeInnerProduct), Operator("<=>", cosine), Operator("<+>", l1), .. order]);
    }

    static (IEnumerable<Function> Functions, IEnumerable<Operator> Operators) BitFunctions()
    {
        Function Distance(string name, Func<BitString, BitString, double> body)
            => Define.Function(name, PgTypes.Float8, PgTypes.Bit, PgTypes.Bit, (a, b) => Datum.Of(body(a.As<BitString>(), b.As<BitString>())));
        Operator Operator(string name, Function function) => new(name, PgTypes.Bit, PgTypes.Bit, function) { Commutator = name };

        var hamming = Distance("hamming_distance", SparseOperators.HammingDistance);
        var jaccard = Distance("jaccard_distance", SparseOperators.JaccardDistance);
        return ([hamming, jaccard], [Operator("<~>", hamming), Operator("<%>", jaccard)]);
    }

    static IEnumerable<Cast> Casts() =>
    [
        SelfCast(PgTypes.Vector), SelfCast(PgTypes.HalfVec), SelfCast(PgTypes.SparseVec),
        .. FromArrays(PgTypes.Vector, (array, typmod) => VectorCasts.ToVector(array, typmod)),
        .. FromArrays(PgTypes.HalfVec, VectorCasts.ToHalfVec),
        .. FromArrays(PgTypes.SparseVec, VectorCasts.ToSparseVec),
        Cast(PgTypes.Vector, PgTypes.Float4.Array!, CastContext.Implicit, "vector_to_float4", (value, _) => VectorCasts.ToArray(value.As<float[]>())),
        Cast(PgTypes.HalfVec, PgTypes.Float4.Array!, CastContext.Assignment, "halfvec_to_float4", (value, _) => VectorCasts.ToArray(value.As<Half[]>())),
        Cast(PgTypes.Vector, PgTypes.HalfVec, CastContext.Implicit, "vector_to_halfvec", (value, typmod) => VectorCasts.ToHalfVec(value.As<float[]>(), typmod)),
        Cast(PgTypes.HalfVec, PgTypes.Vector, CastContext.Assignment, "halfvec_to_vector", (value, typmod) => VectorCasts.ToVector(value.As<Half[]>(), typmod)),
        Cast(PgTypes.Vector, PgTypes.SparseVec, CastContext.Implicit, "vector_to_sparsevec", (value, typmod) => VectorCasts.ToSparseVec(value.As<float[]>(), typmod)),
        Cast(PgTypes.SparseVec, PgTypes.Vector, CastContext.Assignment, "sparsevec_to_vector", (value, typmod) => VectorCasts.ToVector(value.As<SparseVector>(), typmod)),
        Cast(PgTypes.HalfVec, PgTypes.SparseVec, CastContext.Implicit, "halfvec_to_sparsevec", (value, typmod) => VectorCasts.ToSparseVec(value.As<Half[]>(), typmod)),
        Cast(PgTypes.SparseVec, PgTypes.HalfVec, CastContext.Assignment, "sparsevec_to_halfvec", (value, typmod) => VectorCasts.ToHalfVec(value.As<SparseVector>(), typmod)),
    ];
}
