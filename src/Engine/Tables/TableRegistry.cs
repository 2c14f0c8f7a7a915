using System.Collections.Concurrent;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Statistics;
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
    /// <summary>A tree as its newest definition sees it; null until whoever needs it first has read it from its snapshot or filled it from the rows.</summary>
    sealed class Tree
    {
        public volatile BTreeAccess? Access;
        public bool IsRegistered;
        public bool IsLoaded;
    }

    /// <summary>Row locks are striped: an update's key change and the dropping of an old version's entry must not cross for the same row.</summary>
    internal const int Stripes = 64;

    readonly Store _store;
    readonly ConcurrentDictionary<uint, StoredTable> _byRelation = new();
    readonly ConcurrentDictionary<uint, StoredTable> _byStorage = new();
    readonly ConcurrentDictionary<(uint Index, uint Storage), Tree> _trees = new();
    readonly ConcurrentDictionary<uint, TableActivity> _activity = new();
    readonly ConcurrentDictionary<BTreeAccess, IndexFill> _fills = new();
    readonly Lock[] _rowLocks = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];

    internal TableRegistry(Store store)
    {
        _store = store;
        Vectors = new VectorRegistry(store, RowLock);
        store.VersionDropped = OnVersionDropped;
    }

    /// <summary>The vector indexes in memory.</summary>
    internal VectorRegistry Vectors { get; }

    internal Lock RowLock(RowId row) => _rowLocks[(int)((ulong)row.Value % Stripes)];

    /// <summary>A table as this catalog defines it; the relation must have rows.</summary>
    internal StoredTable Access(Relation relation, NameResolver names, CancellationToken cancellation = default)
    {
        if (_byRelation.TryGetValue(relation.Oid, out var known) && ReferenceEquals(known.Relation, relation) && SameIndexes(known, names))
            return known;
        var compiler = new TableCompiler(relation, names);
        var table = new StoredTable(relation, _store.GetTable(relation.StorageId), Activity(relation.Oid))
        {
            Rules = compiler.Rules(),
            VectorTrees = Vectors.Of(relation.StorageId),
        };
        table.Trees =
        [
            .. Trees(names, relation).Select(index => Built(table, compiler, index, cancellation)),
        ];
        table.Vectors = [.. VectorIndexes(names, relation).Select(index => Vectors.Access(table, compiler, index))];
        _byRelation[relation.Oid] = table;
        _byStorage[relation.StorageId] = table;
        EndFills(table);
        return table;
    }

    /// <summary>Adds to a tree in use the entries of all row versions that it lacks.</summary>
    internal void Complete(BTreeAccess access, CancellationToken cancellation)
    {
        using var pin = _store.TakeSnapshot(access.Rows);
        var fill = new IndexFill(access);
        _fills[access] = fill;
        try
        {
            fill.Complete(cancellation);
        }
        finally
        {
            fill.End(access.Tree, this);
            _fills.TryRemove(access, out _);
        }
    }

    void EndFills(StoredTable table)
    {
        foreach (var (access, fill) in _fills)
            if (access.Rows == table.Rows && table.Trees.FirstOrDefault(tree => tree.Definition.Oid == access.Definition.Oid) is { } built)
            {
                fill.End(built.Tree, this);
                _fills.TryRemove(access, out _);
            }
    }

    static bool SameIndexes(StoredTable table, NameResolver names)
    {
        var count = 0;
        foreach (var index in names.IndexesOf(table.Relation.Oid))
        {
            if (!table.Has(index)) return false;
            count++;
        }
        return count == table.Trees.Length + table.Vectors.Length;
    }

    static IEnumerable<IndexDefinition> Trees(NameResolver names, Relation relation)
        => names.IndexesOf(relation.Oid).Where(index => !VectorIndexDefinition.IsVector(index)).OrderByDescending(index => index.IsUnique).ThenBy(index => index.Oid);

    static IEnumerable<IndexDefinition> VectorIndexes(NameResolver names, Relation relation)
        => names.IndexesOf(relation.Oid).Where(VectorIndexDefinition.IsVector).OrderBy(index => index.Oid);

    BTreeAccess Built(StoredTable table, TableCompiler compiler, IndexDefinition definition, CancellationToken cancellation)
    {
        var tree = _trees.GetOrAdd((definition.Oid, table.Relation.StorageId), _ => new Tree());
        lock (tree)
        {
            tree.Access = tree.Access is { } known ? compiler.Index(table, definition, known.Tree)
                // Who builds an index concurrently fills it himself.
                : !definition.IsValid ? compiler.Index(table, definition, new())
                : FirstBuilt(table, compiler, definition, tree, cancellation);
            if (definition.IsValid && !tree.IsRegistered)
            {
                tree.IsRegistered = true;
                _store.IndexSnapshots.Register(new(table.Relation.StorageId, definition.Oid), new BTreeSnapshot(() => tree.Access), isLoaded: tree.IsLoaded);
            }
            return tree.Access;
        }
    }

    /// <summary>Reads an index from its snapshot, or builds it, before anyone asks.</summary>
    internal void Warm(Relation relation, IndexDefinition index, NameResolver names)
    {
        // To read vector indexes is asked of their loader when the table is first opened.
        if (VectorIndexDefinition.IsVector(index) || !_trees.ContainsKey((index.Oid, relation.StorageId)))
            Access(relation, names);
    }

    BTreeAccess FirstBuilt(StoredTable table, TableCompiler compiler, IndexDefinition definition, Tree tree, CancellationToken cancellation)
    {
        using var pin = _store.TakeSnapshot(table.Rows);
        var key = new IndexSnapshotKey(table.Relation.StorageId, definition.Oid);
        var access = compiler.Index(table, definition, new());
        using var reader = _store.IndexSnapshots.TryOpen(key);
        var loaded = reader is null ? null : BTreeSnapshot.TryLoad(reader, access);
        tree.IsLoaded = loaded is not null;
        if (loaded is not null)
            return compiler.Index(table, definition, loaded);
        var fill = new IndexFill(access);
        _fills[access] = fill;
        try
        {
            access = compiler.Index(table, definition, fill.Build(cancellation));
            access.MayHaveDuplicates = fill.HasEqualKeys;
            return access;
        }
        catch
        {
            _fills.TryRemove(fill.Access, out _);
            throw;
        }
    }

    /// <summary>What has been done to a table since the server started, by the relation's OID.</summary>
    internal TableActivity Activity(uint relation) => _activity.GetOrAdd(relation, _ => new());

    /// <summary>Lets go of rows that are dropped, be it that their table was rewritten.</summary>
    internal void ForgetStorage(uint storage) => _byStorage.TryRemove(storage, out _);

    /// <summary>Lets go of a dropped table; what was counted of it.</summary>
    internal RowTotals Forget(Relation relation)
    {
        _byRelation.TryRemove(relation.Oid, out _);
        return _activity.TryRemove(relation.Oid, out var activity) ? activity.Totals : default;
    }

    /// <summary>Drops an index's tree.</summary>
    internal void Forget(uint index, uint storage)
    {
        _trees.TryRemove((index, storage), out _);
        _store.IndexSnapshots.Remove(new(storage, index));
    }

    /// <summary>After a start: drops the snapshots of indexes that no database has, left by a crash before the checkpoint that would have.</summary>
    internal void ForgetUnknown(IEnumerable<CatalogSnapshot> catalogs)
    {
        var known = catalogs.SelectMany(catalog => catalog.All<IndexDefinition>()).Select(index => index.Oid).ToHashSet();
        foreach (var key in _store.IndexSnapshots.Keys)
            if (!known.Contains(key.Index)) _store.IndexSnapshots.Remove(key);
    }

    void OnVersionDropped(Table rows, RowView version)
    {
        foreach (var vectors in Vectors.Of(rows.Id).All)
            vectors.Dropped(version);
        foreach (var (filled, fill) in _fills)
            if (filled.Rows == rows)
                fill.Dropped(version, this);
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

    /// <summary>Entries and bytes of an index, for size functions; null when it is not in memory.</summary>
    public (long Entries, long Bytes)? IndexSize(uint index, uint storage)
        => _trees.TryGetValue((index, storage), out var tree) && tree.Access is { Tree: var known } ? (known.Count, known.Bytes)
            : Vectors.Find(index, storage)?.Statistics() is { } vectors ? (vectors.Count, vectors.SnapshotBytes)
            : null;
}
