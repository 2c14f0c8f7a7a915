using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Sessions;
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
            var relation = call.Context.Names.FindRelation(reference.Name) as Relation ?? throw FromBinder.MissingRelation(reference.Name);
            var tag = CatalogLocks.Relation(call.Context.Database, relation.Oid);
            var mode = (LockMode)((int)LockMode.AccessShare + (int)e.Mode);
            if (!e.NoWait)
                call.Context.Lock(tag, mode);
            else if (!call.Session.Cluster.Store.Locks.TryAcquire(call.Context.Transaction, tag, mode))
                throw new PgError(SqlState.LockNotAvailable, $"could not obtain lock on relation \"{relation.Name}\"");
        }
        return "LOCK TABLE";
    }

    /// <summary>Old row versions go by themselves; VACUUM only makes that happen now. Row counts are always exact, so ANALYZE has nothing to gather.</summary>
    public static string Vacuum(Sql.VacuumStatement e, UtilityCall call)
    {
        var name = e.IsVacuum ? "VACUUM" : "ANALYZE";
        if (e.IsVacuum)
            call.Context.ForbidTransactionBlock(name);
        foreach (var target in e.Tables)
        {
            var relation = call.Context.Names.FindRelation(target.Table) as Relation ?? throw FromBinder.MissingRelation(target.Table);
            foreach (var column in target.Columns)
                if (relation.FindColumn(column) is null)
                    throw new PgError(SqlState.UndefinedColumn, $"column \"{column}\" of relation \"{relation.Name}\" does not exist");
        }
        if (e.IsVacuum)
            call.Session.Cluster.Store.CollectGarbage();
        return name;
    }

    public static string Checkpoint(UtilityCall call)
    {
        if (!call.Session.IsSuperuser)
            throw new PgError(SqlState.InsufficientPrivilege, "must be superuser or have privileges of pg_checkpoint to do CHECKPOINT");
        call.Session.Cluster.Store.Checkpoint();
        return "CHECKPOINT";
    }
}
