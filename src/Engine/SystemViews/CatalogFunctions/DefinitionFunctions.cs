using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.CatalogFunctions.CatalogFunction;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>format_type, pg_get_…def, obj_description and kin: catalog objects as text.</summary>
static class DefinitionFunctions
{
    public static FunctionTable Table => new(
    [
        Lookup("format_type", PgTypes.Text, [PgTypes.Oid, PgTypes.Int4], FormatType) with { IsStrict = false },
        Lookup("pg_get_expr", PgTypes.Text, [PgTypes.NodeTree, PgTypes.Oid], (arguments, names) => Expression(arguments[0], names, pretty: false)),
        Lookup("pg_get_expr", PgTypes.Text, [PgTypes.NodeTree, PgTypes.Oid, PgTypes.Bool], (arguments, names) => Expression(arguments[0], names, arguments[2].AsBool)),
        Lookup("pg_get_indexdef", PgTypes.Text, [PgTypes.Oid], (arguments, names) => Index(arguments[0].AsOid, 0, names, pretty: false)),
        Lookup("pg_get_indexdef", PgTypes.Text, [PgTypes.Oid, PgTypes.Int4, PgTypes.Bool], (arguments, names) => Index(arguments[0].AsOid, arguments[1].AsInt32, names, arguments[2].AsBool)),
        Lookup("pg_get_constraintdef", PgTypes.Text, [PgTypes.Oid], (arguments, names) => Constraint(arguments[0].AsOid, names, pretty: false)),
        Lookup("pg_get_constraintdef", PgTypes.Text, [PgTypes.Oid, PgTypes.Bool], (arguments, names) => Constraint(arguments[0].AsOid, names, arguments[1].AsBool)),
        Lookup("pg_get_viewdef", PgTypes.Text, [PgTypes.Oid], (arguments, names) => View(arguments[0].AsOid, names)),
        Lookup("pg_get_viewdef", PgTypes.Text, [PgTypes.Oid, PgTypes.Bool], (arguments, names) => View(arguments[0].AsOid, names, arguments[1].AsBool)),
        Lookup("pg_get_viewdef", PgTypes.Text, [PgTypes.Oid, PgTypes.Int4], (arguments, names) => View(arguments[0].AsOid, names, pretty: true)),
        Lookup("pg_get_viewdef", PgTypes.Text, [PgTypes.Text], (arguments, names) => View(arguments[0].AsString, names)),
        Lookup("pg_get_viewdef", PgTypes.Text, [PgTypes.Text, PgTypes.Bool], (arguments, names) => View(arguments[0].AsString, names)),
        Lookup("pg_get_ruledef", PgTypes.Text, [PgTypes.Oid], (arguments, names) => Rule(arguments[0].AsOid, names)),
        Lookup("pg_get_ruledef", PgTypes.Text, [PgTypes.Oid, PgTypes.Bool], (arguments, names) => Rule(arguments[0].AsOid, names)),
        Lookup("pg_get_userbyid", PgTypes.Name, [PgTypes.Oid], (arguments, names) => Text(names.Snapshot.Shared.RoleName(arguments[0].AsOid))),
        // What cannot be made here has no definition.
        Lookup("pg_get_triggerdef", PgTypes.Text, [PgTypes.Oid], (_, _) => Datum.Null),
        Lookup("pg_get_triggerdef", PgTypes.Text, [PgTypes.Oid, PgTypes.Bool], (_, _) => Datum.Null),
        Lookup("pg_get_partkeydef", PgTypes.Text, [PgTypes.Oid], (_, _) => Datum.Null),
        Lookup("pg_get_partition_constraintdef", PgTypes.Text, [PgTypes.Oid], (_, _) => Datum.Null),
        Lookup("pg_get_statisticsobjdef", PgTypes.Text, [PgTypes.Oid], (_, _) => Datum.Null),
        Lookup("pg_get_statisticsobjdef_columns", PgTypes.Text, [PgTypes.Oid], (_, _) => Datum.Null),
        Lookup("pg_get_function_sqlbody", PgTypes.Text, [PgTypes.Oid], (_, _) => Datum.Null),
        Lookup("pg_get_functiondef", PgTypes.Text, [PgTypes.Oid], (_, _) => Datum.Null),
        Lookup("pg_get_function_arguments", PgTypes.Text, [PgTypes.Oid], (arguments, names) => OfFunction(arguments[0].AsOid, function => FunctionText.Arguments(function, names, withDefaults: true))),
        Lookup("pg_get_function_identity_arguments", PgTypes.Text, [PgTypes.Oid], (arguments, names) => OfFunction(arguments[0].AsOid, function => FunctionText.Arguments(function, names, withDefaults: false))),
        Lookup("pg_get_function_result", PgTypes.Text, [PgTypes.Oid], (arguments, names) => OfFunction(arguments[0].AsOid, function => FunctionText.Result(function, names))),
        Lookup("obj_description", PgTypes.Text, [PgTypes.Oid, PgTypes.Name], (arguments, names) => Text(Comments.Find(names.Snapshot, arguments[0].AsOid, 0))),
        Lookup("obj_description", PgTypes.Text, [PgTypes.Oid], (arguments, names) => Text(Comments.Find(names.Snapshot, arguments[0].AsOid, 0))),
        Lookup("col_description", PgTypes.Text, [PgTypes.Oid, PgTypes.Int4], (arguments, names) => Text(Comments.Find(names.Snapshot, arguments[0].AsOid, (short)arguments[1].AsInt32))),
        Lookup("shobj_description", PgTypes.Text, [PgTypes.Oid, PgTypes.Name], (arguments, names) => Text(names.Snapshot.Shared.Find(arguments[0].AsOid)?.Comment)),
        Lookup("pg_describe_object", PgTypes.Text, [PgTypes.Oid, PgTypes.Oid, PgTypes.Int4], (arguments, names) => Text(DescribeObject(arguments[1].AsOid, (short)arguments[2].AsInt32, names))),
    ],
    Casts:
    [
        // The catalog's own array types are arrays in all but name.
        Define.Relabel(PgTypes.Int2Vector, PgTypes.Int2.Array!, CastContext.Implicit),
        Define.Relabel(PgTypes.OidVector, PgTypes.Oid.Array!, CastContext.Implicit),
    ]);

