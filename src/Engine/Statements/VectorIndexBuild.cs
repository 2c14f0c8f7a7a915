using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Indexes;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Builds a vector index for CREATE INDEX, REINDEX and what rebuilds tables: checks, notices, memory, workers and progress as pgvector has them.</summary>
static class VectorIndexBuild
{
    const int PageBytes = 8192;

    /// <summary>Rows below which further threads cost more than they bring.</summary>
    const long RowsPerWorker = 2_000;

    public static void Run(Session session, StatementContext context, Relation relation, IndexDefinition index)
    {
        var registry = session.Cluster.Tables.Vectors;
        registry.ClaimNew(session.Cluster.Store.GetTable(relation.StorageId), index.Oid);
        session.Block!.OnEnd(() => ForgetUnlessCommitted(session, relation, index.Oid));
        var access = session.Cluster.Tables.Access(relation, context.Names).Vectors.First(access => access.Definition.Oid == index.Oid);
        var options = VectorIndexDefinition.Options(index, access.Key.Type, access.Dimensions, access.OperatorClass);
        if (VectorIndexDefinition.ForeignNotice(index.Method, access.Key.Type, options.Dimensions) is { } notice)
            context.Notice(notice);
        if (VectorIndexDefinition.CodesNotice(index, options) is { } codes)
            context.Notice(codes);

        var rows = access.Table.Rows;
        var memory = (long)session.Settings.Integer("maintenance_work_mem") << 10;
        context.Transaction.AdvanceCommand();
        if (!VectorIndexDefinition.IsGraph(index.Method))
            CheckLists(context, access, options, memory);
        var workers = (int)Math.Clamp(Math.Min(rows.RowCountEstimate / RowsPerWorker, Math.Min(session.Settings.Integer("max_parallel_maintenance_workers"), Environment.ProcessorCount - 1)), 0, 64);
        if (workers > 0)
            context.Notice(new PgNotice("DEBUG1", SqlState.SuccessfulCompletion, $"using {workers} parallel workers"));

        var progress = new VectorBuildProgress(
            session.ProcessId, session.DatabaseOid, access, session.ActivityText.TrimStart().StartsWith("REINDEX", StringComparison.OrdinalIgnoreCase) ? "REINDEX" : "CREATE INDEX", (rows.RowFileBytes + rows.VectorFileBytes) / PageBytes);
        registry.Builds[session.ProcessId] = progress;
        try
        {
            VectorBuild.Run(access.Tree, options, new BuildSettings { Workers = workers + 1, MemoryBytes = memory, Progress = progress, Cancellation = session.Interrupts.Token }, context.Transaction.TakeSnapshot);
        }
        catch (OperationCanceledException)
        {
            throw session.CancellationError();
        }
        finally
        {
            registry.Builds.TryRemove(session.ProcessId, out _);
        }
        registry.RegisterBuilt(access.Tree);
    }

    /// <summary>After a transaction: what it made goes when it was rolled back; what it dropped, when it has committed.</summary>
    public static void ForgetUnlessCommitted(Session session, Relation relation, uint index)
    {
        var now = session.Cluster.Catalog.Find(session.DatabaseOid);
        if (now?.Find<IndexDefinition>(index) is null || now.Find<Relation>(relation.Oid)?.StorageId != relation.StorageId)
            session.Cluster.Tables.Vectors.Forget(index, relation.StorageId);
    }

    // ---- ivfflat

    const int SampleRowsPerList = 50;
    const int LeastSample = 10_000;
    const int RowsPerPage = 291;

    /// <summary>pgvector's checks before it looks for centres. Raises 54000 when the work would not fit its memory.</summary>
    static void CheckLists(StatementContext context, VectorAccess access, VectorIndexOptions options, long memory)
    {
        var rows = access.Table.Rows;
        var pages = Math.Max(1, (rows.RowFileBytes + rows.VectorFileBytes) / PageBytes);
        long lists = options.Lists, dimensions = options.Dimensions;
        var valueBytes = (8 + (options.Element switch
        {
            Vectors.VectorElement.Float32 => 4 * dimensions,
            Vectors.VectorElement.Float16 => 2 * dimensions,
            _ => (dimensions + 7) / 8,
        }) + 7) / 8 * 8;
        var slots = Math.Max(1, Math.Min(Math.Max(SampleRowsPerList * lists, LeastSample), rows.RowCountEstimate == 0 ? 1 : pages * RowsPerPage));
        var usable = CountUsable(context, access, options, Math.Min(slots, Math.Max(lists, rows.RowCountEstimate)));
        var bytes = (3 * 32) + (2 * lists * valueBytes) + (Math.Min(slots, Math.Max(1, rows.RowCountEstimate)) * valueBytes);
        if (usable > 0)
            bytes += (4 * lists * dimensions) + (4 * usable * lists) + (4 * lists * lists) + (8 * usable) + (12 * lists);
        if (bytes > memory)
            throw new PgError(SqlState.ProgramLimitExceeded, $"memory required is {(bytes >> 20) + 1} MB, maintenance_work_mem is {memory >> 20} MB");
        if (usable < lists)
            context.Notice(new PgNotice("NOTICE", SqlState.SuccessfulCompletion, "ivfflat index created with little data", "This will cause low recall.", "Drop the index until the table has more data."));
    }

    /// <summary>Vectors that a centre may be made of, up to <paramref name="most"/>: not NULL, and for angles not zero.</summary>
    static long CountUsable(StatementContext context, VectorAccess access, VectorIndexOptions options, long most)
    {
        var isAngular = options.Metric is Vectors.Metric.InnerProduct or Vectors.Metric.Cosine;
        using var snapshot = context.Transaction.TakeSnapshot();
        var count = 0L;
        new StoredVectors(access, snapshot).Visit(0, 1, (_, _, value) =>
        {
            if (!isAngular || value.ContainsAnyExcept((byte)0))
                count++;
            return count < most;
        });
        return count;
    }
}
