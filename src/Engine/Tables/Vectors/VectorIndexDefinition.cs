using System.Collections.Immutable;
using System.Globalization;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Indexes;
using PgVectorCompat.Types;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// What a vector index's definition means: pgvector's options, limits and errors, and the quantization that all four access methods take
/// (<c>WITH (quantization = …)</c>).
/// </summary>
static class VectorIndexDefinition
{
    /// <summary>pgvector's limits, above which an index will not restore into it.</summary>
    const int PgVectorDimensions = 2000;
    const int PgVectorHalfDimensions = 4000;

    const int MaxDimensions = 16_000;
    const int MaxBits = 64_000;
    const int MaxSparseDimensions = 1_000_000_000;

    /// <summary>HNSW_MAX_NNZ: non-zero elements of an indexed sparse vector.</summary>
    public const int MaxNonZeros = 1000;

    static readonly HashSet<string> GraphOptions = ["m", "ef_construction", "quantization"];
    static readonly HashSet<string> ListOptions = ["lists", "quantization"];

    static readonly (string Word, Quantization Quantization, int Bits)[] Quantizations =
    [
        ("auto", Quantization.Auto, 0), ("none", Quantization.None, 0), ("f16", Quantization.F16, 0), ("sq8", Quantization.Sq8, 0), ("sq4", Quantization.Sq4, 0),
        ("pq16", Quantization.Pq16, 0), ("binary", Quantization.Binary, 0), ("rabitq", Quantization.Rabitq, 1),
        .. Enumerable.Range(1, 8).Select(bits => ($"rabitq{bits}", Quantization.Rabitq, bits)),
        // RuVector's and others' words.
        ("scalar", Quantization.Sq8, 0), ("sq", Quantization.Sq8, 0), ("int8", Quantization.Sq8, 0), ("product", Quantization.Pq16, 0), ("pq", Quantization.Pq16, 0),
        ("bq", Quantization.Binary, 0), ("halfvec", Quantization.F16, 0), ("fp16", Quantization.F16, 0), ("float16", Quantization.F16, 0),
    ];

    /// <summary>Whether an access method is a graph (hnsw) rather than lists (ivfflat).</summary>
    public static bool IsGraph(string method) => method is "hnsw" or "ruhnsw";

    /// <summary>Whether an index is one of vectors.</summary>
    public static bool IsVector(IndexDefinition index) => index.Method != AccessMethods.BtreeName;

    /// <summary>The name in pgvector's messages: RuVector's methods are pgvector's.</summary>
    static string MessageName(string method) => IsGraph(method) ? "hnsw" : "ivfflat";

    public static IReadOnlySet<string> OptionsOf(string method) => IsGraph(method) ? GraphOptions : ListOptions;

    /// <summary>Checks a WITH option that the access method has. Raises 22023.</summary>
    public static void CheckOption(string name, string value)
    {
        if (name == "quantization")
            ParseQuantization(value);
        else
            ParseInteger(name, value);
    }

    /// <summary>The core's options for an index over values of this type, when it is built. Raises pgvector's errors.</summary>
    public static VectorIndexOptions Options(IndexDefinition index, PgType type, int dimensions, OperatorClass operatorClass)
    {
        if (!operatorClass.Accepts(type))
            throw new PgError(SqlState.DatatypeMismatch, $"operator class \"{operatorClass.Name}\" does not accept data type {type}");
        CheckType(index.Method, type, dimensions);
        var (m, ef) = (Integer(index, "m", 16), Integer(index, "ef_construction", 64));
        if (IsGraph(index.Method))
        {
            if (ef < 2 * m)
                throw new PgError(SqlState.InvalidParameterValue, "ef_construction must be greater than or equal to 2 * m");
        }
        else if (dimensions == 1 && operatorClass.Distance is "<#>" or "<=>")
            throw new PgError(SqlState.InvalidParameterValue, "dimensions must be greater than one for this opclass");
        var (quantization, bits) = index.Options.TryGetValue("quantization", out var word) ? ParseQuantization(word) : (Quantization.Auto, 0);
        return new VectorIndexOptions
        {
            Element = ElementOf(type),
            Dimensions = dimensions,
            Metric = MetricOf(operatorClass.Distance!)!.Value,
            Quantization = operatorClass.Distance == "<+>" && IsDense(type) && quantization > Quantization.F16 ? Quantization.F16 : quantization,
            RabitqBits = Math.Max(1, bits),
            M = m,
            EfConstruction = ef,
            Lists = Integer(index, "lists", 100),
            Seed = SeedOf(index),
        };
    }

