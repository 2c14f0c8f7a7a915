using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>
/// What a definition or utility statement needs of the session that runs it: its transaction and catalog, locks, notices, and the rows
/// of tables. The session implements it; one per statement.
/// </summary>
public abstract class StatementContext
{
    public abstract Session Session { get; }
    public abstract CatalogTransaction Catalog { get; }

    /// <summary>The store's transaction; begun when first asked for.</summary>
    public abstract Transaction Transaction { get; }

    /// <summary>The current role (SET ROLE), which owns what is made and whose privileges count.</summary>
    public abstract uint Role { get; }

    /// <summary>The role that the client logged in as or switched to (SET SESSION AUTHORIZATION).</summary>
    public abstract uint SessionRole { get; }

    /// <summary>Names along the session's search_path, in the catalog as it is now (with what this statement has changed).</summary>
    public abstract NameResolver Names { get; }

    public abstract TypeSettings Settings { get; }

    /// <summary>Whether the client began a transaction block; statements that cannot run inside one ask.</summary>
    public abstract bool InTransactionBlock { get; }

    /// <summary>The rows of tables.</summary>
    public abstract TableStorage Tables { get; }

    /// <summary>
    /// Takes a lock until the transaction ends and refreshes the catalog if it had to wait. Raises 40P01, 55P03 (lock_timeout), 57014.
    /// </summary>
    public abstract void Lock(LockTag tag, LockMode mode);

    /// <summary>Commits what the statement has done so far and goes on in a new transaction. Only for statements that run outside transaction blocks.</summary>
    public abstract void CommitAndContinue();

    /// <summary>Waits until every transaction that now holds a lock on this tag which conflicts with <paramref name="mode"/> has ended. Raises as <see cref="Lock"/>.</summary>
    public abstract void WaitForHolders(LockTag tag, LockMode mode);

    public abstract void Notice(PgNotice notice);

    /// <summary>The session's schema for temporary objects, made when it does not exist.</summary>
    public abstract uint TemporarySchema();

    /// <summary>
    /// Runs a query of the engine's own making, or one that a statement embeds, without privilege checks, in a snapshot that sees what this
    /// statement has written. Rows are given as they come; a row's array is the receiver's to keep.
    /// </summary>
    public abstract IEnumerable<Datum[]> Query(BoundQuery query);

    /// <summary>A SCRAM verifier for a password that was given in plain; verifiers come back unchanged.</summary>
    public abstract string EncryptPassword(string password);

    /// <summary>How many sessions are connected to a database, this one not counted.</summary>
    public abstract int OtherSessionsIn(uint database);

    /// <summary>Ends the other sessions of a database (DROP DATABASE … WITH (FORCE)).</summary>
    public abstract void TerminateSessionsIn(uint database);

    /// <summary>The text of a SET's value, checked as the setting would be. Raises 42704, 22023.</summary>
    public abstract string CheckSetting(Sql.SetStatement statement);

    /// <summary>A setting's value now. Raises 42704.</summary>
    public abstract string CurrentSetting(string name);

    public CatalogSnapshot Snapshot => Catalog.Snapshot;
    public uint Database => Snapshot.DatabaseOid;

    public void Notice(string message, string? detail = null, string sqlState = SqlState.SuccessfulCompletion)
        => Notice(new PgNotice("NOTICE", sqlState, message, detail));

    public void Warning(string message, string sqlState = SqlState.Warning) => Notice(new PgNotice("WARNING", sqlState, message));

    /// <summary>Locks a relation and gives it as it is then. Raises 42P01 when it is gone by then.</summary>
    public T LockRelation<T>(T relation, LockMode mode) where T : SchemaObject
    {
        Lock(CatalogLocks.Relation(Database, relation.Oid), mode);
        return Snapshot.Find<T>(relation.Oid)
            ?? throw new PgError(SqlState.UndefinedTable, $"relation with OID {relation.Oid} does not exist");
    }

    /// <summary>
    /// Locks any other object and gives it as it is then: against changes by others, while they may still make what refers to it; or, to drop
    /// it, against that too.
    /// </summary>
    public T LockObject<T>(T item, LockMode mode = LockMode.ShareUpdateExclusive) where T : CatalogObject
    {
        Lock(CatalogLocks.Of(Database, item), mode);
        return Snapshot.Find<T>(item.Oid)
            ?? throw new PgError(SqlState.UndefinedObject, $"{Privileges.KindInMessages(item)} \"{item.Name}\" does not exist");
    }

    public BindingContext NewBindingContext() => new(Names, Settings, null);

    /// <summary>Raises 25001 when the statement (named as in its command tag) runs inside a transaction block.</summary>
    public void ForbidTransactionBlock(string statement)
    {
        if (InTransactionBlock)
            throw new PgError(SqlState.ActiveSqlTransaction, $"{statement} cannot run inside a transaction block");
        BeginAlone(statement);
    }

    /// <summary>The statement is a transaction of its own. Raises 25001 when one of a pipeline has run in it before.</summary>
    protected abstract void BeginAlone(string statement);
}

/// <summary>Rows and indexes of tables, as far as definition statements touch them.</summary>
public abstract class TableStorage
{
    /// <summary>Makes an empty table in the store for a relation, under its <see cref="Relation.StorageId"/>.</summary>
    public abstract void Create(Relation relation);

    /// <summary>Drops the relation's rows at commit.</summary>
    public abstract void Drop(Relation relation);

    /// <summary>Adds a row that is known to satisfy all constraints; one value for each live column. Indexes are built afterwards.</summary>
    public abstract void Insert(Relation relation, ReadOnlySpan<Datum> values);

    /// <summary>Builds an index over the relation's rows. Raises 23505 <c>could not create unique index</c> for duplicates.</summary>
    public abstract void BuildIndex(Relation relation, IndexDefinition index);

    /// <summary>
    /// Adds to a B-tree the entries of all rows that were there before writers kept it up, while they go on. Raises 23505 as
    /// <see cref="BuildIndex"/> does.
    /// </summary>
    public abstract void CompleteIndex(Relation relation, IndexDefinition index);

    /// <summary>Drops a B-tree's entries, so that the next use builds it anew from the rows. Nobody may write to the table meanwhile.</summary>
    public abstract void ForgetIndex(Relation relation, IndexDefinition index);

    /// <summary>Forgets an index at commit.</summary>
    public abstract void DropIndex(IndexDefinition index);
}
