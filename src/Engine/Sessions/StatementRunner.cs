using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>
/// From text to result: parses, analyses, plans and runs a session's statements, and keeps its transaction by PostgreSQL's rules
/// (implicit around a Query message or up to Sync, explicit from BEGIN on).
/// </summary>
internal sealed class StatementRunner(Session session)
{
    TypeSettings _typeSettings = TypeSettings.Default;
    int _typeSettingsVersion = -1;

    /// <summary>The session's text settings with the current transaction's time.</summary>
    public TypeSettings TypeSettings
    {
        get
        {
            if (_typeSettingsVersion != session.Settings.Version)
            {
                _typeSettings = SessionText.Build(name => session.Settings[name]);
                _typeSettingsVersion = session.Settings.Version;
            }
            var timestamp = session.TransactionTimestamp;
            if (_typeSettings.TransactionTimestamp != timestamp)
                _typeSettings = _typeSettings with { TransactionTimestamp = timestamp, Names = new RegNames(session) };
            return _typeSettings;
        }
    }

    /// <summary>The encoding of the client's texts; null when they come and go as they are. Asked for every message.</summary>
    public ClientEncoding? ClientEncoding => (_typeSettingsVersion == session.Settings.Version ? _typeSettings : TypeSettings).ClientEncoding;

    // ---- The transaction around statements

    /// <summary>The transaction, begun implicitly when there is none.</summary>
    public TransactionBlock EnsureBlock()
        => session.Block ??= new TransactionBlock(
            session,
            session.Settings.ForStatements.DefaultIsolation,
            session.Settings.ForStatements.IsReadOnlyByDefault,
            session.Settings.ForStatements.IsDeferrableByDefault,
            session.StatementTimestamp);

    public static Isolation ParseIsolation(string text) => text switch
    {
        "serializable" => Isolation.Serializable,
        "repeatable read" => Isolation.RepeatableRead,
        "read uncommitted" => Isolation.ReadUncommitted,
        _ => Isolation.ReadCommitted,
    };

    /// <summary>Ends a transaction that no BEGIN holds open.</summary>
    public void EndImplicit()
    {
        if (session.Block is { IsExplicit: false })
            Commit();
    }

    public void Commit()
    {
        var block = session.Block!;
        MaterializeHoldable();
        session.Portals.CloseAtEnd(committed: true);
        if (session.TemporarySchema != 0)
            TemporaryObjects.BeforeCommit(new SessionStatementContext(session, this), block.ChangedTables);
        block.Commit();
        session.Block = null;
        session.Cluster.Notifications.Send(session, block.Notifications.Distinct());
    }

    public void Rollback()
    {
        session.Portals.CloseAtEnd(committed: false);
        var block = session.Block;
        session.Block = null;
        block?.Rollback();
    }

    /// <summary>An error: the transaction, or what is after its innermost savepoint, is undone at once; an explicit block then waits for ROLLBACK.</summary>
    public void Fail()
    {
        if (session.Block is not { IsExplicit: true } block)
        {
            Rollback();
            return;
        }
        if (!block.HasFailed)
            session.Portals.FailSince(block.PortalsAtSavepoint);
        block.Fail();
    }

    void MaterializeHoldable()
    {
        foreach (var portal in session.Portals.All)
            if (portal is { IsHoldable: true, IsMaterialized: false })
                CursorReader.Materialize(portal);
    }

    // ---- Simple protocol

    public void Query(string sql)
    {
        session.Statements.Remove("");
        session.Portals.Close("");
        session.ActivityText = sql;
        var statements = ParseText(sql);
        if (statements.IsEmpty)
        {
            session.Client.EmptyQuery();
            return;
        }

        string? tag = null;
        foreach (var parsed in statements)
        {
            if (tag is not null)
                session.Client.Complete(tag);
            RequireNotFailed(parsed.Statement);
            BeginInterruptible();
            EnsureBlock();
            IsPartOfMany = statements.Length > 1;
            var prepared = new PreparedStatement("", statements.Length == 1 ? sql : parsed.Text(sql), parsed.Statement, null);
            Analyze(prepared);
            using var portal = new Portal("", prepared, [], []);
            tag = Run(portal, 0, describe: true);
        }
        // The last statement is complete when it is committed.
        EndImplicit();
        if (tag is not null)
            session.Client.Complete(tag);
    }

