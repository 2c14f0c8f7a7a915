using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>PostgreSQL's cost constants and guesses of how many rows a condition keeps when nothing is known of the values.</summary>
static class Costs
{
    public const double Page = 1;
    public const double Tuple = 0.01;
    public const double Operator = 0.0025;
    public const double IndexTuple = 0.005;

    /// <summary>A row fetched by its id. Less than PostgreSQL's 4 for a random page: rows are found through a directory in memory.</summary>
    public const double Fetch = 0.05;

    /// <summary>What finding the place in an index costs.</summary>
    public const double IndexDescent = 0.29;

    /// <summary>DEFAULT_NUM_DISTINCT: distinct values of a column nothing is known of.</summary>
    public const double DistinctValues = 200;

    /// <summary>Reading all rows of a table and checking so many conditions on each.</summary>
    public static double SeqScan(Storage.Table table, int conditions)
        => Math.Max(1, table.RowFileBytes / PageBytes) * Page + Math.Max(1, table.RowCountEstimate) * (Tuple + Operator * conditions);

    /// <summary>BLCKSZ: what a page costs is said of so many bytes.</summary>
    const int PageBytes = 8192;

    public static Cost Filter(Cost input, IReadOnlyList<BoundExpression> conditions) => input with
    {
        Total = input.Total + input.Rows * Operator * conditions.Count,
        Rows = Math.Max(1, input.Rows * Selectivity(conditions)),
    };

    public static double Selectivity(IEnumerable<BoundExpression> conditions)
        => conditions.Aggregate(1.0, (product, condition) => product * Selectivity(condition));

    public static double Selectivity(BoundExpression condition) => condition switch
    {
        BoundConstant { Value.IsNull: true } => 0,
        BoundConstant constant => constant.Value.AsBool ? 1 : 0,
        BoundLogical { IsAnd: true } and => Selectivity(and.Operands),
        BoundLogical or => Math.Min(1, or.Operands.Sum(Selectivity)),
        BoundNot not => 1 - Selectivity(not.Operand),
        BoundNullTest test => test.IsNot ? 0.995 : 0.005,
        BoundCall { Operator: { } op } => op switch
        {
            { Strategy: 3 } => 1 / DistinctValues,
            { Strategy: > 0 } => 1 / 3.0,
            { Name: "<>" } => 1 - 1 / DistinctValues,
            { Name: "~~" or "~~*" or "~" } => 0.005,
            { Name: "!~~" or "!~~*" or "!~" } => 0.995,
            _ => 1 / 3.0,
        },
        BoundArrayComparison { Operator.Strategy: 3, IsAll: false } any => Math.Min(1, ListLength(any.Array) / DistinctValues),
        BoundColumn or BoundSubquery => 0.5,
        _ => 1 / 3.0,
    };

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
