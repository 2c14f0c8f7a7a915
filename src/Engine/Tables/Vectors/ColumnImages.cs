using PgVectorCompat.Engine.Catalog;

namespace PgVectorCompat.Engine.Tables;

/// <summary>Images of the columns that searches of a table's vector indexes filter on. One is made when its column is asked for the second time.</summary>
internal sealed class ColumnImages(WrittenRows written)
{
    /// <summary>Memory for the images of one table.</summary>
    const long MostBytes = 256L << 20;

    readonly Lock _gate = new();
    readonly Dictionary<int, ColumnImage> _images = [];
    readonly HashSet<int> _seen = [];
    Relation? _relation;

    /// <summary>The image of a column, of which nothing has been read when it is new; null when there is none yet.</summary>
    /// <param name="table">The table as a version of the catalog sees it; another version's images are given up.</param>
    /// <param name="column">Its position among the live columns.</param>
    public ColumnImage? Find(TableAccess table, int column)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_relation, table.Relation))
            {
                _images.Clear();
                _seen.Clear();
                _relation = table.Relation;
            }
            if (_images.TryGetValue(column, out var image)) return image;
            if (_seen.Add(column) || (_images.Count + 1) * sizeof(long) * table.Rows.NextRowId > MostBytes) return null;
            return _images[column] = new(table.Rows, table.Decoder([column]), written);
        }
    }
}