    System.Collections.Immutable.ImmutableArray<Sql.ParsedStatement> ParseText(string sql) => Sql.SqlParser.Parse(
        sql, session.Settings.ForStatements.StandardStrings,
        (name, kept) => session.Client.Notice(new PgNotice("NOTICE", SqlState.NameTooLong, $"identifier \"{name}\" will be truncated to \"{kept}\"")));

    /// <summary>Whether the running statement shares its Query message with others, which makes a transaction block of them.</summary>
    public bool IsPartOfMany { get; private set; }

    /// <summary>Whether the statement that Execute runs is one that no transaction block may hold, and so is committed before Sync.</summary>
    public bool CommitsAtOnce { get; set; }

    /// <summary>Raises 25P02 in a failed block, but for statements that end it.</summary>
    public void RequireNotFailed(Sql.Statement? statement)
    {
        if (statement is not (Sql.CommitStatement or Sql.RollbackStatement or Sql.RollbackToStatement or Sql.TwoPhaseStatement { Action: Sql.TwoPhaseAction.Prepare }))
            RequireNotFailed();
    }

    public void RequireNotFailed()
    {
        if (session.Block is { HasFailed: true })
            throw new PgError(SqlState.InFailedSqlTransaction, "current transaction is aborted, commands ignored until end of transaction block");
    }

    // ---- Extended protocol

    public void Parse(string name, string sql, ReadOnlySpan<uint> parameterTypes)
    {
        session.Statements.RequireFree(name);
        if (name.Length == 0)
            session.Statements.Remove("");
        var statements = ParseText(sql);
        if (statements.Length > 1)
            throw PgError.Syntax("cannot insert multiple commands into a prepared statement");
        var statement = statements.IsEmpty ? null : statements[0].Statement;
        if (statement is not null)
            RequireNotFailed(statement);

        BeginInterruptible();
        EnsureBlock();
        var names = Names();
        var declared = new PgType?[parameterTypes.Length];
        for (var i = 0; i < declared.Length; i++)
            declared[i] = parameterTypes[i] is 0 or 705 ? null : names.FindType(parameterTypes[i])
                ?? throw new PgError(SqlState.UndefinedObject, $"type with OID {parameterTypes[i]} does not exist");
        var prepared = new PreparedStatement(name, sql, statement, declared) { PreparedAt = session.StatementTimestamp };
        Analyze(prepared);
        session.Statements.Add(prepared);
    }

    public (IReadOnlyList<uint>, IReadOnlyList<ResultColumn>?) Describe(PreparedStatement prepared)
    {
        if (prepared.Columns is not null)
            RequireNotFailed(prepared.Statement);
        BeginInterruptible();
        EnsureBlock();
        Analyze(prepared);
        return ([.. prepared.Parameters.Select(type => type.Oid)], prepared.Columns);
    }

    public void Bind(string portalName, string statementName, ReadOnlySpan<short> parameterFormats, BindValues values, ReadOnlySpan<short> resultFormats)
    {
        var prepared = session.Statements.Get(statementName);
        RequireNotFailed(prepared.Statement);
        BeginInterruptible();
        EnsureBlock();
        Analyze(prepared);

        if (values.Count != prepared.Parameters.Length)
            throw new PgError(SqlState.ProtocolViolation, $"bind message supplies {values.Count} parameters, but prepared statement \"{statementName}\" requires {prepared.Parameters.Length}");
        if (parameterFormats.Length > 1 && parameterFormats.Length != values.Count)
            throw new PgError(SqlState.ProtocolViolation, $"bind message has {parameterFormats.Length} parameter formats but {values.Count} parameters");
        var parameters = values.Count == 0 ? [] : ReadParameters(prepared, portalName, parameterFormats, ref values);

        var width = prepared.Columns?.Count ?? 0;
        if (resultFormats.Length > 1 && prepared.Columns is not null && resultFormats.Length != width)
            throw new PgError(SqlState.ProtocolViolation, $"bind message has {resultFormats.Length} result formats but query has {width} columns");
        session.Portals.Add(new Portal(portalName, prepared, parameters, ResultFormats(resultFormats, width)) { CreatedAt = session.StatementTimestamp });
    }

