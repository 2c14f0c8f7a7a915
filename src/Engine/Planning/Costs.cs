using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>PostgreSQL's cost constants, and what of the values' sizes is known from their types alone.</summary>
static class Costs
{
    public const double Page = 1;
    public const double Tuple = 0.01;
    public const double Operator = 0.0025;
    public const double IndexTuple = 0.005;

    /// <summary>A row fetched by its id. Less than PostgreSQL's 4 for a random page: rows are found through a directory in memory.</summary>
    public const double Fetch = 0.05;

    /// <summary>A row fetched that lies after the one before, as where the index's order is the rows' own.</summary>
    public const double NextFetch = 0.015;

    /// <summary>A row fetched in the order of row ids, with others between.</summary>
    public const double BitmapFetch = 0.02;

    /// <summary>Added to what a setting has switched off, so that it is chosen only where nothing else can be.</summary>
    public const double Disabled = 1e10;

    /// <summary>What finding the place in an index costs.</summary>
    public const double IndexDescent = 0.29;

    /// <summary>Reading all rows of a table and checking so many conditions on each.</summary>
    public static double SeqScan(Storage.Table table, int conditions)
        => Math.Max(1, table.RowFileBytes / PageBytes) * Page + Math.Max(1, table.RowCountEstimate) * (Tuple + Operator * conditions);

    /// <summary>BLCKSZ: what a page costs is said of so many bytes.</summary>
    const int PageBytes = 8192;

    /// <summary>Elements of an array expression; 10 when unknown.</summary>
    public static int ListLength(BoundExpression array) => array switch
    {
        BoundConstant { Value.IsNull: false } constant => constant.Value.As<PgArray>().Items.Length,
        BoundArray list => list.Elements.Length,
        _ => 10,
    };

    public static int Width(IEnumerable<BoundExpression> expressions) => expressions.Sum(expression => Width(expression.Type, expression.Typmod));

    /// <summary>Bytes of an average value, as get_typavgwidth guesses.</summary>
    public static int Width(PgType type, int typmod) => type switch
    {
        { Length: > 0 } => type.Length,
        _ when typmod > 0 && type.Name is "vector" or "ruvector" => typmod * 4 + 8,
        _ when typmod > 4 && type.Name is "varchar" or "bpchar" => Math.Min(typmod - 4, 32),
        _ => 32,
    };

    public static double Sort(double rows) => 2 * Operator * rows * Math.Log2(Math.Max(2, rows));
}