    static Datum FormatType(ReadOnlySpan<Datum> arguments, NameResolver names)
    {
        if (arguments[0].IsNull)
            return Datum.Null;
        var oid = arguments[0].AsOid;
        if (oid == 0)
            return Text("-");
        if (names.Snapshot.FindType(oid) is not { } type)
            return Text("???");
        // Of these the plain name has length 1; pg_dump must be told of columns without a length.
        if (!arguments[1].IsNull && arguments[1].AsInt32 < 0 && (type.Element ?? type) is var single && (single == PgTypes.Bit || single == PgTypes.Bpchar))
            return Text((single == PgTypes.Bit ? "\"bit\"" : "bpchar") + (type.IsArray ? "[]" : ""));
        return Text(names.FormatType(type, arguments[1].IsNull ? -1 : arguments[1].AsInt32));
    }

    static Datum Expression(Datum stored, NameResolver names, bool pretty) => Text(Deparser.Expression(stored.AsString, names, pretty));

    static Datum Index(uint oid, int column, NameResolver names, bool pretty)
        => names.Snapshot.Find<IndexDefinition>(oid) is not { } index ? Datum.Null
            : Text(column == 0 ? Deparser.Index(index, names, pretty) : Deparser.IndexColumn(index, column, names));

    static Datum Constraint(uint oid, NameResolver names, bool pretty)
    {
        foreach (var relation in names.Snapshot.All<Relation>())
            if (relation.Constraints.FirstOrDefault(constraint => constraint.Oid == oid) is { } found)
                return Text(Deparser.Constraint(relation, found, names, pretty));
        foreach (var domain in names.Snapshot.All<TypeDefinition>())
            if (domain.Checks.FirstOrDefault(check => check.Oid == oid) is { } found)
                return Text(Deparser.DomainCheck(found, names, pretty));
        return Datum.Null;
    }

    static Datum View(uint oid, NameResolver names, bool pretty = false)
        => names.Snapshot.Find<Relation>(oid) is { ViewDefinition: not null } view ? Text(Deparser.View(view, names, pretty)) : Datum.Null;

    static Datum View(string text, NameResolver names)
    {
        var name = RelationNames.Parse(text);
        return names.FindRelation(name) switch
        {
            Relation { ViewDefinition: not null } view => Text(Deparser.View(view, names)),
            null => throw CatalogErrors.UndefinedRelation(name),
            _ => Text("Not a view"),
        };
    }

    // A view's rule has the view's OID here.
    static Datum Rule(uint oid, NameResolver names) => names.Snapshot.Find<Relation>(oid) is { ViewDefinition: not null } view
        ? Text($"CREATE RULE \"_RETURN\" AS\n    ON SELECT TO {Identifier.Quote(names.SchemaName(view.Schema), view.Name)} DO INSTEAD {Deparser.View(view, names)}")
        : Datum.Null;

    static Datum OfFunction(uint oid, Func<Function, string> text)
        => BuiltinFunctions.Functions.FirstOrDefault(function => function.Oid == oid) is { } found ? Text(text(found)) : Datum.Null;

