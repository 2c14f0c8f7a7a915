using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statistics;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>LOCK TABLE, VACUUM, ANALYZE and CHECKPOINT.</summary>
internal static class MaintenanceStatements
{
    public static string Lock(Sql.LockTableStatement e, UtilityCall call)
    {
        if (!call.Block.IsExplicit && !call.Runner.IsPartOfMany)
            throw new PgError(SqlState.NoActiveSqlTransaction, "LOCK TABLE can only be used in transaction blocks");
        foreach (var reference in e.Tables)
        {
            var found = call.Context.Names.FindRelation(reference.Name);
            // Nobody writes to the system's tables but the server itself.
            if (found is SystemTable)
                continue;
            var relation = found as Relation ?? throw CatalogErrors.UndefinedRelation(reference.Name);
            var tag = CatalogLocks.Relation(call.Context.Database, relation.Oid);
            var mode = (LockMode)((int)LockMode.AccessShare + (int)e.Mode);
            if (!e.NoWait)
                call.Context.Lock(tag, mode);
            else if (!call.Session.Cluster.Store.Locks.TryAcquire(call.Context.Transaction, tag, mode))
                throw new PgError(SqlState.LockNotAvailable, $"could not obtain lock on relation \"{relation.Name}\"");
        }
        return "LOCK TABLE";
    }

    /// <summary>Old row versions go by themselves; VACUUM only makes that happen now. ANALYZE, and VACUUM with that option, gathers statistics.</summary>
    public static string Vacuum(Sql.VacuumStatement e, UtilityCall call)
    {
        var name = e.IsVacuum ? "VACUUM" : "ANALYZE";
        if (e.IsVacuum)
            call.Context.ForbidTransactionBlock(name);
        var targets = e.Tables.Where(target => call.Context.Names.FindRelation(target.Table) is not SystemTable).Select(target =>
        {
            var relation = call.Context.Names.FindRelation(target.Table) as Relation ?? throw CatalogErrors.UndefinedRelation(target.Table);
            return (Relation: relation, Columns: ColumnNumbers(relation, target.Columns));
        }).ToList();
        if (e.Tables.IsEmpty)
            targets.AddRange(call.Context.Snapshot.All<Relation>().Where(relation => relation.HasRows && MayMaintain(call, relation)).Select(relation => (relation, (short[]?)null)));
        var analyzes = !e.IsVacuum || e.Options.Any(option => option.Name == "analyze" && option.Value?.Text is null or "true" or "on" or "1");
        foreach (var (relation, columns) in targets)
        {
            if (!relation.HasRows)
                call.Context.Warning($"skipping \"{relation.Name}\" --- cannot {(e.IsVacuum ? "vacuum" : "analyze")} non-tables or special system tables");
            else if (!MayMaintain(call, relation))
                call.Context.Warning($"skipping \"{relation.Name}\" --- only table or database owner can {(e.IsVacuum ? "vacuum" : "analyze")} it");
            else
                Maintain(call, relation, columns, e.IsVacuum, analyzes);
        }
        if (e.IsVacuum)
        {
            call.Session.Cluster.Store.CollectGarbage();
            foreach (var (relation, _) in targets)
                RepairIndexes(call, relation);
        }
        return name;
    }

    // The background does this too, but who asks for it wants it done.
    static void RepairIndexes(UtilityCall call, Relation relation)
    {
        var vectors = call.Session.Cluster.Tables.Vectors;
        foreach (var tree in vectors.Of(relation.StorageId).All)
        {
            try
            {
                if (tree.IsWornOut)
                    vectors.Rebuild(tree, call.Session.Interrupts.Token);
            }
            catch (OperationCanceledException)
            {
                throw call.Session.CancellationError();
            }
            while (tree.Maintain(CancellationToken.None))
                call.Session.CheckInterrupts();
        }
    }

    static short[]? ColumnNumbers(Relation relation, ImmutableArray<string> names)
    {
        if (names.IsEmpty)
            return null;
        var numbers = names.Select(name => relation.FindColumn(name)?.Number
            ?? throw new PgError(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{relation.Name}\" does not exist")).ToArray();
        return numbers.GroupBy(number => number).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new PgError(SqlState.DuplicateColumn, $"column \"{relation.Column(twice.Key).Name}\" of relation \"{relation.Name}\" appears more than once")
            : numbers;
    }

    static bool MayMaintain(UtilityCall call, Relation relation)
        => Privileges.IsOwner(call.Context.Snapshot, call.Context.Role, relation)
            || Privileges.IsOwner(call.Context.Snapshot, call.Context.Role, call.Context.Snapshot.Shared.FindDatabase(call.Context.Database)!);

    static void Maintain(UtilityCall call, Relation relation, short[]? columns, bool vacuums, bool analyzes)
    {
        relation = call.Context.LockRelation(relation, LockMode.ShareUpdateExclusive);
        var table = call.Session.Cluster.Tables.Access(relation, call.Context.Names);
        var now = call.Session.Cluster.Time.GetUtcNow();
        if (vacuums)
            table.Activity.CountVacuum(now);
        if (!analyzes)
            return;
        using var snapshot = call.Block.TakeSnapshot();
        new TableAnalyzer(table, columns, call.Session.Settings.Integer("default_statistics_target"))
            .Run(snapshot, call.Session.Cluster.Statistics, call.Session.CheckInterrupts);
        call.Session.Cluster.Store.FlushSequences();
        table.Activity.CountAnalyze(now, isAutomatic: false);
    }

    public static string Checkpoint(UtilityCall call)
    {
        if (!call.Session.IsSuperuser)
            throw new PgError(SqlState.InsufficientPrivilege, "must be superuser or have privileges of pg_checkpoint to do CHECKPOINT");
        call.Session.Cluster.Store.Checkpoint();
        return "CHECKPOINT";
    }
}
