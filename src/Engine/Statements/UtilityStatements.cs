using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>One run of a utility statement.</summary>
/// <param name="MaxRows">Row limit of Execute; 0 for none.</param>
/// <param name="Describe">Whether columns are told with the rows (simple protocol).</param>
internal sealed record UtilityCall(Session Session, StatementRunner Runner, Portal Portal, int MaxRows, bool Describe)
{
    public IClient Client => Session.Client;
    public TransactionBlock Block => Session.Block!;
    public StatementContext Context => field ??= new SessionStatementContext(Session, Runner);
    public Datum[] Parameters => Portal.Parameters;

    List<Datum[]>? _held;

    /// <summary>Sends a result made by the statement itself.</summary>
    public void SendRows(IReadOnlyList<ResultColumn> columns, IEnumerable<Datum[]> rows)
    {
        BeginRows(columns, Portal.Formats);
        foreach (var row in rows)
            SendRow(row, columns.Count);
    }

    /// <summary>Begins a result, whose rows the portal holds when the client asks for so many of them at a time.</summary>
    public void BeginRows(IReadOnlyList<ResultColumn> columns, IReadOnlyList<WireFormat> formats)
    {
        if (MaxRows > 0)
            Portal.Hold(_held = []);
        else
            Client.BeginRows(columns, formats, Describe);
    }

    /// <summary>The next row of the result, of which the first <paramref name="width"/> values are sent.</summary>
    public void SendRow(Datum[] row, int width)
    {
        if (_held is not null)
            _held.Add(row);
        else
            Client.Row(row.AsSpan(0, width));
    }
}

/// <summary>All statements that are not planned: runs one and gives its command tag; null when EXECUTE's statement was suspended.</summary>
internal static class UtilityStatements
{
    public static string? Run(UtilityCall call)
    {
        var statement = call.Portal.Statement.Statement!;
        if (call.Block.IsReadOnly && Writes(statement))
            throw new PgError(SqlState.ReadOnlySqlTransaction, $"cannot execute {ReadOnlyName(statement)} in a read-only transaction");
        return statement switch
        {
            Sql.BeginStatement or Sql.CommitStatement or Sql.RollbackStatement or Sql.SavepointStatement or Sql.ReleaseStatement or Sql.RollbackToStatement
                or Sql.SetTransactionStatement or Sql.SetConstraintsStatement or Sql.SetSnapshotStatement or Sql.TwoPhaseStatement => TransactionStatements.Run(statement, call),
            Sql.SetStatement e => SettingStatements.Set(e, call),
            Sql.ShowStatement e => SettingStatements.Show(e, call),
            Sql.AlterSystemStatement e => AlterSystem.Run(e, call),
            Sql.DiscardStatement e => SettingStatements.Discard(e, call),
            Sql.PrepareStatement e => PrepareStatements.Prepare(e, call),
            Sql.ExecuteStatement e => PrepareStatements.Execute(e, call),
            Sql.CreateTableAsStatement { Source: Sql.ExecuteStatement source } e => Define(e with { Source = PrepareStatements.AsQuery(source, call) }, call),
            Sql.DeallocateStatement e => PrepareStatements.Deallocate(e, call),
            Sql.DeclareCursorStatement e => CursorStatements.Declare(e, call),
            Sql.FetchStatement e => CursorStatements.Fetch(e, call),
            Sql.CloseStatement e => CursorStatements.Close(e, call),
            Sql.ListenStatement or Sql.UnlistenStatement or Sql.NotifyStatement => NotifyStatements.Run(statement, call),
            Sql.LockTableStatement e => MaintenanceStatements.Lock(e, call),
            Sql.VacuumStatement e => MaintenanceStatements.Vacuum(e, call),
            Sql.CheckpointStatement => MaintenanceStatements.Checkpoint(call),
            Sql.ExplainStatement e => ExplainStatements.Run(e, call),
            Sql.CopyStatement e => Copy.CopyStatements.Run(e, call),
            Sql.UnsupportedStatement e => throw PgError.Unsupported(e.Feature, e.Position),
            _ => Define(statement, call),
        };
    }

    static string Define(Sql.Statement statement, UtilityCall call)
    {
        var tag = DefinitionStatements.Execute(statement, call.Context);
        call.Block.EndStatement();
        return tag;
    }

    static bool Writes(Sql.Statement statement) => statement switch
    {
        Sql.BeginStatement or Sql.CommitStatement or Sql.RollbackStatement or Sql.SavepointStatement or Sql.ReleaseStatement or Sql.RollbackToStatement
            or Sql.SetTransactionStatement or Sql.SetConstraintsStatement or Sql.SetSnapshotStatement or Sql.SetStatement or Sql.ShowStatement or Sql.DiscardStatement
            or Sql.PrepareStatement or Sql.ExecuteStatement or Sql.DeallocateStatement or Sql.DeclareCursorStatement or Sql.FetchStatement or Sql.CloseStatement
            or Sql.ListenStatement or Sql.UnlistenStatement or Sql.LockTableStatement or Sql.CheckpointStatement or Sql.ExplainStatement or Sql.UnsupportedStatement
            or Sql.LoadStatement or Sql.TwoPhaseStatement or Sql.AlterSystemStatement => false,
        Sql.CopyStatement e => e.IsFrom,
        Sql.VacuumStatement e => false,
        _ => true,
    };

    static string ReadOnlyName(Sql.Statement statement) => statement switch
    {
        Sql.CopyStatement => "COPY FROM",
        _ => DefinitionStatements.Tag(statement),
    };
}
