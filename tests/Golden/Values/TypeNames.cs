using System.Collections.Concurrent;

namespace PgVectorCompat.Golden.Values;

/// <summary>Names of one database's types by OID: the fixed ones, and those of extensions as <paramref name="ask"/> finds them.</summary>
sealed class TypeNames(Func<uint, string?> ask)
{
    const uint FirstUserOid = 16384;

    static readonly Dictionary<uint, string> Fixed = new()
    {
        [16] = "bool", [17] = "bytea", [18] = "char", [19] = "name", [20] = "int8", [21] = "int2", [23] = "int4", [25] = "text",
        [26] = "oid", [114] = "json", [700] = "float4", [701] = "float8", [1042] = "bpchar", [1043] = "varchar", [1082] = "date",
        [1083] = "time", [1114] = "timestamp", [1184] = "timestamptz", [1186] = "interval", [1560] = "bit", [1562] = "varbit",
        [1700] = "numeric", [2950] = "uuid", [3802] = "jsonb",
        [1000] = "_bool", [1001] = "_bytea", [1002] = "_char", [1003] = "_name", [1016] = "_int8", [1005] = "_int2", [1007] = "_int4",
        [1009] = "_text", [1028] = "_oid", [199] = "_json", [1021] = "_float4", [1022] = "_float8", [1014] = "_bpchar",
        [1015] = "_varchar", [1182] = "_date", [1183] = "_time", [1115] = "_timestamp", [1185] = "_timestamptz", [1187] = "_interval",
        [1561] = "_bit", [1563] = "_varbit", [1231] = "_numeric", [2951] = "_uuid", [3807] = "_jsonb",
    };

    readonly ConcurrentDictionary<uint, string> _found = new();

    public string? this[uint oid]
    {
        get
        {
            if (Fixed.TryGetValue(oid, out var name) || _found.TryGetValue(oid, out name)) return name;
            if (oid < FirstUserOid || ask(oid) is not { } asked) return null;
            return _found[oid] = asked;
        }
    }
}
