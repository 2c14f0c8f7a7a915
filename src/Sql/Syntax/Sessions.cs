using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>
/// SET and RESET of a setting. TIME ZONE is <c>timezone</c>, ROLE <c>role</c>, SESSION AUTHORIZATION <c>session_authorization</c>,
/// NAMES <c>client_encoding</c>, SCHEMA <c>search_path</c>, XML OPTION <c>xmloption</c>.
/// </summary>
/// <param name="Name">Lower case, with its dot if any; empty for RESET ALL.</param>
/// <param name="Values">Of <see cref="SetKind.Value"/>: constants, or an interval <see cref="CastExpression"/> for TIME ZONE.</param>
public sealed record SetStatement(SetKind Kind, string Name, ImmutableArray<Expression> Values, bool IsLocal, int Position) : Statement(Position);

public enum SetKind
{
    /// <summary>To the values given.</summary>
    Value,

    /// <summary><c>SET name TO DEFAULT</c>, and RESET in the places where it is part of another statement.</summary>
    Default,

    /// <summary><c>SET name FROM CURRENT</c></summary>
    FromCurrent,

    Reset,
    ResetAll,
}

/// <param name="Name">Null for ALL.</param>
public sealed record ShowStatement(string? Name, int Position) : Statement(Position);

/// <summary><c>ALTER SYSTEM SET | RESET …</c></summary>
public sealed record AlterSystemStatement(SetStatement Setting, int Position) : Statement(Position);

public enum DiscardTarget
{
    All,
    Plans,
    Sequences,
    Temporary,
}

public sealed record DiscardStatement(DiscardTarget Target, int Position) : Statement(Position);

/// <summary>BEGIN and START TRANSACTION.</summary>
public sealed record BeginStatement(bool IsStart, TransactionModes Modes, int Position) : Statement(Position);

/// <summary>Null: not written.</summary>
public sealed record TransactionModes(IsolationLevel? Isolation, bool? IsReadOnly, bool? IsDeferrable, int Position) : Node(Position);

public enum IsolationLevel
{
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// <summary>COMMIT and END.</summary>
public sealed record CommitStatement(bool Chain, int Position) : Statement(Position);

/// <summary>ROLLBACK and ABORT.</summary>
public sealed record RollbackStatement(bool Chain, int Position) : Statement(Position);

public sealed record SavepointStatement(string Name, int Position) : Statement(Position);

public sealed record ReleaseStatement(string Name, int Position) : Statement(Position);

public sealed record RollbackToStatement(string Name, int Position) : Statement(Position);

public enum TwoPhaseAction
{
    Prepare,
    Commit,
    Rollback,
}

/// <summary>PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED.</summary>
public sealed record TwoPhaseStatement(TwoPhaseAction Action, string Id, int Position) : Statement(Position);

/// <summary>SET TRANSACTION, or SET SESSION CHARACTERISTICS AS TRANSACTION.</summary>
public sealed record SetTransactionStatement(TransactionModes Modes, bool IsSession, int Position) : Statement(Position);

/// <summary><c>SET TRANSACTION SNAPSHOT 'id'</c></summary>
public sealed record SetSnapshotStatement(string Id, int Position) : Statement(Position);

/// <param name="Constraints">Empty: ALL.</param>
public sealed record SetConstraintsStatement(ImmutableArray<QualifiedName> Constraints, bool IsDeferred, int Position) : Statement(Position);

/// <param name="Types">Empty: to be inferred.</param>
/// <param name="Body">A query or data statement.</param>
public sealed record PrepareStatement(string Name, ImmutableArray<TypeName> Types, Statement Body, int Position) : Statement(Position);

public sealed record ExecuteStatement(string Name, ImmutableArray<Expression> Arguments, int Position) : Statement(Position);

/// <param name="Name">Null for ALL.</param>
public sealed record DeallocateStatement(string? Name, int Position) : Statement(Position);

public sealed record DeclareCursorStatement(string Name, Query Query, int Position) : Statement(Position)
{
    public bool IsBinary { get; init; }

    /// <summary>Null when neither SCROLL nor NO SCROLL was written.</summary>
    public bool? IsScroll { get; init; }

    /// <summary>True for INSENSITIVE, false for ASENSITIVE, null for neither.</summary>
    public bool? IsInsensitive { get; init; }

    public bool WithHold { get; init; }
}

public enum FetchDirection
{
    Forward,
    Backward,
    Absolute,
    Relative,
}

/// <summary>FETCH and MOVE. NEXT is Forward 1, PRIOR Backward 1, FIRST Absolute 1, LAST Absolute -1.</summary>
/// <param name="Count"><see cref="long.MaxValue"/> for ALL.</param>
public sealed record FetchStatement(string Cursor, FetchDirection Direction, long Count, bool IsMove, int Position) : Statement(Position);

/// <param name="Cursor">Null for ALL.</param>
public sealed record CloseStatement(string? Cursor, int Position) : Statement(Position);

public sealed record ListenStatement(string Channel, int Position) : Statement(Position);

/// <param name="Channel">Null for <c>*</c>.</param>
public sealed record UnlistenStatement(string? Channel, int Position) : Statement(Position);

public sealed record NotifyStatement(string Channel, string? Payload, int Position) : Statement(Position);

public sealed record LoadStatement(string File, int Position) : Statement(Position);

/// <param name="Body">A query or data statement, CREATE TABLE AS, DECLARE, EXECUTE, REFRESH.</param>
/// <param name="Options">As in the parenthesised form: <c>analyze</c>, <c>verbose</c>, <c>format</c>, …</param>
public sealed record ExplainStatement(Statement Body, ImmutableArray<Option> Options, int Position) : Statement(Position);

/// <param name="Tables">Empty: the whole database.</param>
/// <param name="IsVacuum">False for ANALYZE.</param>
/// <param name="Options">As in the parenthesised form: <c>full</c>, <c>freeze</c>, <c>verbose</c>, <c>analyze</c>, …</param>
public sealed record VacuumStatement(bool IsVacuum, ImmutableArray<VacuumTarget> Tables, ImmutableArray<Option> Options, int Position)
    : Statement(Position);

public sealed record VacuumTarget(QualifiedName Table, ImmutableArray<string> Columns, int Position) : Node(Position);

/// <param name="Table">Null: all tables clustered before.</param>
public sealed record ClusterStatement(QualifiedName? Table, string? Index, ImmutableArray<Option> Options, int Position) : Statement(Position);

public sealed record CheckpointStatement(int Position) : Statement(Position);

public enum TableLockMode
{
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

public sealed record LockTableStatement(ImmutableArray<TableReference> Tables, TableLockMode Mode, bool NoWait, int Position)
    : Statement(Position);
