using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

public enum ObjectKind
{
    AccessMethod, Aggregate, Cast, Collation, Column, Constraint, Conversion, Database, Domain, DomainConstraint, EventTrigger, Extension,
    ForeignDataWrapper, ForeignTable, Function, Index, Language, LargeObject, MaterializedView, Operator, OperatorClass, OperatorFamily,
    Parameter, Policy, Procedure, Publication, Role, Routine, Rule, Schema, Sequence, Server, Statistics, Subscription, Table, Tablespace,
    TextSearchConfiguration, TextSearchDictionary, TextSearchParser, TextSearchTemplate, Transform, Trigger, Type, UserMapping, View,
}

public enum DropBehavior
{
    Restrict,
    Cascade,
}

/// <summary>Any object by name, as DROP, COMMENT, GRANT and the common ALTERs name it.</summary>
/// <param name="Name">Of a column, constraint, trigger, rule, policy: its own name; where it belongs is <see cref="Owner"/>.</param>
public sealed record ObjectReference(ObjectKind Kind, QualifiedName Name, int Position) : Node(Position)
{
    /// <summary>The table of a column, constraint, trigger, rule or policy; the domain of a domain constraint.</summary>
    public QualifiedName? Owner { get; init; }

    /// <summary>The type that TYPE, DOMAIN or the source of CAST names.</summary>
    public TypeName? Type { get; init; }

    /// <summary>Of functions, aggregates, operators (null element: NONE); null when no list was written.</summary>
    public ImmutableArray<TypeName?>? Arguments { get; init; }

    /// <summary>Target of a CAST.</summary>
    public TypeName? TargetType { get; init; }

    /// <summary>Access method of an operator class or family; language of a transform; server of a user mapping.</summary>
    public string? Method { get; init; }
}

public sealed record DropStatement(
    ObjectKind Kind, ImmutableArray<ObjectReference> Objects, bool IfExists, DropBehavior Behavior, bool IsConcurrent, int Position)
    : Statement(Position)
{
    /// <summary><c>DROP DATABASE … WITH (FORCE)</c></summary>
    public bool Force { get; init; }
}

/// <summary>ALTER … RENAME TO. A column or constraint is named by <see cref="ObjectReference.Owner"/> and its name.</summary>
/// <param name="RelationKind">What the statement called the relation of a column (TABLE, VIEW, TYPE, …).</param>
public sealed record RenameStatement(
    ObjectReference Object, ObjectKind RelationKind, string NewName, bool IfExists, DropBehavior Behavior, int Position) : Statement(Position);

public sealed record AlterOwnerStatement(ObjectReference Object, RoleName NewOwner, int Position) : Statement(Position);

public sealed record AlterSchemaStatement(ObjectReference Object, string NewSchema, bool IfExists, int Position) : Statement(Position);

/// <summary><c>ALTER … [NO] DEPENDS ON EXTENSION</c></summary>
public sealed record AlterDependsStatement(ObjectReference Object, string Extension, bool IsRemove, int Position) : Statement(Position);

/// <param name="Text">Null for IS NULL.</param>
public sealed record CommentStatement(ObjectReference Object, string? Text, int Position) : Statement(Position);

/// <param name="Provider">Null when FOR was not written.</param>
public sealed record SecurityLabelStatement(ObjectReference Object, string? Provider, string? Label, int Position) : Statement(Position);

/// <param name="Name">Null: the name of the role after AUTHORIZATION.</param>
public sealed record CreateSchemaStatement(
    string? Name, RoleName? Authorization, bool IfNotExists, ImmutableArray<Statement> Elements, int Position) : Statement(Position);

public sealed record CreateDatabaseStatement(string Name, ImmutableArray<Option> Options, int Position) : Statement(Position);

/// <summary>Options such as CONNECTION LIMIT; SET TABLESPACE is the option <c>tablespace</c>.</summary>
public sealed record AlterDatabaseStatement(string Name, ImmutableArray<Option> Options, int Position) : Statement(Position);

/// <summary><c>ALTER DATABASE name SET | RESET …</c></summary>
public sealed record AlterDatabaseSetStatement(string Name, SetStatement Setting, int Position) : Statement(Position);

public sealed record RefreshCollationVersionStatement(ObjectReference Object, int Position) : Statement(Position);

/// <param name="Options"><c>schema</c>, <c>new_version</c>, <c>cascade</c>.</param>
public sealed record CreateExtensionStatement(string Name, bool IfNotExists, ImmutableArray<Option> Options, int Position)
    : Statement(Position);

/// <summary><c>ALTER EXTENSION name UPDATE [TO version]</c></summary>
public sealed record AlterExtensionUpdateStatement(string Name, string? Version, int Position) : Statement(Position);

/// <summary><c>ALTER EXTENSION name ADD | DROP object</c></summary>
public sealed record AlterExtensionContentsStatement(string Name, bool IsAdd, ObjectReference Object, int Position) : Statement(Position);

/// <summary><c>CREATE TYPE name AS (…)</c></summary>
public sealed record CreateCompositeTypeStatement(QualifiedName Name, ImmutableArray<ColumnDefinition> Attributes, int Position)
    : Statement(Position);

/// <summary><c>CREATE TYPE name AS ENUM (…)</c></summary>
public sealed record CreateEnumStatement(QualifiedName Name, ImmutableArray<string> Labels, int Position) : Statement(Position);

/// <summary><c>ALTER TYPE name ADD VALUE</c></summary>
public sealed record AddEnumValueStatement(
    QualifiedName Name, string Label, bool IfNotExists, string? Neighbor, bool IsAfter, int Position) : Statement(Position);

public sealed record RenameEnumValueStatement(QualifiedName Name, string Label, string NewLabel, int Position) : Statement(Position);

public sealed record CreateDomainStatement(QualifiedName Name, TypeName Type, ImmutableArray<Constraint> Constraints, int Position)
    : Statement(Position)
{
    public QualifiedName? Collation { get; init; }
}

/// <param name="Action">One of the actions with this name for tables; column actions carry an empty column.</param>
public sealed record AlterDomainStatement(QualifiedName Name, AlterTableAction Action, int Position) : Statement(Position);
