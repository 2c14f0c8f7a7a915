using System.Collections.Concurrent;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Indexes.BTree;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// The tables and B-tree indexes in memory, by their storage ids. Definitions come and go with catalog versions; an index's tree stays as
/// long as the index and the rows it is over.
/// </summary>
public sealed class TableRegistry
{
    /// <summary>A tree and whether it has been filled from the rows. Filling happens once, by whoever needs it first.</summary>
    sealed class Tree
    {
        public readonly BTreeIndex Index = new();
        public bool IsBuilt;
    }

    /// <summary>Row locks are striped: an update's key change and the dropping of an old version's entry must not cross for the same row.</summary>
    const int Stripes = 64;

    readonly Store _store;
    readonly ConcurrentDictionary<uint, StoredTable> _byRelation = new();
    readonly ConcurrentDictionary<uint, StoredTable> _byStorage = new();
    readonly ConcurrentDictionary<(uint Index, uint Storage), Tree> _trees = new();
    readonly ConcurrentDictionary<uint, long> _lastChanges = new();
    readonly Lock[] _rowLocks = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];

    internal TableRegistry(Store store)
    {
        _store = store;
        store.VersionDropped = OnVersionDropped;
    }

    /// <summary>Held by SERIALIZABLE transactions while they validate and commit.</summary>
    internal Lock Serialization { get; } = new();

    internal Lock RowLock(RowId row) => _rowLocks[(int)((ulong)row.Value % Stripes)];

    /// <summary>A table as this catalog defines it; the relation must have rows.</summary>
    internal StoredTable Access(Relation relation, NameResolver names)
    {
        if (_byRelation.TryGetValue(relation.Oid, out var known) && ReferenceEquals(known.Relation, relation) && SameIndexes(known, names))
            return known;
        var compiler = new TableCompiler(relation, names);
        var table = new StoredTable(relation, _store.GetTable(relation.StorageId)) { Rules = compiler.Rules() };
        table.Trees =
        [
            .. names.IndexesOf(relation.Oid).Where(index => index.Method == "btree").OrderByDescending(index => index.IsUnique).ThenBy(index => index.Oid)
                .Select(index => compiler.Index(table, index, Built(table, compiler, index))),
        ];
        _byRelation[relation.Oid] = table;
        _byStorage[relation.StorageId] = table;
        return table;
    }

    static bool SameIndexes(StoredTable table, NameResolver names)
    {
        var at = 0;
        foreach (var index in names.IndexesOf(table.Relation.Oid).Where(index => index.Method == "btree").OrderByDescending(index => index.IsUnique).ThenBy(index => index.Oid))
        {
            if (at == table.Trees.Length || !ReferenceEquals(table.Trees[at].Definition, index)) return false;
            at++;
        }
        return at == table.Trees.Length;
    }

    BTreeIndex Built(StoredTable table, TableCompiler compiler, IndexDefinition definition)
    {
        var tree = _trees.GetOrAdd((definition.Oid, table.Relation.StorageId), _ => new Tree());
        lock (tree)
        {
            if (!tree.IsBuilt)
            {
                Fill(table, compiler.Index(table, definition, tree.Index));
                tree.IsBuilt = true;
            }
        }
        return tree.Index;
    }

    /// <summary>Adds the entries of all row versions that some snapshot may see.</summary>
    void Fill(StoredTable table, BTreeAccess access)
    {
        using var snapshot = _store.TakeSnapshot();
        var key = new ByteWriter();
        for (long row = 0; row < table.Rows.NextRowId; row++)
            table.Rows.AnyVersion(new(row), version =>
            {
                if (access.TryKey(version, key))
                    access.Tree.Insert(key.Written, version.Row);
                return false;
            });
    }

    /// <summary>Drops an index's tree.</summary>
    internal void Forget(uint index, uint storage) => _trees.TryRemove((index, storage), out _);

    void OnVersionDropped(Table rows, RowView version)
    {
        if (!_byStorage.TryGetValue(rows.Id, out var table)) return;
        var row = version.Row;
        foreach (var access in table.Trees)
        {
            var key = new ByteWriter();
            if (!access.TryKey(version, key)) continue;
            var dropped = key.Written.ToArray();
            lock (RowLock(row))
            {
                if (!rows.AnyVersion(row, other => access.TryKey(other, key) && key.Written.SequenceEqual(dropped)))
                    access.Tree.Remove(dropped, row);
            }
        }
    }

    /// <summary>Commit number of the last change to a table by a transaction that has ended; for SERIALIZABLE. 0 when none since the start.</summary>
    public long LastChange(uint storageId) => _lastChanges.GetValueOrDefault(storageId);

    internal void NoteChange(uint storageId, long csn) => _lastChanges.AddOrUpdate(storageId, csn, (_, known) => Math.Max(known, csn));

    /// <summary>Entries and bytes of an index, for size functions; null when it is not in memory.</summary>
    public (long Entries, long Bytes)? IndexSize(uint index, uint storage)
        => _trees.TryGetValue((index, storage), out var tree) ? (tree.Index.Count, tree.Index.Bytes) : null;
}
