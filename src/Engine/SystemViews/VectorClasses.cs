using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>
/// The operator classes of the vector index methods: pgvector's own, and under RuVector's methods every class of every type. The type
/// <c>ruvector</c> has classes under all four.
/// </summary>
public static class VectorClasses
{
    /// <summary>The first of their OIDs: a class, then its family.</summary>
    const uint FirstOid = 17_000;

    static readonly (string Suffix, string Operator)[] Dense = [("l2", "<->"), ("ip", "<#>"), ("cosine", "<=>"), ("l1", "<+>")];
    static readonly (string Suffix, string Operator)[] Bits = [("hamming", "<~>"), ("jaccard", "<%>")];

    public static readonly IReadOnlyList<OperatorClass> All = Make();

    static List<OperatorClass> Make()
    {
        var classes = new List<OperatorClass>();
        foreach (var method in (string[])["hnsw", "ivfflat", "ruhnsw", "ruivfflat"])
        {
            foreach (var type in (PgType[])[PgTypes.Vector, PgTypes.HalfVec, PgTypes.SparseVec, PgTypes.Bit, PgTypes.RuVector])
            {
                foreach (var (suffix, op) in type == PgTypes.Bit ? Bits : Dense)
                {
                    // What pgvector's ivfflat lacks.
                    if (method == "ivfflat" && (type == PgTypes.SparseVec || suffix is "l1" or "jaccard"))
                        continue;
                    var name = $"{type.Name}_{suffix}_ops";
                    var oid = FirstOid + 2 * (uint)classes.Count;
                    classes.Add(new(oid, oid + 1, name, name, type, IsDefault(method, type, suffix), type == PgTypes.RuVector ? "ruvector" : AccessMethods.ExtensionOf(method))
                    {
                        Method = method,
                        Distance = op,
                    });
                }
            }
        }
        return classes;
    }

    static bool IsDefault(string method, PgType type, string suffix)
        => suffix == "l2" && (type == PgTypes.RuVector || (type == PgTypes.Vector && method is "ivfflat" or "ruivfflat"));

    /// <summary>
    /// The support functions of a class that SQL can call: pgvector's numbers, 1 the distance in the index, 2 the norm that cosine distance
    /// divides by, and for lists 3 the distance to centres and 4 the norm of what centres are made from.
    /// </summary>
    public static IEnumerable<(int Number, string Function)> SupportOf(OperatorClass operatorClass)
    {
        var type = operatorClass.Type.Name;
        var norm = operatorClass.Type == PgTypes.Vector ? "vector_norm" : operatorClass.Type == PgTypes.RuVector ? "ruvector_norm" : "l2_norm";
        var isAngular = operatorClass.Distance is "<#>" or "<=>";
        yield return (1, operatorClass.Distance switch
        {
            "<->" => $"{type}_l2_squared_distance",
            "<+>" => "l1_distance",
            "<~>" => "hamming_distance",
            "<%>" => "jaccard_distance",
            _ => $"{type}_negative_inner_product",
        });
        if (operatorClass.Distance == "<=>")
            yield return (2, norm);
        if (operatorClass.Method is "hnsw" or "ruhnsw")
            yield break;
        yield return (3, operatorClass.Distance switch
        {
            "<->" => "l2_distance",
            "<+>" => "l1_distance",
            "<~>" => "hamming_distance",
            "<%>" => "jaccard_distance",
            _ => $"{type}_spherical_distance",
        });
        if (isAngular)
            yield return (4, norm);
    }
}