    Datum[] ReadParameters(PreparedStatement prepared, string portalName, ReadOnlySpan<short> formats, ref BindValues values)
    {
        var parameters = new Datum[values.Count];
        for (var i = 0; i < parameters.Length; i++)
        {
            var format = formats.Length == 0 ? (short)0 : formats.Length == 1 ? formats[0] : formats[i];
            if (format is not (0 or 1))
                throw ParameterText.UnknownFormat(format, portalName, i + 1);
            if (!values.TryNext(out var bytes)) continue;
            var type = prepared.Parameters[i];
            parameters[i] = format == 0 ? ParameterText.Read(type, bytes, portalName, i + 1, TypeSettings) : ParameterText.ReadBinary(type, bytes, portalName, i + 1, TypeSettings);
        }
        return parameters;
    }

    static readonly WireFormat[] AllText = [];

    /// <summary>Formats of all columns, as the client asks for them; what does not exist is refused with the first row.</summary>
    static IReadOnlyList<WireFormat> ResultFormats(ReadOnlySpan<short> formats, int width)
    {
        if (formats.Length == 0 || width == 0 || (formats.Length == 1 && formats[0] == 0))
            return AllText;
        var all = new WireFormat[width];
        for (var i = 0; i < width; i++)
        {
            all[i] = (WireFormat)(formats.Length == 1 ? formats[0] : formats[i]);
        }
        return all;
    }

    public void Execute(Portal portal, int maxRows)
    {
        RequireNotFailed(portal.Statement.Statement);
        BeginInterruptible();
        EnsureBlock();
        IsPartOfMany = false;
        CommitsAtOnce = false;
        session.ActivityText = portal.Statement.Text;
        try
        {
            var tag = Run(portal, maxRows, describe: false);
            if (CommitsAtOnce)
                EndImplicit();
            else
                session.Block?.HasRunInPipeline = true;
            if (tag is not null)
                session.Client.Complete(tag);
        }
        catch
        {
            portal.Fail();
            throw;
        }
    }

    /// <summary>
    /// From here on a cancel request and statement_timeout count. (Calls with constant arguments are evaluated when a statement is analysed: that may take as
    /// long as running it.)
    /// </summary>
    public void BeginInterruptible()
    {
        session.Interrupts.BeginStatement(session.Settings.ForStatements.StatementTimeoutMs);
        Interruption.Ask(session.InterruptCheck);
    }

    // ---- Analysis

    /// <summary>Names as the session's search_path and the transaction's catalog give them now.</summary>
    public Catalog.NameResolver Names()
    {
        var block = EnsureBlock();
        var snapshot = block.Catalog.Refresh();
        var state = (snapshot, session.Settings.Version, session.CurrentRole, session.TemporarySchema);
        if (_names is null || _namesState != state)
        {
            var user = snapshot.Shared.Find(session.CurrentRole)?.Name ?? "";
            _names = new(snapshot, Catalog.SearchPath.Resolve(snapshot, session.Settings["search_path"], user, session.TemporarySchema), session.CurrentRole);
            _namesState = state;
        }
        return _names;
    }

    // Functions such as nextval and format_type ask for each row.
    Catalog.NameResolver? _names;
    (Catalog.CatalogSnapshot, int, uint, uint) _namesState;

    /// <summary>
    /// Gives a statement its parameter types, columns and plan, again when the catalog or the settings have changed since. Raises 0A000
    /// <c>cached plan must not change result type</c>.
    /// </summary>
    public void Analyze(PreparedStatement prepared)
    {
        if (prepared.Statement is null) return;
        var block = EnsureBlock();
        var isFirst = prepared.CatalogVersion == -1;
        // Own uncommitted changes have no version; a transaction that made some analyses anew each time.
        if (!isFirst && !block.Catalog.HasChanges && prepared.CatalogVersion == session.Cluster.Catalog.Version && prepared.SettingsVersion == session.Settings.Version
            && prepared.StatisticsVersion == session.Cluster.Statistics.Version && prepared.Plan is not { IsOutgrown: true })
            return;

        // Asked before the catalog is read: what is published meanwhile makes the analysis out of date.
        var (catalogVersion, statisticsVersion) = (session.Cluster.Catalog.Version, session.Cluster.Statistics.Version);
        var names = Names();
        if (Plannable.Is(prepared.Statement))
        {
            var context = new BindingContext(names, TypeSettings, isFirst || prepared.Declared is null ? prepared.Declared : prepared.Parameters);
            var query = Plannable.Bind(prepared.Statement, context);
            var plan = Planner.Plan(query, new SessionPlannerContext(session, names));
            var parameters = context.ResolvedParameters();
            var columns = !Plannable.ReturnsRows(query) ? null : prepared.RowTable == 0 ? plan.Columns : [.. plan.Columns.SkipLast(1)];
            // Nobody has been told the columns of a simple query that only waited for a lock.
            if (!isFirst && prepared.Declared is not null)
                RequireSameColumns(prepared.Columns, columns);
            (prepared.Plan, prepared.Parameters, prepared.Columns) = (plan, parameters, columns);
            prepared.Tables = context.TablesInOrder();
        }
        else if (isFirst)
        {
            prepared.Parameters = UtilityColumns.Parameters(prepared, session);
            prepared.Columns = UtilityColumns.Of(prepared.Statement, session);
        }
        prepared.CatalogVersion = block.Catalog.HasChanges ? -2 : catalogVersion;
        prepared.SettingsVersion = session.Settings.Version;
        prepared.StatisticsVersion = statisticsVersion;
    }

