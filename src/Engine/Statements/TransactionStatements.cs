using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>BEGIN, COMMIT, ROLLBACK, savepoints, and the characteristics of transactions.</summary>
internal static class TransactionStatements
{
    public static string Run(Sql.Statement statement, UtilityCall call)
    {
        var block = call.Block;
        switch (statement)
        {
            case Sql.BeginStatement e:
                if (block.IsExplicit)
                    call.Context.Warning("there is already a transaction in progress", SqlState.ActiveSqlTransaction);
                block.IsExplicit = true;
                Apply(e.Modes, call);
                return e.IsStart ? "START TRANSACTION" : "BEGIN";

            case Sql.CommitStatement e:
                return End(call, commit: true, e.Chain);

            case Sql.RollbackStatement e:
                return End(call, commit: false, e.Chain);

            case Sql.SavepointStatement e:
                RequireBlock(call, "SAVEPOINT");
                block.Define(e.Name);
                return "SAVEPOINT";

            case Sql.ReleaseStatement e:
                RequireBlock(call, "RELEASE SAVEPOINT");
                block.Release(e.Name);
                return "RELEASE";

            case Sql.RollbackToStatement e:
                RequireBlock(call, "ROLLBACK TO SAVEPOINT");
                block.RollbackTo(e.Name);
                return "ROLLBACK";

            case Sql.SetTransactionStatement { IsSession: true } e:
                SetDefaults(e.Modes, call);
                return "SET";

            case Sql.SetTransactionStatement e:
                if (!block.IsExplicit && !call.Runner.IsPartOfMany)
                    call.Context.Warning("SET TRANSACTION can only be used in transaction blocks", SqlState.NoActiveSqlTransaction);
                Apply(e.Modes, call);
                return "SET";

            case Sql.SetConstraintsStatement e:
                if (!block.IsExplicit && !call.Runner.IsPartOfMany)
                    call.Context.Warning("SET CONSTRAINTS can only be used in transaction blocks", SqlState.NoActiveSqlTransaction);
                block.SetConstraints(e.Constraints, e.IsDeferred, call.Context.Names);
                return "SET CONSTRAINTS";

            case Sql.SetSnapshotStatement:
                throw PgError.Unsupported("SET TRANSACTION SNAPSHOT", statement.Position);

            case Sql.TwoPhaseStatement { Action: Sql.TwoPhaseAction.Prepare }:
                return PrepareTransaction(call);

            default:
                var ending = (Sql.TwoPhaseStatement)statement;
                if (block.IsExplicit || call.Runner.IsPartOfMany)
                    throw new PgError(SqlState.ActiveSqlTransaction, $"{(ending.Action == Sql.TwoPhaseAction.Commit ? "COMMIT" : "ROLLBACK")} PREPARED cannot run inside a transaction block");
                throw new PgError(SqlState.UndefinedObject, $"prepared transaction with identifier \"{ending.Id}\" does not exist");
        }
    }

    /// <summary>As a PostgreSQL without max_prepared_transactions has it: the block ends, by the error or, having failed, by a rollback.</summary>
    static string PrepareTransaction(UtilityCall call)
    {
        if (call.Block is not { IsExplicit: true, HasFailed: false })
            return End(call, commit: false, chain: false);
        call.Block.IsExplicit = false;
        throw new PgError(SqlState.ObjectNotInPrerequisiteState, "prepared transactions are disabled") { Hint = "Set \"max_prepared_transactions\" to a nonzero value." };
    }

    static void RequireBlock(UtilityCall call, string name)
    {
        if (!call.Block.IsExplicit)
            throw new PgError(SqlState.NoActiveSqlTransaction, $"{name} can only be used in transaction blocks");
    }

    static string End(UtilityCall call, bool commit, bool chain)
    {
        var block = call.Block;
        var (isExplicit, isolation, readOnly, deferrable) = (block.IsExplicit, block.Isolation, block.IsReadOnly, block.IsDeferrable);
        if (!isExplicit)
        {
            if (chain)
                throw new PgError(SqlState.NoActiveSqlTransaction, $"{(commit ? "COMMIT" : "ROLLBACK")} AND CHAIN can only be used in transaction blocks");
            call.Context.Warning("there is no transaction in progress", SqlState.NoActiveSqlTransaction);
        }

        var committed = commit && !block.HasFailed;
        if (committed)
        {
            // A commit that fails (a deferred constraint, a serialization failure) ends the block like a rollback.
            block.IsExplicit = false;
            call.Runner.Commit();
        }
        else
        {
            call.Runner.Rollback();
        }
        if (chain)
        {
            var next = call.Runner.EnsureBlock();
            next.IsExplicit = true;
            next.SetIsolation(isolation);
            next.IsReadOnly = readOnly;
            next.SetDeferrable(deferrable);
        }
        return committed ? "COMMIT" : "ROLLBACK";
    }

    static void Apply(Sql.TransactionModes modes, UtilityCall call)
    {
        if (modes.Isolation is { } isolation)
            call.Block.SetIsolation((Isolation)isolation);
        if (modes.IsReadOnly is { } readOnly)
        {
            if (!readOnly && call.Block.IsReadOnly && call.Block.HasRead)
                throw new PgError(SqlState.ActiveSqlTransaction, "transaction read-write mode must be set before any query");
            call.Block.IsReadOnly = readOnly;
        }
        if (modes.IsDeferrable is { } deferrable)
            call.Block.SetDeferrable(deferrable);
    }

    static void SetDefaults(Sql.TransactionModes modes, UtilityCall call)
    {
        var settings = call.Session.Settings;
        if (modes.Isolation is { } isolation)
            settings.Set("default_transaction_isolation", SettingStatements.Name((Isolation)isolation), false, true);
        if (modes.IsReadOnly is { } readOnly)
            settings.Set("default_transaction_read_only", readOnly ? "on" : "off", false, true);
        if (modes.IsDeferrable is { } deferrable)
            settings.Set("default_transaction_deferrable", deferrable ? "on" : "off", false, true);
    }
}