    /// <summary>The type and dimensions that the index's key has, -1 when it has none.</summary>
    public static int Dimensions(PgType type, int typmod) => type == PgTypes.Bit || IsDense(type) || type == PgTypes.SparseVec ? typmod : -1;

    /// <summary>What to say of an index that pgvector cannot have; null when it can.</summary>
    public static string? ForeignNotice(string method, PgType type, int dimensions)
    {
        var limit = type == PgTypes.HalfVec ? PgVectorHalfDimensions : PgVectorDimensions;
        return (IsDense(type) || type == PgTypes.HalfVec) && dimensions > limit
            ? $"pgvector cannot index more than {limit} dimensions with {MessageName(method)}: this index will not restore there"
            : null;
    }

    /// <summary>What to say when the index keeps other codes than it was asked for: most approximate inner products, from which the L1 distance does not follow.</summary>
    public static string? CodesNotice(IndexDefinition index, VectorIndexOptions options)
        => index.Options.TryGetValue("quantization", out var word) && ParseQuantization(word).Quantization is var asked && asked != options.Quantization
            ? $"quantization \"{word}\" does not serve this operator class, {options.Quantization.ToString().ToLowerInvariant()} is used"
            : null;

    /// <summary>The distance that an operator computes; null for other operators.</summary>
    public static Metric? MetricOf(string op) => op switch
    {
        "<->" => Metric.L2,
        "<#>" => Metric.InnerProduct,
        "<=>" => Metric.Cosine,
        "<+>" => Metric.L1,
        "<~>" => Metric.Hamming,
        "<%>" => Metric.Jaccard,
        _ => null,
    };

    static void CheckType(string method, PgType type, int dimensions)
    {
        var name = MessageName(method);
        if (type == PgTypes.Varbit)
            throw new PgError(SqlState.FeatureNotSupported, $"type not supported for {name} index");
        if (dimensions < 0)
            throw new PgError(SqlState.InvalidParameterValue, "column does not have dimensions");
        var limit = type == PgTypes.Bit ? MaxBits : type == PgTypes.SparseVec ? MaxSparseDimensions : MaxDimensions;
        if (dimensions > limit)
            throw new PgError(SqlState.ProgramLimitExceeded, $"column cannot have more than {limit} dimensions for {name} index");
    }

    static bool IsDense(PgType type) => type == PgTypes.Vector || type == PgTypes.RuVector || type == PgTypes.HalfVec;

    static VectorElement ElementOf(PgType type)
        => type == PgTypes.HalfVec ? VectorElement.Float16 : type == PgTypes.Bit ? VectorElement.Bit : type == PgTypes.SparseVec ? VectorElement.Sparse : VectorElement.Float32;

    static int SeedOf(IndexDefinition index) => (int)(index.Oid & 0x7FFF_FFFF);

    static int Integer(IndexDefinition index, string name, int otherwise) => index.Options.TryGetValue(name, out var value) ? ParseInteger(name, value) : otherwise;

    static int ParseInteger(string name, string value)
    {
        var (minimum, maximum) = name switch { "m" => (2, 100), "ef_construction" => (4, 1000), _ => (1, 32_768) };
        // As PostgreSQL's options: numbers with a fraction are rounded.
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
            throw new PgError(SqlState.InvalidParameterValue, $"invalid value for integer option \"{name}\": {value}");
        var rounded = Math.Round(number, MidpointRounding.ToEven);
        if (rounded < minimum || rounded > maximum)
            throw new PgError(SqlState.InvalidParameterValue, $"value {value} out of bounds for option \"{name}\"") { Detail = $"Valid values are between \"{minimum}\" and \"{maximum}\"." };
        return (int)rounded;
    }

    static (Quantization Quantization, int Bits) ParseQuantization(string value)
    {
        foreach (var (word, quantization, bits) in Quantizations)
            if (word.Equals(value, StringComparison.OrdinalIgnoreCase))
                return (quantization, bits);
        throw new PgError(SqlState.InvalidParameterValue, $"invalid value for enum option \"quantization\": {value}")
        {
            Detail = "Valid values are \"auto\", \"none\", \"f16\", \"sq8\", \"sq4\", \"pq16\", \"binary\", and \"rabitq\" (\"rabitq1\" to \"rabitq8\").",
        };
    }
}
