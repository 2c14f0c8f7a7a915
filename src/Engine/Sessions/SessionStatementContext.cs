using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Protocol;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>What a session offers its definition and utility statements.</summary>
internal sealed class SessionStatementContext(Session session, StatementRunner runner) : StatementContext
{
    TransactionBlock Block => session.Block!;

    public override Session Session => session;
    public override CatalogTransaction Catalog => Block.Catalog;
    public override Transaction Transaction => Block.Transaction;
    public override uint Role => session.CurrentRole;
    public override uint SessionRole => session.SessionRole;
    public override NameResolver Names => runner.Names();
    public override TypeSettings Settings => session.TypeSettings;
    public override bool InTransactionBlock => Block.IsExplicit || runner.IsPartOfMany;

    protected override void BeginAlone(string statement)
    {
        if (Block.HasRunInPipeline)
            throw new PgError(SqlState.ActiveSqlTransaction, $"{statement} cannot be executed within a pipeline");
        runner.CommitsAtOnce = true;
    }

    public override TableStorage Tables => new SessionTableStorage(session, this);

    public override void Lock(LockTag tag, LockMode mode)
    {
        StatementLocks.Acquire(session, tag, mode);
        Catalog.Refresh();
    }

    public override void CommitAndContinue()
    {
        runner.Commit();
        runner.EnsureBlock();
    }

    public override void WaitForHolders(LockTag tag, LockMode mode)
    {
        var holders = session.Cluster.Store.Locks.List()
            .Where(info => info.Tag == tag && info.Granted && info.Owner != session.LockOwner && LockManager.Conflicts(info.Mode, mode)).Select(info => info.Owner).Distinct();
        foreach (var holder in holders.ToList())
            if ((holder.Tag as Session)?.Block?.TransactionIfAny is { } transaction)
                StatementLocks.WaitForEnd(session, transaction);
    }

    public override void Notice(PgNotice notice)
    {
        if (Severity(notice.Severity) >= Severity(session.Settings["client_min_messages"]))
            session.Client.Notice(notice);
    }

    static int Severity(string level) => level.ToLowerInvariant() switch
    {
        "info" => 100,
        "error" => 9,
        "warning" => 8,
        "notice" => 7,
        "log" => 6,
        _ => 0,
    };

    public override uint TemporarySchema()
    {
        if (session.TemporarySchema != 0 && Snapshot.Find<SchemaDefinition>(session.TemporarySchema) is not null)
            return session.TemporarySchema;
        var schema = new SchemaDefinition { Oid = Catalog.NewOid(), Name = $"pg_temp_{session.ProcessId}", IsTemporary = true, Owner = Role };
        Catalog.Put(schema);
        return session.TemporarySchema = schema.Oid;
    }

    public override IEnumerable<Datum[]> Query(BoundQuery query)
    {
        Transaction.AdvanceCommand();
        var plan = Planner.Plan(query, new SessionPlannerContext(session, Names));
        using var snapshot = Block.TakeSnapshot();
        var state = new ExecutionState(session, Transaction, snapshot, [], plan.Slots, session.Interrupts.Token);
        using var rows = plan.Open(state);
        while (rows.MoveNext())
            yield return rows.Current.ToArray();
    }

    public override string EncryptPassword(string password) => ScramVerifier.TryParse(password) is null ? ScramVerifier.Create(password).ToString() : password;

    public override int OtherSessionsIn(uint database) => session.Cluster.Sessions.Count(other => other != session && other.DatabaseOid == database);

    public override void TerminateSessionsIn(uint database)
    {
        foreach (var other in session.Cluster.Sessions)
            if (other != session && other.DatabaseOid == database)
                other.Terminate();
    }

    public override string CheckSetting(Sql.SetStatement statement)
    {
        var definition = Sessions.Settings.Find(statement.Name);
        if (definition is null && !statement.Name.Contains('.'))
            throw SessionSettings.Unknown(statement.Name);
        var value = SettingStatements.Value(statement);
        return definition is null ? value : definition.Normalize(value);
    }

    public override string CurrentSetting(string name) => session.Settings[name];
}
