using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Explain;

/// <summary>
/// The Output lines of EXPLAIN VERBOSE. In PostgreSQL nodes that only pass rows on (Sort, Limit, …) compute nothing: what stands above them here is
/// computed below them there, so their outputs are asked of the node below. A scan gives its whole row where the node above does not keep rows.
/// </summary>
sealed class NodeOutputs(BoundExpressionPrinter printer, PlanNames names)
{
    // By the nodes' tops: parents are printed before their children.
    readonly Dictionary<PlanNode, IReadOnlyList<BoundExpression>> _asked = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<PlanNode> _wholeRows = new(ReferenceEqualityComparer.Instance);

    /// <summary>The entries of a node's line; empty for nodes that have none. To be asked from the root downwards.</summary>
    public IReadOnlyList<string> Of(ShownNode shown)
    {
        var outputs = Outputs(shown);
        var children = shown.Node.Children.Select(child => new ShownNode(child, null)).ToList();
        foreach (var child in children)
            Ask(shown.Node, child, outputs);
        if (shown.Node is AppendNode or RecursiveUnionNode or BitmapNode)
            return [];
        var below = children.SelectMany(Outputs).ToList();
        return [.. outputs.Select(output => output is not BoundColumn && Contains(below, output) ? $"({printer.PrintOutput(output)})" : printer.PrintOutput(output))];
    }

    IReadOnlyList<BoundExpression> Outputs(ShownNode shown)
    {
        if (_asked.TryGetValue(shown.Top, out var asked))
            return asked;
        if (_wholeRows.Contains(shown.Top) && WholeRow(shown) is { } row)
            return row;
        var outputs = new List<BoundExpression>();
        if (shown.Node is ModifyNode modify)
            Add(outputs, modify.Outputs.Select(Resolve));
        else
            Add(outputs, shown.Top.Columns.Select(Resolve));
        if (shown.IsProjected)
            Add(outputs, Unprojected(shown.Node).Select(Resolve));
        return outputs;
    }

    // What the node needs besides what is asked of it.
    static IEnumerable<BoundExpression> Unprojected(PlanNode node) => node switch
    {
        SortNode sort => sort.Keys.Select(key => key.Expression),
        IncrementalSortNode sort => sort.Keys.Select(key => key.Expression),
        NearestScanNode nearest => [nearest.Key.Expression],
        AggregateNode aggregate => aggregate.GroupKeys,
        LimitNode or UniqueNode or LockRowsNode => node.Children.SelectMany(Unprojected),
        _ => [],
    };

    void Ask(PlanNode node, ShownNode child, IReadOnlyList<BoundExpression> outputs)
    {
        switch (node)
        {
            case SortNode or IncrementalSortNode or NearestScanNode or LimitNode or UniqueNode or LockRowsNode or HashNode or MaterializeNode:
                _asked[child.Top] = outputs;
                break;
            case HashJoinNode join:
                if (ReferenceEquals(new ShownNode(join.Outer, null).Top, child.Top))
                    _wholeRows.Add(child.Top);
                AskColumns(child, [.. outputs, Resolve(join.HashCondition), .. Optional(join.Condition)]);
                break;
            case NestedLoopNode join:
                if (child.Node is not MaterializeNode)
                    _wholeRows.Add(child.Top);
                // The bindings read columns of the outer side that no output tells of.
                if (join.Bindings.IsEmpty)
                    AskColumns(child, [.. outputs, .. Optional(join.Condition)]);
                break;
            case AggregateNode aggregate:
                var keys = aggregate.GroupKeys.Select(Resolve).ToList();
                if (keys.TrueForAll(key => key is BoundColumn))
                    _wholeRows.Add(child.Top);
                var read = new List<BoundExpression>(keys);
                foreach (var output in outputs)
                    if (!Contains(keys, output))
                        Add(read, ColumnsOf(output));
                if (!child.IsProjected && WholeRow(child) is not null && !_wholeRows.Contains(child.Top))
                    _asked[child.Top] = read;
                break;
            case DistinctNode when !child.IsProjected:
                _wholeRows.Add(child.Top);
                break;
        }
    }

    void AskColumns(ShownNode child, IEnumerable<BoundExpression> readers)
    {
        if (child.IsProjected || (_wholeRows.Contains(child.Top) && WholeRow(child) is not null))
            return;
        var relations = child.Top.Columns.Select(Resolve).SelectMany(ColumnsOf).Cast<BoundColumn>().Select(column => column.Relation).ToHashSet();
        var columns = new List<BoundExpression>();
        foreach (var reader in readers)
            Add(columns, ColumnsOf(reader).Where(column => relations.Contains(((BoundColumn)column).Relation)));
        _asked[child.Top] = columns;
    }

    // Null for what is no scan of a table, or reads more than its columns.
    List<BoundExpression>? WholeRow(ShownNode shown)
        => !shown.IsProjected && shown.Node is not ModifyNode && shown.Node.Target is { Kind: PlanTargetKind.Relation } target
            && shown.Top.Columns.Select(Resolve).All(column => column is BoundColumn { Column: >= 0 }) && names.Relation(target.Alias) is { } relation
            ? [.. relation.Columns.Select((_, i) => Base(new(relation.Id, i)))]
            : null;

    IEnumerable<BoundExpression> Optional(BoundExpression? condition) => condition is null ? [] : [Resolve(condition)];

    static List<BoundExpression> ColumnsOf(BoundExpression expression)
    {
        var columns = new List<BoundExpression>();
        QueryTree.Visit(expression, node =>
        {
            if (node is BoundColumn) columns.Add(node);
        });
        return columns;
    }

    static void Add(List<BoundExpression> list, IEnumerable<BoundExpression> more)
    {
        foreach (var expression in more)
            if (!Contains(list, expression)) list.Add(expression);
    }

    static bool Contains(List<BoundExpression> list, BoundExpression expression) => list.Exists(other => BoundTree.Same(other, expression));

    BoundExpression Resolve(PlanColumn column) => names.Expression(column) is { } computed ? Resolve(computed) : Base(column);

    BoundExpression Resolve(BoundExpression expression)
        => BoundTree.Rewrite(expression, node => node is BoundColumn column && names.Expression(new(column.Relation, column.Column)) is { } computed ? Resolve(computed) : null);

    BoundColumn Base(PlanColumn column)
    {
        if (column.Column < 0)
            return new(column.Relation, column.Column, SystemColumns.NameOf(column.Column), PgTypes.Tid);
        return names.Relation(column.Relation)?.Columns[column.Column] is { } found
            ? new(column.Relation, column.Column, found.Name, found.Type, found.Typmod)
            : new(column.Relation, column.Column, "?column?", PgTypes.Unknown);
    }
}
