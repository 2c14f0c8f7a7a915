using System.Collections.Concurrent;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statistics;

/// <summary>
/// What ANALYZE has gathered of all tables and of the expressions of their indexes, by OID. Kept in the store beside the sequences, outside
/// transactions: statistics are hints, and those of a rolled back ANALYZE do no harm.
/// </summary>
public sealed class StatisticsRegistry(Store store)
{
    /// <summary>The database number under which the store keeps these records: no database has it, and OIDs are unique in the cluster.</summary>
    const uint Records = uint.MaxValue;

    readonly ConcurrentDictionary<uint, RelationStatistics?> _known = new();
    long _version;

    /// <summary>Grows with every change: plans made before may no longer be the best.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Statistics of a table; null when it was never analysed.</summary>
    public RelationStatistics? Find(Relation table)
        => Find(table.Oid, number => number <= table.Columns.Length && table.Column(number) is { IsDropped: false } column ? column.Type : null);

    /// <summary>Statistics of an index's expressions; null when it has none or was never analysed.</summary>
    public RelationStatistics? Find(IndexAccess index)
        => Find(index.Definition.Oid, number => number <= index.Keys.Length ? index.Keys[number - 1].Type : null);

    RelationStatistics? Find(uint oid, Func<short, PgType?> typeOf)
        => _known.TryGetValue(oid, out var known) ? known
            : _known.GetOrAdd(oid, store.TryGetSequence(Records, oid, out var record) ? StatisticsRecord.Read(record.Span, typeOf) : null);

    internal void Put(uint oid, RelationStatistics statistics)
    {
        store.SetSequence(Records, oid, StatisticsRecord.Write(statistics));
        _known[oid] = statistics;
        Interlocked.Increment(ref _version);
    }

    /// <summary>Drops the statistics of a table or index that is gone.</summary>
    internal void Forget(uint oid)
    {
        if (_known.TryRemove(oid, out _) || store.TryGetSequence(Records, oid, out _))
            store.SetSequence(Records, oid, default);
    }
}
