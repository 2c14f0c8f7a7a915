using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.CatalogFunctions.CatalogFunction;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>pg_…_is_visible and to_reg…: names and OIDs along the search path.</summary>
static class VisibilityFunctions
{
    public static FunctionTable Table => new(
    [
        Lookup("pg_table_is_visible", PgTypes.Bool, [PgTypes.Oid], (arguments, names) => IsRelationVisible(arguments[0].AsOid, names)),
        Lookup("pg_type_is_visible", PgTypes.Bool, [PgTypes.Oid], (arguments, names)
            => names.Snapshot.FindType(arguments[0].AsOid) is { } type ? Datum.Of(names.IsTypeVisible(type)) : Datum.Null),
        Lookup("pg_function_is_visible", PgTypes.Bool, [PgTypes.Oid], (arguments, names) => IsFunctionVisible(arguments[0].AsOid, names)),
        Lookup("pg_operator_is_visible", PgTypes.Bool, [PgTypes.Oid], (arguments, names) => IsOperatorVisible(arguments[0].AsOid, names)),
        Lookup("pg_opclass_is_visible", PgTypes.Bool, [PgTypes.Oid], (arguments, names) => IsClassVisible(arguments[0].AsOid, operatorClass => operatorClass.Oid, names)),
        Lookup("pg_opfamily_is_visible", PgTypes.Bool, [PgTypes.Oid], (arguments, names) => IsClassVisible(arguments[0].AsOid, operatorClass => operatorClass.FamilyOid, names)),
        .. new[] { "collation", "conversion", "statistics_obj", "ts_config", "ts_dict", "ts_parser", "ts_template" }
            .Select(kind => Lookup($"pg_{kind}_is_visible", PgTypes.Bool, [PgTypes.Oid], (_, _) => Datum.True)),
        ToReg("to_regclass", PgTypes.RegClass),
        ToReg("to_regtype", PgTypes.RegType),
        ToReg("to_regproc", PgTypes.RegProc),
        ToReg("to_regprocedure", PgTypes.RegProcedure),
        ToReg("to_regoper", PgTypes.RegOper),
        ToReg("to_regoperator", PgTypes.RegOperator),
        ToReg("to_regnamespace", PgTypes.RegNamespace),
        ToReg("to_regrole", PgTypes.RegRole),
        ToReg("to_regcollation", PgTypes.RegCollation),
    ]);

    static Datum IsRelationVisible(uint oid, NameResolver names) => names.Snapshot.Find(oid) switch
    {
        SchemaObject item => Datum.Of(names.FindRelation(new Sql.QualifiedName(null, null, item.Name, 0)) is SchemaObject found && found.Oid == oid),
        _ => SystemTables.Find(oid) is { } table ? Datum.Of(ReferenceEquals(names.FindRelation(new Sql.QualifiedName(null, null, table.Name, 0)), table)) : Datum.Null,
    };

    static Datum IsFunctionVisible(uint oid, NameResolver names)
        => BuiltinFunctions.Functions.FirstOrDefault(function => function.Oid == oid) is { } function
            ? Datum.Of(names.FindFunctions(null, function.Name).Contains(function))
            : Datum.Null;

    static Datum IsOperatorVisible(uint oid, NameResolver names)
        => BuiltinFunctions.Operators.FirstOrDefault(op => op.Oid == oid) is { } op ? Datum.Of(names.FindOperators(null, op.Name).Contains(op)) : Datum.Null;

    static Datum IsClassVisible(uint oid, Func<OperatorClass, uint> oidOf, NameResolver names)
        => OperatorClasses.All.FirstOrDefault(operatorClass => oidOf(operatorClass) == oid) is { } found && AccessMethods.IsInstalled(found, names.Snapshot)
            ? Datum.Of(names.Path.Contains(AccessMethods.SchemaOf(found, names)))
            : Datum.Null;

    /// <summary>As a cast to the reg type, but NULL where that would not find the name.</summary>
    static Function ToReg(string name, PgType type) => Of(name, type, [PgTypes.Text], (arguments, context) =>
    {
        try
        {
            return type.Codec.Parse(arguments[0].AsString, -1, context.Settings);
        }
        catch (PgError error) when (error.SqlState is SqlState.UndefinedTable or SqlState.UndefinedObject or SqlState.UndefinedFunction or SqlState.InvalidSchemaName or SqlState.AmbiguousFunction or SqlState.FeatureNotSupported)
        {
            return Datum.Null;
        }
    });
}
