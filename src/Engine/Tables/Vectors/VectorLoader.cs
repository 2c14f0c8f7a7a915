using System.Collections.Concurrent;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>
/// Two threads beside the sessions: one reads vector indexes after a start, from their snapshots or else from the rows, while queries scan; the
/// other folds what was inserted into the indexes and repairs what was removed.
/// </summary>
internal sealed class VectorLoader(Store store) : IDisposable
{
    /// <summary>How long new work in the indexes may wait.</summary>
    static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);

    /// <summary>Memory for rebuilding an index in the background.</summary>
    const long RebuildBytes = 256L << 20;

    readonly BlockingCollection<VectorTree> _requests = [];
    readonly CancellationTokenSource _stop = new();
    Thread? _loading;
    Thread? _maintaining;

    /// <summary>Asks for an index that is not in memory.</summary>
    public void Request(VectorTree tree)
    {
        if (_requests.IsAddingCompleted) return;
        tree.IsLoading = true;
        _requests.Add(tree);
    }

    public void Start(Func<IEnumerable<VectorTree>> trees)
    {
        _loading = new Thread(Load) { IsBackground = true, Name = "vector index loader" };
        _maintaining = new Thread(() => Maintain(trees)) { IsBackground = true, Name = "vector index maintenance", Priority = ThreadPriority.BelowNormal };
        _loading.Start();
        _maintaining.Start();
    }

    void Load()
    {
        foreach (var tree in _requests.GetConsumingEnumerable())
        {
            if (_stop.IsCancellationRequested) return;
            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, tree.Closing);
                if (tree.Core is null)
                    LoadOrBuild(tree, either.Token);
                else if (tree.IsWornOut)
                    Rebuild(tree, either.Token);
            }
            catch (Exception error) when (error is PgError or OperationCanceledException or IOException or KeyNotFoundException)
            {
                // Not to be had any more, or (a key that cannot be computed, options that do not fit) not until somebody changes it: queries scan, or use what there is.
                tree.RebuildFailed();
            }
            finally
            {
                tree.IsLoading = false;
            }
        }
    }

    void LoadOrBuild(VectorTree tree, CancellationToken cancellation)
    {
        using var pin = store.TakeSnapshot(tree.Rows);
        var key = new IndexSnapshotKey(tree.Rows.Id, tree.Index);
        var isLoaded = false;
        tree.Replace(() =>
        {
            using var reader = store.IndexSnapshots.TryOpen(key);
            var core = reader is null ? null : VectorSnapshot.TryLoad(reader, tree.Access);
            isLoaded = core is not null;
            if (core is not null)
                tree.RemoveStale(core);
            else
                core = Build(tree, cancellation);
            tree.CatchUp(core, -1, cancellation);
            return core;
        });
        store.IndexSnapshots.Register(key, new VectorSnapshot(tree), isLoaded);
    }

    /// <summary>Builds an index anew that is in use. Raises what its options and keys raise.</summary>
    public void Rebuild(VectorTree tree, CancellationToken cancellation)
    {
        using var pin = store.TakeSnapshot(tree.Rows);
        tree.Replace(() =>
        {
            var core = Build(tree, cancellation);
            tree.CatchUp(core, -1, cancellation);
            return core;
        });
        store.IndexSnapshots.Register(new(tree.Rows.Id, tree.Index), new VectorSnapshot(tree), isLoaded: false);
    }

    VectorIndex Build(VectorTree tree, CancellationToken cancellation)
    {
        var access = tree.Access;
        var core = VectorCores.Create(access.Definition.Method, VectorIndexDefinition.Options(access.Definition, access.Key.Type, access.Dimensions, access.OperatorClass));
        try
        {
            using var snapshot = store.TakeSnapshot();
            core.Build(new StoredVectors(access, snapshot), new BuildSettings
            {
                Workers = Math.Max(1, Environment.ProcessorCount / 2),
                MemoryBytes = RebuildBytes,
                Cancellation = cancellation,
            });
            return core;
        }
        catch
        {
            core.Dispose();
            throw;
        }
    }

    void Maintain(Func<IEnumerable<VectorTree>> trees)
    {
        while (!_stop.IsCancellationRequested)
        {
            var hasMore = false;
            foreach (var tree in trees())
            {
                try
                {
                    hasMore |= tree.Maintain(_stop.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
                if (tree.IsWornOut && _requests.Count == 0) Request(tree);
            }
            if (!hasMore) _stop.Token.WaitHandle.WaitOne(Rest);
        }
    }

    public void Dispose()
    {
        if (_stop.IsCancellationRequested) return;
        _requests.CompleteAdding();
        _stop.Cancel();
        _loading?.Join();
        _maintaining?.Join();
    }
}
