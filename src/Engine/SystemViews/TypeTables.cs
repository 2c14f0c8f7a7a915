using System.Collections.Frozen;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>pg_type, pg_enum, pg_collation and pg_range.</summary>
static class TypeTables
{
    public static readonly SystemTable[] All =
    [
        Table(WellKnownOids.PgType, "pg_type",
            "oid oid, typname name, typnamespace oid, typowner oid, typlen int2, typbyval bool, typtype char, typcategory char, typispreferred bool, typisdefined bool, " +
            "typdelim char, typrelid oid, typsubscript regproc, typelem oid, typarray oid, typinput regproc, typoutput regproc, typreceive regproc, typsend regproc, " +
            "typmodin regproc, typmodout regproc, typanalyze regproc, typalign char, typstorage char, typnotnull bool, typbasetype oid, typtypmod int4, typndims int4, " +
            "typcollation oid, typdefaultbin pg_node_tree, typdefault text, typacl _text",
            names => PgTypes.All.Where(type => names.Snapshot.SchemaOfType(type) != 0).Concat(names.Snapshot.UserTypes).Select(type => TypeRow(names, type))),
        Table(3501, "pg_enum", "oid oid, enumtypid oid, enumsortorder float4, enumlabel name",
            names => names.Snapshot.All<TypeDefinition>().SelectMany(type => type.Labels.Select(label => new[] { Oid(label.Oid), Oid(type.Oid), Real((float)label.SortOrder), Text(label.Label) }))),
        Table(3456, "pg_collation",
            "oid oid, collname name, collnamespace oid, collowner oid, collprovider char, collisdeterministic bool, collencoding int4, collcollate text, collctype text, colliculocale text, collversion text",
            _ => Collations.All.Select(collation => new[]
            {
                Oid(collation.Oid), Text(collation.Name), Oid(WellKnownOids.PgCatalog), Oid(WellKnownOids.BootstrapSuperuser), Char(collation.Name == "default" ? 'd' : 'c'), Bool(true),
                Int(collation.Name.StartsWith("C.", StringComparison.Ordinal) ? 6 : -1), collation.Name == "default" ? Null : Text(collation.Name), collation.Name == "default" ? Null : Text(collation.Name), Null, Null,
            })),
        Empty(3541, "pg_range", "rngtypid oid, rngsubtype oid, rngmultitypid oid, rngcollation oid, rngsubopc oid, rngcanonical regproc, rngsubdiff regproc"),
    ];

    /// <summary>pg_type.typbyval: values of at most eight bytes.</summary>
    public static bool IsByValue(PgType type) => type.Length is 1 or 2 or 4 or 8 && type.Kind != TypeKind.Composite;

    static Datum[] TypeRow(NameResolver names, PgType type)
    {
        var definition = names.Snapshot.DefinitionOf(type);
        var domain = type.Kind == TypeKind.Domain ? definition as TypeDefinition : null;
        var (input, output, receive, send) = Functions(type);
        return
        [
            Oid(type.Oid), Text(type.Name), Oid(names.Snapshot.SchemaOfType(type)), Oid(definition?.Owner ?? WellKnownOids.BootstrapSuperuser), Int(type.Length), Bool(IsByValue(type)), Char((char)type.Kind),
            Char((char)type.Category), Bool(type.IsPreferred), Bool(true), Char(type.Delimiter), Oid(type.Kind == TypeKind.Composite ? definition?.Oid ?? 0 : 0),
            Oid(type.IsArray ? FunctionOids.Find("array_subscript_handler") : type.SubscriptType is not null ? FunctionOids.Find("raw_array_subscript_handler") : 0),
            Oid((type.Element ?? type.SubscriptType)?.Oid ?? 0), Oid(type.Array?.Oid ?? 0),
            Oid(FunctionOids.Find(input)), Oid(FunctionOids.Find(output)), Oid(FunctionOids.Find(receive)), Oid(FunctionOids.Find(send)),
            Oid(FunctionOids.Find(ModifierFunctions(type).Input)), Oid(FunctionOids.Find(ModifierFunctions(type).Output)), Oid(0),
            Char(type.Alignment), Char(type.Storage), Bool(domain?.NotNull ?? false), Oid(type.BaseType?.Oid ?? 0), Int(domain?.Typmod ?? -1), Int(0),
            Oid(type.IsCollatable ? Collations.Oid(domain?.Collation ?? (type == PgTypes.Name ? "C" : null)) : 0), Text(domain?.Default), Text(domain?.Default is { } value ? StoredSql.Show(value, names) : null),
            definition is TypeDefinition owned ? Acl(owned, names) : Null,
        ];
    }

