using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// The rows that pass a scan's filter, where they can be had for less than the search costs: from a B-tree when they are few, or from a set that
/// an earlier execution has left. The set may have rows that do not pass (any more); it lacks none.
/// </summary>
internal sealed class PassingRows(VectorScanNode node, ExecutionState state)
{
    /// <summary>A B-tree's rows are gathered up to this many and this share of the table: finding them one by one costs more than the search else.</summary>
    const long MostByIndex = 2_000;
    const int MostShareByIndex = 64;

    RowSet? _found;
    string? _name;
    bool _isSought;

    /// <summary>The rows; null when they are not to be had cheaply, and each candidate is to be asked.</summary>
    public RowSet? Find()
    {
        if (_isSought)
            return _found;
        _isSought = true;
        return _found = Known() ?? ByIndex() ?? Kept();
    }

    RowSet? ByIndex()
    {
        var most = MostByIndex + (node.Table.Rows.RowCountEstimate / MostShareByIndex);
        if (node.Candidates is null || node.Candidates.Cost.Rows > most)
            return null;
        var set = new RowSet(node.Table.Rows.NextRowId);
        using var rows = node.Candidates.Start(state);
        while (rows.MoveNext())
        {
            set.Add(node.Table.RowId(rows.Current[0]).Value);
            if (set.Count > most)
                return null;
        }
        return set;
    }

    RowSet? Known() => node.FilterName is null ? null : node.Index.Table.VectorTrees.Kept.Find(node.Table.Relation, Name);

    RowSet? Kept() => node.FilterName is null ? null : node.Index.Table.VectorTrees.Kept.FindOrMake(node.Table.Relation, Name, node.Table.Rows, MayPass);

    string Name => _name ??= node.FilterParameters.IsEmpty ? node.FilterName! : node.FilterName + ParameterValues();

    // Each text with its length, so that no two lists of values look alike.
    string ParameterValues()
    {
        var text = new System.Text.StringBuilder();
        foreach (var number in node.FilterParameters)
        {
            var value = state.Parameters[number - 1];
            text.Append(value.IsNull ? "|" : value.IsInBits ? $"|{value.AsInt64}" : $"|{value.AsString.Length}:{value.AsString}");
        }
        return text.ToString();
    }

    readonly Datum[] _row = new Datum[node.FilterColumns];

    // A version that this statement may not even see must not raise errors in it.
    bool MayPass(RowView version)
    {
        node.FilterDecoder!.Decode(version, _row);
        try
        {
            return node.FilterEvaluator!.IsTrue(_row, state);
        }
        catch (PgError)
        {
            return true;
        }
    }

    public void Reset()
    {
        _found = null;
        _name = null;
        _isSought = false;
    }
}
