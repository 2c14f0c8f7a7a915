using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <param name="Name">Null: the server makes one.</param>
public sealed record CreateIndexStatement(
    string? Name, TableReference Table, ImmutableArray<IndexElement> Elements, int Position) : Statement(Position)
{
    public bool IsUnique { get; init; }
    public bool IsConcurrent { get; init; }
    public bool IfNotExists { get; init; }

    /// <summary>Null: btree.</summary>
    public string? AccessMethod { get; init; }

    public ImmutableArray<IndexElement> Include { get; init; } = [];
    public bool NullsNotDistinct { get; init; }
    public ImmutableArray<Option> Options { get; init; } = [];
    public string? Tablespace { get; init; }
    public Expression? Where { get; init; }
}

/// <summary>A key of an index, of ON CONFLICT or of PARTITION BY: a column or an expression.</summary>
/// <param name="Column">Null when <paramref name="Expression"/> is set.</param>
public sealed record IndexElement(string? Column, Expression? Expression, int Position) : Node(Position)
{
    public QualifiedName? Collation { get; init; }
    public QualifiedName? OperatorClass { get; init; }
    public ImmutableArray<Option> OperatorClassOptions { get; init; } = [];

    /// <summary>Null when neither ASC nor DESC was written.</summary>
    public bool? Descending { get; init; }

    public bool? NullsFirst { get; init; }
}

/// <param name="Name">Null for <c>REINDEX DATABASE</c> and <c>SYSTEM</c> without a name.</param>
public sealed record ReindexStatement(ObjectKind Kind, bool IsSystem, QualifiedName? Name, ImmutableArray<Option> Options, int Position)
    : Statement(Position);

public sealed record CreateViewStatement(QualifiedName Name, ImmutableArray<string> Columns, Query Query, int Position)
    : Statement(Position)
{
    public bool OrReplace { get; init; }
    public TablePersistence Persistence { get; init; }
    public bool IsRecursive { get; init; }
    public ImmutableArray<Option> Options { get; init; } = [];
    public ViewCheckOption CheckOption { get; init; }
}

public enum ViewCheckOption
{
    None,
    Local,
    Cascaded,
}

public sealed record RefreshMaterializedViewStatement(QualifiedName Name, bool IsConcurrent, bool WithData, int Position) : Statement(Position);

public sealed record CreateSequenceStatement(QualifiedName Name, ImmutableArray<SequenceOption> Options, int Position)
    : Statement(Position)
{
    public bool IfNotExists { get; init; }
    public TablePersistence Persistence { get; init; }
}

public sealed record AlterSequenceStatement(
    QualifiedName Name, bool IfExists, ImmutableArray<SequenceOption> Options, int Position) : Statement(Position);

/// <summary>One option of a sequence or identity column.</summary>
/// <param name="Value">Of INCREMENT, MINVALUE, MAXVALUE, START, RESTART, CACHE as written; null for NO MINVALUE, NO MAXVALUE and a bare RESTART.</param>
/// <param name="Flag">False for NO CYCLE.</param>
public sealed record SequenceOption(SequenceOptionKind Kind, decimal? Value, bool Flag, int Position) : Node(Position)
{
    /// <summary>Of AS.</summary>
    public TypeName? Type { get; init; }

    /// <summary>Of OWNED BY, the dotted name, the single part <c>none</c> for NONE; of SEQUENCE NAME.</summary>
    public ImmutableArray<string> Name { get; init; } = [];
}

public enum SequenceOptionKind
{
    As,
    Increment,
    MinValue,
    MaxValue,
    Start,
    Restart,
    Cache,
    Cycle,
    OwnedBy,
    SequenceName,

    /// <summary><c>SET LOGGED | UNLOGGED</c>: LOGGED when the flag is set.</summary>
    Logged,
}
