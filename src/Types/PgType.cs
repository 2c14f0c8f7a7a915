namespace PgVectorCompat.Types;

/// <summary>pg_type.typtype.</summary>
public enum TypeKind { Base = 'b', Composite = 'c', Domain = 'd', Enum = 'e', Pseudo = 'p', Range = 'r', Multirange = 'm' }

/// <summary>pg_type.typcategory: the groups that PostgreSQL's type resolution prefers within.</summary>
public enum TypeCategory
{
    Array = 'A', Boolean = 'B', Composite = 'C', DateTime = 'D', Enum = 'E', Geometric = 'G', Network = 'I', Numeric = 'N',
    Pseudo = 'P', Range = 'R', String = 'S', Timespan = 'T', User = 'U', BitString = 'V', Unknown = 'X', Internal = 'Z',
}

/// <summary>
/// A data type. Built-in types are the constants of <see cref="PgTypes"/>; types that users create are made by the catalog.
/// Two types are the same when their OIDs are.
/// </summary>
public sealed class PgType
{
    /// <summary>pg_type.oid; PostgreSQL's own for built-in types.</summary>
    public required uint Oid { get; init; }

    /// <summary>pg_type.typname (<c>int4</c>); <see cref="DisplayName"/> is the SQL spelling (<c>integer</c>).</summary>
    public required string Name { get; init; }

    /// <summary>What format_type prints without a modifier.</summary>
    public string DisplayName { get => field ?? Name; init; }

    /// <summary>pg_type.typlen: bytes, or -1 for variable length, -2 for cstring.</summary>
    public required short Length { get; init; }

    public TypeKind Kind { get; init; } = TypeKind.Base;
    public required TypeCategory Category { get; init; }

    /// <summary>Whether its binary form is text in the client's encoding, perhaps behind a version byte.</summary>
    public bool IsTextInBinary => Category is TypeCategory.String or TypeCategory.Enum or TypeCategory.Unknown || Name is "json" or "jsonb" or "jsonpath";

    /// <summary>pg_type.typispreferred.</summary>
    public bool IsPreferred { get; init; }

    public char Delimiter { get; init; } = ',';

    /// <summary>pg_type.typalign: c, s, i or d.</summary>
    public char Alignment { get; init; } = 'i';

    /// <summary>pg_type.typstorage: p, e, m or x.</summary>
    public char Storage { get; init; } = 'p';

    /// <summary>For a true array type, the type of its elements; else null. <c>name</c>, <c>int2vector</c> and kin say so in <see cref="SubscriptType"/>.</summary>
    public PgType? Element { get; init; }

    /// <summary>The type that subscripting yields, for types that are not true arrays but can be subscripted (int2vector, oidvector, name).</summary>
    public PgType? SubscriptType { get; init; }

    /// <summary>The array type over this type; null when there is none.</summary>
    public PgType? Array { get; set; }

    /// <summary>For a domain, the type under it.</summary>
    public PgType? BaseType { get; init; }

    public required TypeCodec Codec { get; init; }

    /// <summary>Reads and prints the type's modifiers; null when the type takes none.</summary>
    public TypeModifier? Modifier { get; init; }

    /// <summary>Whether collation applies to values (text and kin).</summary>
    public bool IsCollatable { get; init; }

    public bool IsArray => Element is not null;

    public override bool Equals(object? obj) => obj is PgType other && other.Oid == Oid;
    public override int GetHashCode() => (int)Oid;
    public static bool operator ==(PgType? left, PgType? right) => ReferenceEquals(left, right) || (left is not null && left.Equals(right));
    public static bool operator !=(PgType? left, PgType? right) => !(left == right);

    /// <summary>The SQL spelling, as in PostgreSQL's messages (<c>integer</c>, <c>character varying</c>, <c>vector[]</c>).</summary>
    public override string ToString() => DisplayName;

    /// <summary>What format_type prints: <c>character varying(10)</c>, <c>numeric(12,2)</c>, <c>vector(3)</c>, <c>timestamp(3) with time zone</c>.</summary>
    public string Format(int typmod)
        => IsArray ? Element!.Format(typmod) + "[]" : typmod < 0 || Modifier is null ? DisplayName : Modifier.Format(this, typmod);
}

/// <summary>What typmodin and typmodout do for a type.</summary>
public abstract class TypeModifier
{
    /// <summary>The typmod for the constants written in parentheses (already text). Raises 22023 and kin.</summary>
    public abstract int Parse(PgType type, IReadOnlyList<string> arguments);

    /// <summary>The type's name with its modifier, as format_type prints it.</summary>
    public abstract string Format(PgType type, int typmod);

    /// <summary>
    /// The length-coercion cast: <paramref name="value"/> (not NULL) made to fit <paramref name="typmod"/> (not -1), or an error
    /// (22001, 22003, 22026, 22000 …). An explicit cast may truncate where an assignment raises.
    /// </summary>
    public abstract Datum Apply(PgType type, Datum value, int typmod, bool isExplicit);
}
