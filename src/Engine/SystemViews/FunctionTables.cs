using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;
using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>pg_proc, pg_aggregate, pg_operator, pg_cast, pg_language.</summary>
static class FunctionTables
{
    const uint InternalLanguage = 12;
    const uint CLanguage = 13;
    const uint SqlLanguage = 14;

    public static readonly SystemTable[] All =
    [
        Table(WellKnownOids.PgProc, "pg_proc",
            "oid oid, proname name, pronamespace oid, proowner oid, prolang oid, procost float4, prorows float4, provariadic oid, prosupport regproc, prokind char, prosecdef bool, " +
            "proleakproof bool, proisstrict bool, proretset bool, provolatile char, proparallel char, pronargs int2, pronargdefaults int2, prorettype oid, proargtypes oidvector, " +
            "proallargtypes _oid, proargmodes _char, proargnames _text, proargdefaults pg_node_tree, protrftypes _oid, prosrc text, probin text, prosqlbody pg_node_tree, " +
            "proconfig _text, proacl _text",
            names => Visible(names).Select(function => Function(names, function)).Concat(FunctionOids.All.Select(function => InputOutput(function.Oid, function.Name)))),
        Table(2600, "pg_aggregate",
            "aggfnoid regproc, aggkind char, aggnumdirectargs int2, aggtransfn regproc, aggfinalfn regproc, aggcombinefn regproc, aggserialfn regproc, aggdeserialfn regproc, " +
            "aggmtransfn regproc, aggminvtransfn regproc, aggmfinalfn regproc, aggfinalextra bool, aggmfinalextra bool, aggfinalmodify char, aggmfinalmodify char, aggsortop oid, " +
            "aggtranstype oid, aggtransspace int4, aggmtranstype oid, aggmtransspace int4, agginitval text, aggminitval text",
            names => Visible(names).Where(function => function.Kind == FunctionKind.Aggregate).Select(Aggregate)),
        Table(2617, "pg_operator",
            "oid oid, oprname name, oprnamespace oid, oprowner oid, oprkind char, oprcanmerge bool, oprcanhash bool, oprleft oid, oprright oid, oprresult oid, oprcom oid, " +
            "oprnegate oid, oprcode regproc, oprrest regproc, oprjoin regproc",
            names => BuiltinFunctions.Operators.Where(op => names.Snapshot.SchemaOf(op.Function) != 0).Select(op => new[]
            {
                Oid(op.Oid), Text(op.Name), Oid(names.Snapshot.SchemaOf(op.Function)), Oid(WellKnownOids.BootstrapSuperuser), Char(op.Left is null ? 'l' : 'b'), Bool(op.Strategy == 3), Bool(op.Strategy == 3),
                Oid(op.Left?.Oid ?? 0), Oid(op.Right.Oid), Oid(op.Result.Oid), Oid(Related(op.Commutator, op.Right, op.Left)), Oid(Related(op.Negator, op.Left, op.Right)), Oid(op.Function.Oid), Oid(0), Oid(0),
            })),
        Table(2605, "pg_cast", "oid oid, castsource oid, casttarget oid, castfunc oid, castcontext char, castmethod char",
            names => Casts
                .Where(entry => names.Snapshot.FindType(entry.Cast.From.Oid) is not null && names.Snapshot.FindType(entry.Cast.To.Oid) is not null && names.Snapshot.HasExtension(entry.Cast.Extension))
                .Select(entry => new[]
                {
                    Oid(entry.Oid), Oid(entry.Cast.From.Oid), Oid(entry.Cast.To.Oid), Oid(entry.Cast.Function?.Oid ?? 0), Char((char)entry.Cast.Context), Char(entry.Cast.Function is null ? 'b' : 'f'),
                })),
        Table(2612, "pg_language", "oid oid, lanname name, lanowner oid, lanispl bool, lanpltrusted bool, lanplcallfoid oid, laninline oid, lanvalidator oid, lanacl _text",
            _ =>
            [
                Language(InternalLanguage, "internal", false), Language(CLanguage, "c", false), Language(SqlLanguage, "sql", true),
            ]),
    ];

    const uint FirstCast = 9000;

    /// <summary>The casts with their OIDs.</summary>
    public static IEnumerable<(Cast Cast, uint Oid)> Casts => BuiltinFunctions.Casts.Select((cast, i) => (cast, FirstCast + (uint)i));

    static IEnumerable<Function> Visible(NameResolver names) => BuiltinFunctions.Functions.Where(function => names.Snapshot.SchemaOf(function) != 0);

