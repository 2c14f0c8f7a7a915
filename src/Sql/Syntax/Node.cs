using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>A piece of SQL as written: names folded, nothing looked up.</summary>
/// <param name="Position">Its first character in the query string, from 1; where PostgreSQL's error for the piece points.</param>
public abstract record Node(int Position);

/// <summary>A name of a table, function, type, … with the parts that were written; unquoted parts are in lower case.</summary>
public sealed record QualifiedName(string? Catalog, string? Schema, string Name, int Position) : Node(Position)
{
    /// <summary>As SQL, each part quoted when it must be.</summary>
    public override string ToString() => SqlWriter.Write(this);
}

/// <summary>An operator's name, <paramref name="Schema"/> only when written as <c>OPERATOR(schema.name)</c>.</summary>
public sealed record OperatorName(string? Schema, string Name, int Position) : Node(Position);

/// <summary>
/// A type as written. The names that SQL spells in words are PostgreSQL's own: <c>int4</c>, <c>varchar</c>, <c>bpchar</c>,
/// <c>timestamptz</c>, <c>float8</c>, <c>bit</c>, … with schema <c>pg_catalog</c>.
/// </summary>
/// <param name="Name">Name of the type; of the table when <see cref="IsColumnType"/>.</param>
/// <param name="Modifiers">What stands in parentheses: usually integer constants (for <c>interval(p)</c> the precision).</param>
public sealed record TypeName(QualifiedName Name, ImmutableArray<Expression> Modifiers, int Position) : Node(Position)
{
    /// <summary>One entry per <c>[n]</c> or <c>[]</c> (null) written after the name.</summary>
    public ImmutableArray<int?> ArrayDimensions { get; init; } = [];

    /// <summary>The field restriction of <c>interval day to second</c>; <see cref="IntervalFields.None"/> for everything else.</summary>
    public IntervalFields Interval { get; init; }

    public bool IsSetOf { get; init; }

    /// <summary>Written <c>table.column%TYPE</c>: the type of that column.</summary>
    public bool IsColumnType => ColumnOfType is not null;

    /// <summary>The column in <c>table.column%TYPE</c>.</summary>
    public string? ColumnOfType { get; init; }

    public bool IsArray => ArrayDimensions.Length > 0;

    /// <summary>As SQL: <c>integer</c>, <c>character varying(10)</c>, <c>vector(3)[]</c>.</summary>
    public override string ToString() => SqlWriter.Write(this);
}

/// <summary>Bits of PostgreSQL's interval field mask, as kept in an interval's type modifier.</summary>
[Flags]
public enum IntervalFields
{
    None = 0,
    Month = 1 << 1,
    Year = 1 << 2,
    Day = 1 << 3,
    Hour = 1 << 10,
    Minute = 1 << 11,
    Second = 1 << 12,
}

/// <summary><c>AS name (columns)</c>.</summary>
public sealed record Alias(string Name, ImmutableArray<string> Columns, int Position) : Node(Position);

/// <summary>One <c>name</c>, <c>name value</c> or <c>name = value</c> of the option lists that many statements have.</summary>
/// <param name="Name">Folded to lower case unless quoted.</param>
/// <param name="Value">Null when only the name was written.</param>
public sealed record Option(string Name, OptionValue? Value, int Position) : Node(Position)
{
    /// <summary><c>toast</c> in <c>toast.autovacuum_enabled</c>.</summary>
    public string? Namespace { get; init; }
}

/// <summary>An option's value.</summary>
/// <param name="Text">The value as text: the word, the string's content, the number's digits with sign; empty for a list.</param>
/// <param name="Items">The texts of a list.</param>
public sealed record OptionValue(OptionValueKind Kind, string Text, ImmutableArray<string> Items, int Position) : Node(Position)
{
    /// <summary>The type, when the value was a name that may be one (<c>sfunc = int4pl</c>, <c>stype = bigint</c>).</summary>
    public TypeName? Type { get; init; }
}

public enum OptionValueKind
{
    /// <summary>A bare word, keyword or type name.</summary>
    Name,
    String,
    Number,

    /// <summary><c>*</c></summary>
    Star,

    /// <summary>Parenthesised names.</summary>
    List,
}
