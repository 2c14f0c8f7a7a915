using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>
/// Turns the records of one database into its catalog. Records name types by OID, and a type may be defined by any other record, so a
/// record whose type is asked for is read first.
/// </summary>
sealed class CatalogLoader
{
    readonly Dictionary<uint, byte[]> _definingRecords = [];
    readonly HashSet<byte[]> _read = [];
    CatalogSnapshot _snapshot;

    CatalogLoader(uint database, SharedObjects shared) => _snapshot = new CatalogSnapshot(database, shared);

    public static CatalogSnapshot Load(uint database, SharedObjects shared, IReadOnlyList<byte[]> records)
    {
        var loader = new CatalogLoader(database, shared);
        foreach (var record in records)
        {
            var (type, array) = CatalogRecord.TypesDefinedBy(record);
            if (type != 0)
                loader._definingRecords[type] = record;
            if (array != 0)
                loader._definingRecords[array] = record;
        }
        foreach (var record in records)
            loader.Read(record);
        return loader._snapshot;
    }

    void Read(byte[] record)
    {
        if (!_read.Add(record))
            return;
        var item = CatalogRecord.Read(record, FindType);
        _snapshot = _snapshot.With(item);
    }

    PgType FindType(uint oid)
    {
        if (PgTypes.Find(oid) is { } builtIn)
            return builtIn;
        if (_definingRecords.TryGetValue(oid, out var record))
            Read(record);
        return _snapshot.FindType(oid) ?? throw new PgError(SqlState.DataCorrupted, $"catalog record names type {oid}, which does not exist");
    }
}
