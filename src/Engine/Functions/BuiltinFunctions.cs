using System.Collections.Frozen;
using PgVectorCompat.Engine.SystemViews.CatalogFunctions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>
/// One area's functions, operators and casts. Every file of this folder that has some is such a class, and is listed once in
/// <see cref="BuiltinFunctions"/>.
/// </summary>
public sealed record FunctionTable(IEnumerable<Function> Functions, IEnumerable<Operator>? Operators = null, IEnumerable<Cast>? Casts = null);

/// <summary>All functions, operators and casts that the program brings, by name; extensions' ones are marked with their extension.</summary>
public static class BuiltinFunctions
{
    // One line for each file that defines some; the order only decides OIDs.
    static readonly FunctionTable[] Tables =
    [
        Comparisons.Table,
        IntegerFunctions.Table,
        FloatFunctions.Table,
        NumericMathFunctions.Table,
        NumberCasts.Table,
        TextFunctions.Table,
        TextCasts.Table,
        PatternFunctions.Table,
        FormattingFunctions.Table,
        BinaryFunctions.Table,
        BitFunctions.Table,
        DateTimeOperators.Table,
        DateTimeFunctions.Table,
        JsonOperators.Table,
        JsonPathFunctions.Table,
        JsonFunctions.Table,
        ArrayFunctions.Table,
        GenericFunctions.Table,
        Aggregates.Table,
        AggregateMoments.Table,
        AggregateCollections.Table,
        AggregateOrderedSets.Table,
        WindowFunctions.Table,
        SetReturning.Table,
        SequenceFunctions.Table,
        DefinitionFunctions.Table,
        VisibilityFunctions.Table,
        PrivilegeFunctions.Table,
        SessionFunctions.Table,
        SizeFunctions.Table,
        SettingFunctions.Table,
        LockFunctions.Table,
        CheckFunctions.Table,
        BackupFunctions.Table,
        VectorFunctions.Table,
        RuVectorFunctions.Table,
    ];

    /// <summary>OIDs of built-in functions and operators are handed out from here, below FirstNormalObjectId (16384).</summary>
    const uint FirstOid = 10_000;

    public static readonly IReadOnlyList<Function> Functions = NumberFunctions();
    public static readonly IReadOnlyList<Operator> Operators = NumberOperators();
    public static readonly IReadOnlyList<Cast> Casts = [.. Tables.SelectMany(table => table.Casts ?? [])];

    public static readonly FrozenDictionary<string, Function[]> FunctionsByName = Functions.GroupBy(f => f.Name).ToFrozenDictionary(g => g.Key, g => g.ToArray());
    public static readonly FrozenDictionary<string, Operator[]> OperatorsByName = Operators.GroupBy(o => o.Name).ToFrozenDictionary(g => g.Key, g => g.ToArray());
    public static readonly FrozenDictionary<(uint From, uint To), Cast> CastsByTypes = Casts.ToFrozenDictionary(cast => (cast.From.Oid, cast.To.Oid));

    // An operator's function is also a function of its own (int4pl), as is a cast's.
    static List<Function> NumberFunctions()
    {
        var numbered = new List<Function>();
        var oids = new Dictionary<(string, string), uint>();
        var all = Tables.SelectMany(table => table.Functions
            .Concat((table.Operators ?? []).Select(op => op.Function))
            .Concat((table.Casts ?? []).Select(cast => cast.Function).OfType<Function>()));
        foreach (var function in all)
        {
            // The same function may stand behind several operators or casts: they share its number.
            var key = (function.Name, string.Join(',', function.Arguments.Select(argument => argument.Oid)));
            if (!oids.TryGetValue(key, out var oid))
            {
                oids.Add(key, oid = FirstOid + (uint)numbered.Count);
                numbered.Add(function);
            }
            function.Oid = oid;
        }
        return numbered;
    }

    static List<Operator> NumberOperators()
    {
        var operators = Tables.SelectMany(table => table.Operators ?? []).ToList();
        for (var i = 0; i < operators.Count; i++)
            operators[i].Oid = FirstOid + 5000 + (uint)i;
        return operators;
    }
}
