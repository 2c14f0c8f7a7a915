using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>
/// The rows that pass a scan's filter, where they can be had for less than the search costs: from a set that an earlier execution has left, from images
/// of the columns, or from a B-tree when they are few. The set may have rows that do not pass (any more); it lacks none.
/// </summary>
internal sealed class PassingRows(VectorScanNode node, ExecutionState state) : IDisposable
{
    /// <summary>A B-tree's rows are gathered up to this many and this share of the table: finding them one by one costs more than the search else.</summary>
    const long MostByIndex = 2_000;
    const int MostShareByIndex = 64;

    /// <summary>An image goes through so many rows in the time that a B-tree finds one.</summary>
    const int RowsOfImage = 500;

    readonly VectorTreeSet _trees = node.Index.Table.VectorTrees;
    RowSet? _found;
    RowSet? _own;
    string? _name;
    bool _isSought;

    /// <summary>Whether about all rows of the set pass; otherwise a part of the filter is still to be asked.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The rows; null when they are not to be had cheaply, and each candidate is to be asked.</summary>
    public RowSet? Find()
    {
        if (_isSought)
            return _found;
        _isSought = true;
        IsWhole = true;
        return _found = Known() ?? (IndexIsFaster ? ByIndex() : null) ?? ByImages() ?? ByIndex() ?? Kept(() => KeptRowSets.Scan(node.Table.Rows, MayPass));
    }

    bool IndexIsFaster => node.Candidates is not null && node.Candidates.Cost.Rows * RowsOfImage < node.Table.Rows.NextRowId;

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
            {
                set.Dispose();
                return null;
            }
        }
        return _own = set;
    }

    // Of the conditions that columns answer, those whose columns have images: the others are asked of each row.
    RowSet? ByImages()
    {
        var images = new List<(ColumnImage Image, KeyRange[] Ranges)>();
        foreach (var condition in node.ColumnConditions)
            if (condition.Ranges(state) is { } ranges && _trees.Images.Find(node.Table, condition.Column) is { } image)
                images.Add((image, ranges));
        if (images.Count == 0)
            return null;
        IsWhole = node.ColumnsDecide && images.Count == node.ColumnConditions.Length;
        return (IsWhole ? Kept(Intersection) : null) ?? (_own = Intersection());

        RowSet Intersection()
        {
            var set = images[0].Image.Find(images[0].Ranges, state);
            foreach (var (image, ranges) in images.Skip(1))
            {
                using var other = image.Find(ranges, state);
                set.IntersectWith(other);
            }
            return set;
        }
    }

    RowSet? Known() => node.FilterName is null ? null : _trees.Kept.Find(node.Table.Relation, Name, node.Table.Rows, MayPass);

    RowSet? Kept(Func<RowSet> make) => node.FilterName is null ? null : _trees.Kept.Make(node.Table.Relation, Name, node.Table.Rows, make);

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
        Dispose();
        _found = null;
        _name = null;
        _isSought = false;
    }

    // Kept sets are others' too.
    public void Dispose()
    {
        _own?.Dispose();
        _own = null;
    }
}