    static Datum[] Function(NameResolver names, Function function)
    {
        var hasOutputs = function.OutputColumns.Count > 0;
        var isAggregate = function.Kind == FunctionKind.Aggregate;
        var allTypes = function.Arguments.Concat(function.OutputColumns.Select(column => column.Type)).ToList();
        var allNames = function.Arguments.Select((_, i) => i < function.ArgumentNames.Count ? function.ArgumentNames[i] : "").Concat(function.OutputColumns.Select(column => column.Name)).ToList();
        return
        [
            Oid(function.Oid), Text(function.Name), Oid(names.Snapshot.SchemaOf(function)), Oid(WellKnownOids.BootstrapSuperuser), Oid(function.Extension is null || isAggregate ? InternalLanguage : CLanguage),
            Real(1), Real(function.ReturnsSet ? 1000 : 0), Oid(function.IsVariadic ? (function.Arguments[^1].Element ?? function.Arguments[^1]).Oid : 0), Oid(0), Char((char)function.Kind), Bool(false), Bool(false),
            Bool(function.IsStrict && function.Kind != FunctionKind.Aggregate), Bool(function.ReturnsSet), Char((char)function.Volatility), Char('s'), Int(function.Arguments.Count), Int(function.Defaults.Count), Oid(function.Result.Oid),
            OidVector(function.Arguments.Select(argument => argument.Oid)), hasOutputs ? Oids(allTypes.Select(type => type.Oid)) : Null,
            hasOutputs ? Datum.Of(new PgArray(PgTypes.Char, [.. allTypes.Select((_, i) => Char(i < function.Arguments.Count ? 'i' : function.ReturnsSet ? 't' : 'o'))])) : Null,
            allNames.Any(name => name.Length > 0) ? Texts(allNames) : Null, Null, Null, Text(isAggregate ? "aggregate_dummy" : function.Name),
            function.Extension is null || isAggregate ? Null : Text("$libdir/" + function.Extension), Null, Null, Null,
        ];
    }

    /// <summary>
    /// A row of pg_aggregate. Only the vector types' aggregates are made of functions that SQL has, as in pgvector; the others' steps are within the program,
    /// so that the columns for them stay empty.
    /// </summary>
    static Datum[] Aggregate(Function function)
    {
        var (kind, direct) = AggregateOrderedSets.KindOf(function.Name);
        var type = function.Extension is null ? null : function.Result;
        var isAverage = function.Name == "avg";
        uint Part(string suffix) => type is null ? 0 : BuiltinFunctions.FunctionsByName.GetValueOrDefault($"{type.Name}_{suffix}", [])[0].Oid;
        var step = isAverage ? Part("accum") : Part("add");
        return
        [
            Oid(function.Oid), Char(kind), Int(direct), Oid(step), Oid(isAverage ? Part("avg") : 0), Oid(isAverage ? Part("combine") : step), Oid(0), Oid(0), Oid(0), Oid(0), Oid(0),
            Bool(false), Bool(false), Char('r'), Char('r'), Oid(0), Oid((type is null ? PgTypes.Internal : isAverage ? PgTypes.Float8.Array! : type).Oid), Int(0), Oid(0), Int(0),
            type is not null && isAverage ? Text("{0}") : Null, Null,
        ];
    }

    static Datum[] InputOutput(uint oid, string name) =>
    [
        Oid(oid), Text(name), Oid(WellKnownOids.PgCatalog), Oid(WellKnownOids.BootstrapSuperuser), Oid(InternalLanguage), Real(1), Real(0), Oid(0), Oid(0), Char('f'), Bool(false), Bool(false),
        Bool(true), Bool(false), Char('s'), Char('s'), Int(1), Int(0), Oid(PgTypes.Internal.Oid), OidVector([PgTypes.Internal.Oid]), Null, Null, Null, Null, Null, Text(name), Null, Null, Null, Null,
    ];

    static Datum[] Language(uint oid, string name, bool isTrusted)
        => [Oid(oid), Text(name), Oid(WellKnownOids.BootstrapSuperuser), Bool(false), Bool(isTrusted), Oid(0), Oid(0), Oid(0), Null];

    static uint Related(string? name, PgType? left, PgType? right)
        => name is null ? 0 : BuiltinFunctions.OperatorsByName.GetValueOrDefault(name, []).FirstOrDefault(op => op.Left == left && op.Right == right)?.Oid ?? 0;
}
