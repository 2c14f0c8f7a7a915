using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// Rows of a table by a vector index, nearest to a query first: <c>ORDER BY v &lt;distance&gt; query</c>. Output: the scan's columns, then the distance.
/// </summary>
/// <param name="Query">The vector to be near to.</param>
/// <param name="Decoder">Decodes the output columns.</param>
/// <param name="Operator">The distance of a vector to the query by the operator itself; raises what it raises.</param>
internal sealed record VectorScanNode(TableAccess Table, Metric Metric, Evaluator Query, RowDecoder Decoder, Func<Datum, Datum, ExecutionState, Datum> Operator) : PlanNode
{
    public required VectorAccess Index { get; init; }

    /// <summary>The ORDER BY expression, its column first.</summary>
    public required BoundExpression Order { get; init; }

    public required string Alias { get; init; }

    /// <summary>How many rows will be asked for as a rule, if that is known; more may be.</summary>
    public Evaluator? Limit { get; init; }
    public Evaluator? Offset { get; init; }

    /// <summary>Whether all rows are measured, as if there were no index.</summary>
    public bool IsExact { get; init; }

    /// <summary>A breadth to search with instead of the session's setting.</summary>
    public int? Breadth { get; init; }

    /// <summary>Rows that will be asked for beyond the limit.</summary>
    public int ExtraRows { get; init; }

    /// <summary>The conditions as EXPLAIN shows them: without those that a partial index implies.</summary>
    public BoundExpression? Filter { get; init; }

    /// <summary>The condition on rows, with what decodes the columns it reads.</summary>
    public Evaluator? FilterEvaluator { get; init; }
    public RowDecoder? FilterDecoder { get; init; }
    public int FilterColumns { get; init; }

    /// <summary>Row ids that a B-tree finds for a part of the condition; null when none serves.</summary>
    public IndexScanNode? Candidates { get; init; }

    /// <summary>
    /// Names the rows that pass the filter, together with the parameters' values, so that they may be kept for other executions; null when they
    /// depend on more than the row and parameters.
    /// </summary>
    public string? FilterName { get; init; }

    /// <summary>Numbers of the parameters that the filter reads.</summary>
    public ImmutableArray<int> FilterParameters { get; init; } = [];

    /// <summary>Those of the conditions that images of columns answer, and whether they are all there are.</summary>
    public ImmutableArray<ColumnCondition> ColumnConditions { get; init; } = [];
    public bool ColumnsDecide { get; init; }

    /// <summary>An upper bound of the distance among the conditions (<c>v &lt;-&gt; query &lt; bound</c>), which the other members leave out.</summary>
    public Evaluator? Radius { get; init; }
    public bool RadiusIsInside { get; init; }

    public override string Title => $"Index Scan using {Quote.Name(Index.Definition.Name)}";
    public override PlanTarget Target => PlanTarget.Of(Table.Relation, Alias);

    public override IEnumerable<PlanDetail> Details(BoundExpressionPrinter printer)
    {
        yield return ("Order By", printer.PrintOf(Alias, Order));
        if (Filter is not null)
            yield return ("Filter", printer.PrintOf(Alias, Filter));
    }

    public override RowSource Open(ExecutionState state) => new VectorScanSource(this, state);
}