    /// <summary>
    /// Names of a type's I/O functions. Clients tell arrays, enums, composites and domains apart by them (array_recv, enum_recv, …).
    /// </summary>
    static (string Input, string Output, string Receive, string Send) Functions(PgType type)
    {
        if (type.IsArray)
            return ("array_in", "array_out", "array_recv", "array_send");
        return type.Kind switch
        {
            TypeKind.Enum => ("enum_in", "enum_out", "enum_recv", "enum_send"),
            TypeKind.Composite => ("record_in", "record_out", "record_recv", "record_send"),
            TypeKind.Domain => ("domain_in", Functions(type.BaseType!).Output, "domain_recv", Functions(type.BaseType!).Send),
            _ => (Stem(type) + InOut(type, "in"), Stem(type) + InOut(type, "out"), Stem(type) + InOut(type, "recv"), Stem(type) + InOut(type, "send")),
        };
    }

    /// <summary>The names of all functions that pg_type mentions for a type.</summary>
    public static IEnumerable<string> FunctionNames(PgType type)
    {
        var (input, output, receive, send) = Functions(type);
        var (modifierInput, modifierOutput) = ModifierFunctions(type);
        return new[] { input, output, receive, send, modifierInput, modifierOutput }.Where(name => name.Length > 0);
    }

    // The vector extensions have typmod_in and print modifiers without a function of their own.
    static (string Input, string Output) ModifierFunctions(PgType type)
        => type.Modifier is null ? ("", "")
            : KnownExtensions.OwnerOf(type.Element ?? type) is not null ? ((type.Element ?? type).Name + "_typmod_in", "")
            : (Stem(type.Element ?? type) + "typmodin", Stem(type.Element ?? type) + "typmodout");

    // PostgreSQL's older types have functions without an underscore (int4in), the others with one (timestamp_in).
    static string InOut(PgType type, string suffix) => HasUnderscore(type) ? "_" + suffix : suffix;

    static bool HasUnderscore(PgType type) => type.Name is "date" or "time" or "timetz" or "timestamp" or "timestamptz" or "interval" or "numeric" or "uuid" or "json" or "jsonb" or "bit" or "varbit"
        or "vector" or "halfvec" or "sparsevec" or "ruvector" or "pg_lsn" or "cash" or "inet" or "cidr" or "macaddr" or "xml" or "record" or "cstring" or "void" or "pg_node_tree"
        || type.Name.StartsWith("any", StringComparison.Ordinal) || type.Name.EndsWith("_handler", StringComparison.Ordinal);

    static string Stem(PgType type) => type.Name;
}

/// <summary>OIDs for functions that only pg_type and pg_am mention: there is nothing to call, but clients join pg_proc and compare the names.</summary>
static class FunctionOids
{
    // Below the built-in functions' own.
    const uint First = 8000;

    static readonly string[] Names =
    [
        .. PgTypes.All.SelectMany(TypeTables.FunctionNames)
            .Concat(["enum_in", "enum_out", "enum_recv", "enum_send", "domain_in", "domain_recv", "array_subscript_handler", "raw_array_subscript_handler"])
            .Concat(["bthandler", "heap_tableam_handler", "hashhandler", "hnswhandler", "ivfflathandler"]).Distinct().Order(StringComparer.Ordinal),
    ];

    static readonly FrozenDictionary<string, uint> Oids = Names.Select((name, i) => (name, i)).ToFrozenDictionary(pair => pair.name, pair => First + (uint)pair.i);

    /// <summary>0 for a name that is none of these.</summary>
    public static uint Find(string name) => Oids.GetValueOrDefault(name);

    /// <summary>The name behind such an OID; null for others.</summary>
    public static string? NameOf(uint oid) => oid >= First && oid - First < Names.Length ? Names[oid - First] : null;

    /// <summary>All of them, for pg_proc.</summary>
    public static IEnumerable<(uint Oid, string Name)> All => Names.Select((name, i) => (First + (uint)i, name));
}
