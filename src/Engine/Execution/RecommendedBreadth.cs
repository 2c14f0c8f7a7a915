using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution.Evaluators;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Finds by trying how large ef_search must be for a recall: vectors of the table are searched for, exactly and through the graph.</summary>
static class RecommendedBreadth
{
    const int Queries = 30;
    const int Largest = 1000;

    /// <summary>The smallest ef_search tried whose mean recall reaches the target; the largest there is when none does. Raises 22023.</summary>
    public static int Measure(VectorAccess access, int k, double target, ExecutionState state)
    {
        if (!VectorIndexDefinition.IsGraph(access.Definition.Method))
            throw new PgError(SqlState.InvalidParameterValue, $"\"{access.Definition.Name}\" is not an hnsw index");
        if (k is < 1 or > Largest)
            throw new PgError(SqlState.InvalidParameterValue, $"k must be between 1 and {Largest}");
        if (!(target is > 0 and <= 1))
            throw new PgError(SqlState.InvalidParameterValue, "recall must be above 0 and at most 1");
        var queries = Sample(access, state);
        if (queries.Count == 0)
            return k;
        var exact = queries.ConvertAll(query => Distances(access, query, k, null, state));
        for (var breadth = k; ; breadth = Math.Min(Largest, breadth + Math.Max(5, breadth / 4)))
        {
            var found = 0;
            var wanted = 0;
            for (var i = 0; i < queries.Count; i++)
            {
                // By distance: of rows equally far any will do.
                var worst = exact[i].Count == 0 ? 0 : exact[i][^1];
                found += Distances(access, queries[i], k, breadth, state).Count(distance => distance <= worst);
                wanted += exact[i].Count;
            }
            if (found >= target * wanted || breadth == Largest)
                return breadth;
        }
    }

    // Rows at equal steps through the table.
    static List<Datum> Sample(VectorAccess access, ExecutionState state)
    {
        var queries = new List<Datum>();
        var end = access.Table.Rows.NextRowId;
        for (var i = 0; i < Queries; i++)
        {
            var scan = access.Table.Rows.Scan(state.Snapshot, new RowId(end * i / Queries), new RowId(end * (i + 1) / Queries));
            while (scan.MoveNext(out var row))
            {
                var value = access.Value(row, out var isIndexed);
                if (!isIndexed)
                    continue;
                queries.Add(value);
                break;
            }
        }
        return queries;
    }

    static List<double> Distances(VectorAccess access, Datum query, int k, int? breadth, ExecutionState state)
    {
        var op = BuiltinFunctions.OperatorsByName[access.OperatorClass.Distance!].First(op => op.Left == access.Key.Type && op.Right == access.Key.Type);
        var comparison = new BinaryFunction(op.Function);
        var node = new VectorScanNode(
            access.Table, VectorIndexDefinition.MetricOf(op.Name)!.Value, new ConstantEvaluator(query), access.Table.Decoder([]), (vector, other, running) => comparison.Invoke(vector, other, running))
        {
            Index = access,
            Order = new BoundConstant(Datum.Null, PgTypes.Float8),
            Alias = access.Table.Relation.Name,
            Limit = new ConstantEvaluator(Datum.Of((long)k)),
            IsExact = breadth is null,
            Breadth = breadth,
            Columns = [new Planning.PlanColumn(0, 0)],
        };
        using var rows = node.Open(state);
        var distances = new List<double>(k);
        while (distances.Count < k && rows.MoveNext())
            distances.Add(rows.Current[0].IsNull ? double.NaN : rows.Current[0].AsDouble);
        return distances;
    }
}