    static string? DescribeObject(uint oid, short column, NameResolver names)
    {
        var objectNames = new ObjectNames(names);
        if (names.Snapshot.Find(oid) is { } item)
            return column != 0 && item is Relation relation ? objectNames.Describe(new TableColumn(relation, column)) : objectNames.Describe(item);
        if (names.Snapshot.FindType(oid) is { } type)
            return $"type {names.FormatType(type)}";
        if (BuiltinFunctions.Functions.FirstOrDefault(function => function.Oid == oid) is { } found)
            return $"function {FunctionText.Signature(found, names)}";
        if (BuiltinFunctions.Operators.FirstOrDefault(op => op.Oid == oid) is { } op)
            return $"operator {op.Name}({(op.Left is null ? "none" : names.FormatType(op.Left))},{names.FormatType(op.Right)})";
        if (FunctionTables.Casts.FirstOrDefault(entry => entry.Oid == oid).Cast is { } cast)
            return $"cast from {names.FormatType(cast.From)} to {names.FormatType(cast.To)}";
        if (AccessMethods.Describe(oid) is { } member)
            return member;
        foreach (var table in names.Snapshot.All<Relation>())
            if (table.Constraints.FirstOrDefault(constraint => constraint.Oid == oid) is { } constraint)
                return objectNames.Describe(new TableConstraint(table, constraint));
        return null;
    }
}

/// <summary>Functions as text.</summary>
static class FunctionText
{
    public static string Signature(Function function, NameResolver names)
        => $"{Identifier.Quote(function.Name)}({string.Join(",", function.Arguments.Select(argument => names.FormatType(argument)))})";

    public static string Arguments(Function function, NameResolver names, bool withDefaults)
    {
        var firstDefault = function.Arguments.Count - function.Defaults.Count;
        var inputs = function.Arguments.Select((type, i) =>
        {
            var name = i < function.ArgumentNames.Count && function.ArgumentNames[i].Length > 0 ? Identifier.Quote(function.ArgumentNames[i]) + " " : "";
            var variadic = function.IsVariadic && i == function.Arguments.Count - 1 ? "VARIADIC " : "";
            var value = withDefaults && i >= firstDefault ? " DEFAULT " + Default(type, function.Defaults[i - firstDefault]) : "";
            return variadic + name + names.FormatType(type) + value;
        });
        return string.Join(", ", inputs.Concat(withDefaults ? function.OutputColumns.Select(column => $"OUT {Identifier.Quote(column.Name)} {names.FormatType(column.Type)}") : []));
    }

    public static string Result(Function function, NameResolver names)
        => (function.ReturnsSet ? "SETOF " : "") + names.FormatType(function.Result);

    static string Default(PgType type, Datum value)
    {
        if (value.IsNull)
            return $"NULL::{type}";
        var text = type.Codec.ToText(value, TypeSettings.Default);
        return type == PgTypes.Bool ? text == "t" ? "true" : "false" : type == PgTypes.Int4 ? text : $"'{text}'::{type}";
    }
}

/// <summary>Comments by the object they are on, as pg_description has them.</summary>
static class Comments
{
    public static string? Find(CatalogSnapshot snapshot, uint oid, short column)
    {
        if (column != 0)
            return snapshot.Find<Relation>(oid)?.LiveColumns.FirstOrDefault(other => other.Number == column)?.Comment;
        return snapshot.Find(oid)?.Comment ?? All(snapshot).FirstOrDefault(comment => comment.Object == oid && comment.Column == 0).Text;
    }

    /// <summary>Every comment of the database with its catalog's OID.</summary>
    public static IEnumerable<(uint Object, uint Class, short Column, string Text)> All(CatalogSnapshot snapshot)
    {
        foreach (var item in snapshot.All<CatalogObject>())
        {
            if (item.Comment is { } text)
                yield return item is Relation { Kind: RelationKind.CompositeType } type ? (type.RowTypeOid, WellKnownOids.PgType, (short)0, text) : (item.Oid, ClassOf(item), (short)0, text);
            if (item is not Relation relation)
                continue;
            foreach (var column in relation.LiveColumns)
                if (column.Comment is { } comment)
                    yield return (relation.Oid, WellKnownOids.PgClass, column.Number, comment);
            foreach (var constraint in relation.Constraints)
                if (constraint.Comment is { } comment)
                    yield return (constraint.Oid, WellKnownOids.PgConstraint, 0, comment);
        }
    }

    /// <summary>The catalog that lists an object.</summary>
    public static uint ClassOf(CatalogObject item) => item switch
    {
        SchemaDefinition => WellKnownOids.PgNamespace,
        TypeDefinition => WellKnownOids.PgType,
        ExtensionDefinition => WellKnownOids.PgExtension,
        RoleDefinition => WellKnownOids.PgAuthid,
        DatabaseDefinition => WellKnownOids.PgDatabase,
        _ => WellKnownOids.PgClass,
    };
}
