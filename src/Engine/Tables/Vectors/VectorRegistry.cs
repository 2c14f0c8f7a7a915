using System.Collections.Concurrent;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Tables;

/// <summary>The vector indexes in memory, by their OID and the storage id of their table, and what works on them in the background.</summary>
internal sealed class VectorRegistry(Store store, Func<RowId, Lock> rowLock) : IDisposable
{
    readonly ConcurrentDictionary<(uint Index, uint Storage), VectorTree> _trees = new();
    readonly ConcurrentDictionary<uint, VectorTreeSet> _sets = new();

    readonly VectorLoader _loader = new(store);

    /// <summary>Indexes being built for clients, for pg_stat_progress_create_index.</summary>
    public ConcurrentDictionary<int, VectorBuildProgress> Builds { get; } = new();

    public IEnumerable<VectorTree> All => _trees.Values;

    /// <summary>The indexes over one storage.</summary>
    public VectorTreeSet Of(uint storage) => _sets.GetOrAdd(storage, static _ => new());

    public VectorTree? Find(uint index, uint storage) => _trees.GetValueOrDefault((index, storage));

    /// <summary>An index as this catalog defines it. One that is not in memory is read or built in the background, unless it has been claimed.</summary>
    public VectorAccess Access(StoredTable table, TableCompiler compiler, IndexDefinition definition)
    {
        var tree = GetOrAdd(table.Rows, definition.Oid);
        var access = compiler.VectorIndex(table, tree, definition);
        tree.Access = access;
        Of(table.Rows.Id).Add(tree);
        if (tree.Claim()) _loader.Request(tree);
        return access;
    }

    /// <summary>Says that the caller is about to build an index that is new.</summary>
    public void ClaimNew(Table rows, uint index) => GetOrAdd(rows, index).Claim();

    VectorTree GetOrAdd(Table rows, uint index) => _trees.GetOrAdd((index, rows.Id), _ => new VectorTree(index, rows, rowLock));

    /// <summary>From now on checkpoints write the index, which has been built.</summary>
    public void RegisterBuilt(VectorTree tree) => store.IndexSnapshots.Register(new(tree.Rows.Id, tree.Index), new VectorSnapshot(tree), isLoaded: false);

    /// <summary>Drops an index from memory, if it is there.</summary>
    public void Forget(uint index, uint storage)
    {
        if (!_trees.TryRemove((index, storage), out var tree)) return;
        Of(storage).Remove(tree);
        store.IndexSnapshots.Remove(new(storage, index));
        tree.Dispose();
    }

    /// <summary>Builds an index anew that repairs have worn out.</summary>
    public void Rebuild(VectorTree tree, CancellationToken cancellation) => _loader.Rebuild(tree, cancellation);

    /// <summary>Starts work in the background.</summary>
    public void Start() => _loader.Start(() => All);

    /// <summary>Ends work in the background; the indexes stay, for the last checkpoint.</summary>
    public void Stop() => _loader.Dispose();

    public void Dispose()
    {
        Stop();
        foreach (var tree in All)
            tree.Dispose();
    }
}
