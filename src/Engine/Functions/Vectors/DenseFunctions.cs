using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Functions and operators that vector, halfvec and ruvector have in common, under the names that the type gives them.</summary>
sealed class DenseFunctions<T, TElement>(PgType type, DenseOperators<T, TElement> on) where TElement : struct, IVectorElement<T>
{
    static T[] Of(Datum value) => value.As<T[]>();

    string Named(string suffix) => $"{type.Name}_{suffix}";

    Function Distance(string name, Func<T[], T[], double> body)
        => Define.Function(name, PgTypes.Float8, type, type, (a, b) => Datum.Of(body(Of(a), Of(b))));

    Function Combination(string name, Func<T[], T[], T[]> body)
        => Define.Function(name, type, type, type, (a, b) => Datum.Of(body(Of(a), Of(b))));

    Operator Operator(string name, Function function, string? commutator = null) => new(name, type, type, function) { Commutator = commutator };

    public (IEnumerable<Function> Functions, IEnumerable<Operator> Operators) Make()
    {
        var l2 = Distance("l2_distance", on.L2Distance);
        var negativeInnerProduct = Distance(Named("negative_inner_product"), on.NegativeInnerProduct);
        var cosine = Distance("cosine_distance", on.CosineDistance);
        var l1 = Distance("l1_distance", on.L1Distance);
        var (compare, order) = VectorExtension.Order(type);
        return (
            [
                .. VectorExtension.InputOutput(type),
                l2, cosine, l1, negativeInnerProduct, compare,
                Distance("inner_product", on.InnerProduct),
                Distance(Named("l2_squared_distance"), on.L2SquaredDistance),
                Distance(Named("spherical_distance"), on.SphericalDistance),
                Define.Function("vector_dims", PgTypes.Int4, type, value => Datum.Of((long)Of(value).Length)),
                Define.Function("l2_normalize", type, type, value => Datum.Of(on.Normalize(Of(value)))),
                Define.Function("binary_quantize", PgTypes.Bit, type, value => Datum.Of(on.BinaryQuantize(Of(value)))),
                Define.Function("subvector", type, [type, PgTypes.Int4, PgTypes.Int4],
                    (arguments, _, _) => Datum.Of(on.Subvector(Of(arguments[0]), arguments[1].AsInt32, arguments[2].AsInt32))),
                .. Averages(),
                Define.Aggregate("avg", type, [type], (_, _) => new AverageState(type.Name)),
                Define.Aggregate("sum", type, [type], (_, _) => new SumState(on)),
            ],
            [
                Operator("<->", l2, "<->"),
                Operator("<#>", negativeInnerProduct, "<#>"),
                Operator("<=>", cosine, "<=>"),
                Operator("<+>", l1, "<+>"),
                Operator("+", Combination(Named("add"), on.Add), "+"),
                Operator("-", Combination(Named("sub"), on.Subtract)),
                Operator("*", Combination(Named("mul"), on.Multiply), "*"),
                Operator("||", Combination(Named("concat"), on.Concat)),
                .. order,
            ]);
    }

    /// <summary>What avg is made of in pgvector, for those who call it directly.</summary>
    IEnumerable<Function> Averages()
    {
        var state = PgTypes.Float8.Array!;
        return
        [
            Define.Function(Named("accum"), state, state, type, (array, value) =>
            {
                var average = VectorAverage.FromArray(array.As<PgArray>(), Named("accum"));
                average.Add<T, TElement>(Of(value));
                return Datum.Of(average.ToArray());
            }),
            Define.Function(Named("avg"), type, state,
                array => Datum.Of(VectorAverage.FromArray(array.As<PgArray>(), Named("avg")).Result<T, TElement>(type.Name))),
            Define.Function(Named("combine"), state, state, state, (left, right) =>
            {
                // pgvector has one function for all types, which names itself so.
                var average = VectorAverage.FromArray(left.As<PgArray>(), "vector_combine");
                average.Combine(VectorAverage.FromArray(right.As<PgArray>(), "vector_combine"));
                return Datum.Of(average.ToArray());
            }),
        ];
    }

    sealed class AverageState(string typeName) : AggregateState
    {
        readonly VectorAverage _average = new();

        public override void Add(ReadOnlySpan<Datum> arguments) => _average.Add<T, TElement>(Of(arguments[0]));
        public override Datum Finish() => Datum.Of(_average.Result<T, TElement>(typeName));
    }

    sealed class SumState(DenseOperators<T, TElement> on) : AggregateState
    {
        T[]? _sum;

        public override void Add(ReadOnlySpan<Datum> arguments)
        {
            if (_sum is null)
                _sum = (T[])Of(arguments[0]).Clone();
            else
                on.AddTo(_sum, Of(arguments[0]));
        }

        public override Datum Finish() => Datum.Of(_sum?.Clone());
    }
}