    static void RequireSameColumns(IReadOnlyList<ResultColumn>? before, IReadOnlyList<ResultColumn>? after)
    {
        var same = before is null ? after is null : after is not null && before.Count == after.Count
            && before.Zip(after).All(pair => pair.First.Name == pair.Second.Name && pair.First.Type == pair.Second.Type && pair.First.Typmod == pair.Second.Typmod);
        if (!same)
            throw new PgError(SqlState.FeatureNotSupported, "cached plan must not change result type") { Routine = "RevalidateCachedQuery" };
    }

    // ---- Execution

    /// <summary>
    /// Runs a portal (on): sends rows, up to <paramref name="maxRows"/> of them (0 for all). Its command tag, which the caller sends when
    /// nothing can fail any more; null when there is none, because the portal was suspended or is empty. Raises 55000 for a second run of
    /// what returns no rows.
    /// </summary>
    public string? Run(Portal portal, int maxRows, bool describe)
    {
        session.CheckInterrupts();
        var prepared = portal.Statement;
        if (prepared.Statement is null)
        {
            session.Client.EmptyQuery();
            return null;
        }
        if (prepared.Plan is null)
            return RunUtility(portal, maxRows, describe);

        var returnsRows = prepared.Columns is not null;
        if (portal.HasRun && !returnsRows)
            throw CannotRun(portal);
        portal.HasRun = true;
        if (!portal.IsOpen && !portal.IsDone)
        {
            Open(portal);
            if (prepared.IsModification && returnsRows)
            {
                portal.RunAhead();
                EndStatement();
            }
        }
        var count = Send(portal, maxRows, describe);
        return count < 0 ? null : Plannable.Tag(prepared.Statement, returnsRows ? count : portal.RowsAffected);
    }

    static PgError CannotRun(Portal portal) => new(SqlState.ObjectNotInPrerequisiteState, $"portal \"{portal.Name}\" cannot be run");

    /// <summary>What waits for the end of a statement, whose changes the next ones see.</summary>
    public void EndStatement()
    {
        session.Block?.EndStatement();
        session.Block?.TransactionIfAny?.AdvanceCommand();
    }

