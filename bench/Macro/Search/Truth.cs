using System.Numerics.Tensors;

namespace PgVectorCompat.Macro.Search;

/// <summary>A distance: the operator, the operator class of a vector index, and how this program computes it.</summary>
public sealed record Distance(string Name, string Operator, string OperatorClass, PairDistance Of)
{
    public static readonly Distance L2 = new("l2", "<->", "vector_l2_ops", TensorPrimitives.Distance);
    public static readonly Distance InnerProduct = new("ip", "<#>", "vector_ip_ops", (a, b) => -TensorPrimitives.Dot(a, b));
    public static readonly Distance Cosine = new("cosine", "<=>", "vector_cosine_ops", (a, b) => 1 - TensorPrimitives.CosineSimilarity(a, b));

    public static Distance Parse(string name) => name switch
    {
        "l2" => L2,
        "ip" => InnerProduct,
        "cosine" => Cosine,
        _ => throw new ArgumentException($"{name}: l2, ip or cosine expected"),
    };
}

/// <summary>Distance of two vectors of equal length.</summary>
public delegate float PairDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b);

/// <summary>Exact answers, computed here, and the recall of an answer. Ties count: what is no farther than the k-th nearest is right.</summary>
public sealed class Truth
{
    const float Tolerance = 1e-5f;

    readonly SearchData _data;
    readonly Distance _distance;
    readonly float[] _farthest;
    readonly int[] _count;

    /// <param name="passes">Whether a row (second) passes the filter of a query (first); null for all.</param>
    public Truth(SearchData data, Distance distance, int queries, int k, Func<int, int, bool>? passes = null)
    {
        _data = data;
        _distance = distance;
        _farthest = new float[queries];
        _count = new int[queries];
        Parallel.For(0, queries, q =>
        {
            var nearest = new PriorityQueue<int, float>();
            var query = data.Queries[q];
            for (var row = 0; row < data.Base.Count; row++)
            {
                if (passes is not null && !passes(q, row))
                    continue;
                var d = distance.Of(data.Base[row], query);
                if (nearest.Count < k)
                    nearest.Enqueue(row, -d);
                else if (nearest.TryPeek(out _, out var worst) && -d > worst)
                    nearest.EnqueueDequeue(row, -d);
            }
            _count[q] = nearest.Count;
            _farthest[q] = nearest.TryPeek(out _, out var last) ? -last : float.PositiveInfinity;
        });
    }

    /// <summary>Distance of the farthest of a query's k nearest.</summary>
    public float Farthest(int query) => _farthest[query];

    /// <summary>Share of a query's true neighbours that <paramref name="ids"/> holds; 1 when there are none.</summary>
    public double Recall(int query, IReadOnlyList<int> ids)
    {
        if (_count[query] == 0)
            return 1;
        var bound = _farthest[query] + Math.Abs(_farthest[query]) * Tolerance;
        var right = ids.Distinct().Count(id => _distance.Of(_data.Base[id], _data.Queries[query]) <= bound);
        return Math.Min(1, (double)right / _count[query]);
    }
}
