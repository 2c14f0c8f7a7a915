using System.Collections.Immutable;

namespace PgVectorCompat.Sql;

/// <summary>Types in SQL's words.</summary>
static class TypeWriter
{
    public static string Write(TypeName type)
    {
        if (type.ColumnOfType is { } column) return SetOf(type) + SqlWriter.Write(type.Name) + "." + Identifiers.Quote(column) + "%TYPE";
        return SetOf(type) + Element(type) + (type.IsArray ? "[]" : "");
    }

    static string SetOf(TypeName type) => type.IsSetOf ? "SETOF " : "";

    static string Element(TypeName type)
    {
        var modifiers = Modifiers(type.Modifiers);
        if (type.Name.Schema is not (null or "pg_catalog")) return SqlWriter.Write(type.Name) + modifiers;
        return type.Name.Name switch
        {
            "int2" => "smallint",
            "int4" => "integer",
            "int8" => "bigint",
            "float4" => "real",
            "float8" => "double precision",
            "bool" => "boolean",
            "varchar" => "character varying" + modifiers,
            "bpchar" when modifiers.Length > 0 => "character" + modifiers,
            "bit" when modifiers.Length > 0 => "bit" + modifiers,
            "varbit" => "bit varying" + modifiers,
            "numeric" => "numeric" + modifiers,
            "time" => $"time{modifiers} without time zone",
            "timetz" => $"time{modifiers} with time zone",
            "timestamp" => $"timestamp{modifiers} without time zone",
            "timestamptz" => $"timestamp{modifiers} with time zone",
            "interval" => "interval" + Fields(type.Interval) + modifiers,
            _ => (type.Name.Schema is null || IsDefault(type.Name.Name) ? Identifiers.Quote(type.Name.Name) : SqlWriter.Write(type.Name)) + modifiers,
        };
    }

    // Found without its schema: bpchar and bit without a length, in SQL's own words types of length 1.
    static bool IsDefault(string name) => name is "bpchar" or "bit";

    static string Modifiers(ImmutableArray<Expression> modifiers)
        => modifiers.Length == 0 ? "" : "(" + string.Join(",", modifiers.Select(SqlWriter.Write)) + ")";

    static string Fields(IntervalFields fields)
    {
        if (fields == IntervalFields.None) return "";
        (IntervalFields Field, string Word)[] order =
        [
            (IntervalFields.Year, "year"), (IntervalFields.Month, "month"), (IntervalFields.Day, "day"),
            (IntervalFields.Hour, "hour"), (IntervalFields.Minute, "minute"), (IntervalFields.Second, "second"),
        ];
        var words = order.Where(o => fields.HasFlag(o.Field)).Select(o => o.Word).ToList();
        return words.Count == 1 ? " " + words[0] : $" {words[0]} to {words[^1]}";
    }
}