    /// <summary>Starts a portal's plan.</summary>
    public void Open(Portal portal)
    {
        var block = session.Block!;
        var plan = portal.Statement.Plan!;
        if (portal.Statement.CatalogVersion != session.Cluster.Catalog.Version || block.Catalog.HasChanges)
        {
            Analyze(portal.Statement);
            plan = portal.Statement.Plan!;
        }
        StatementLocks.Take(session, portal.Statement.Tables);
        if (portal.Statement.CatalogVersion != session.Cluster.Catalog.Version)
        {
            // The wait for a lock may have ended with the commit of a change to the table.
            Analyze(portal.Statement);
            plan = portal.Statement.Plan!;
        }
        if (block.IsReadOnly && portal.Statement.IsModification)
            throw new PgError(SqlState.ReadOnlySqlTransaction, $"cannot execute {Plannable.Name(portal.Statement.Statement!)} in a read-only transaction");
        var snapshot = block.TakeSnapshot();
        try
        {
            var state = new ExecutionState(session, portal.Statement.NeedsTransaction ? block.Transaction : block.TransactionIfAny, snapshot, portal.Parameters, plan.Slots, session.Interrupts.Token) { Statistics = portal.Statistics };
            portal.Open(plan.Open(state), state, snapshot);
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    /// <summary>Sends rows; the count, or -1 when the limit was reached and the portal can go on.</summary>
    long Send(Portal portal, int maxRows, bool describe)
    {
        // The columns go out with the first row: an error before it (a constant 1/0) comes without them, as from PostgreSQL's planner.
        var columns = portal.Statement.Columns;
        var returnsRows = columns is not null;
        long count = 0;
        while (!portal.IsDone && portal.MoveNext())
        {
            if (count++ == 0 && returnsRows)
            {
                RequireKnown(portal.Formats);
                session.Client.BeginRows(columns!, portal.Formats, describe);
            }
            if (returnsRows)
                session.Client.Row(portal.Current[..columns!.Count]);
            if (count == maxRows)
            {
                session.Client.Suspended();
                return -1;
            }
        }
        if (count == 0 && returnsRows)
            session.Client.BeginRows(columns!, portal.Formats, describe);
        if (portal.IsDone) return 0;
        if (portal.IsOpen)
            portal.RowsAffected = portal.State.RowsAffected;
        portal.IsDone = true;
        portal.Dispose();
        EndStatement();
        return count;
    }

    static void RequireKnown(IReadOnlyList<WireFormat> formats)
    {
        foreach (var format in formats)
            if (format is not (WireFormat.Text or WireFormat.Binary))
                throw ParameterText.UnknownFormat((short)format);
    }

    string? RunUtility(Portal portal, int maxRows, bool describe)
    {
        var returnsRows = portal.Statement.Columns is not null;
        if (portal.HasRun && !returnsRows)
            throw CannotRun(portal);
        // EXECUTE goes on with the portal of its statement.
        if (!portal.HasRun || portal.Inner is not null)
        {
            portal.HasRun = true;
            portal.UtilityTag = UtilityStatements.Run(new UtilityCall(session, this, portal, maxRows, describe));
            session.Block?.TransactionIfAny?.AdvanceCommand();
            if (maxRows == 0 || !returnsRows || portal.Inner is not null)
            {
                portal.IsDone = true;
                return portal.UtilityTag;
            }
        }
        var count = Send(portal, maxRows, describe);
        return count < 0 ? null : portal.UtilityTag!.StartsWith("FETCH ", StringComparison.Ordinal) ? $"FETCH {count}" : portal.UtilityTag;
    }

    // ---- The engine's own statements

    readonly Dictionary<string, PreparedStatement> _internal = [];

    public long RunInternal(string sql, PgType[] types, Datum[] parameters, bool inSnapshot)
    {
        var acting = session.ActingRole;
        session.ActingRole = WellKnownOids.BootstrapSuperuser;
        try
        {
            var block = EnsureBlock();
            block.Transaction.AdvanceCommand();
            if (!_internal.TryGetValue(sql, out var prepared))
                _internal.Add(sql, prepared = new PreparedStatement("", sql, Sql.SqlParser.Parse(sql)[0].Statement, types));
            Analyze(prepared);
            StatementLocks.Take(session, prepared.Tables);
            // An index may have come while the lock was waited for.
            Analyze(prepared);
            using var own = block.Isolation >= Isolation.RepeatableRead ? block.TakeSnapshot() : null;
            using var newest = own is null || !inSnapshot ? block.Transaction.TakeSnapshot() : null;
            var state = new ExecutionState(session, block.Transaction, newest ?? own!, parameters, prepared.Plan!.Slots, session.Interrupts.Token) { Crosscheck = own };
            using var rows = prepared.Plan.Open(state);
            long count = 0;
            while (rows.MoveNext()) count++;
            return Math.Max(count, state.RowsAffected);
        }
        finally
        {
            session.ActingRole = acting;
        }
    }

    public Datum Evaluate(BoundExpression expression, Datum[] parameters)
    {
        var block = EnsureBlock();
        var select = new BoundSelect { Targets = [new BoundTarget(expression, "value")] };
        var plan = Planner.Plan(select, new SessionPlannerContext(session, Names()));
        using var snapshot = block.TakeSnapshot();
        var state = new ExecutionState(session, block.TransactionIfAny, snapshot, parameters, plan.Slots, session.Interrupts.Token);
        using var rows = plan.Open(state);
        rows.MoveNext();
        return rows.Current[0];
    }

    /// <summary>At the end of a session: its pg_temp schema and all in it, in a transaction of its own.</summary>
    public void DropTemporaryObjects()
    {
        try
        {
            EnsureBlock();
            TemporaryObjects.DropAll(new SessionStatementContext(session, this));
            Commit();
        }
        catch (PgError)
        {
            // The cluster drops left-over temporary schemas when it starts.
            Rollback();
        }
    }
}
