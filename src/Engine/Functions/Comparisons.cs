using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>The six comparison operators of every type, and those between types of one family.</summary>
static class Comparisons
{
    /// <summary>Symbols, the strategy of the B-tree order, the commutator and the negator.</summary>
    static readonly (string Symbol, string Word, int Strategy, string Commutator, string Negator, Func<int, bool> Holds)[] Tests =
    [
        ("<", "lt", 1, ">", ">=", order => order < 0),
        ("<=", "le", 2, ">=", ">", order => order <= 0),
        ("=", "eq", 3, "=", "<>", order => order == 0),
        (">=", "ge", 4, "<=", "<", order => order >= 0),
        (">", "gt", 5, "<", "<=", order => order > 0),
        ("<>", "ne", 0, "<>", "=", order => order != 0),
    ];

    public static FunctionTable Table { get; } = new(
        [
            .. new (string Name, PgType Type)[]
            {
                ("btboolcmp", Bool), ("btint2cmp", Int2), ("btint4cmp", Int4), ("btint8cmp", Int8), ("btfloat4cmp", Float4), ("btfloat8cmp", Float8),
                ("btoidcmp", Oid), ("bttextcmp", Text), ("btnamecmp", Name), ("btcharcmp", PgTypes.Char), ("bpcharcmp", Bpchar), ("byteacmp", Bytea), ("numeric_cmp", Numeric),
                ("date_cmp", Date), ("time_cmp", Time), ("timetz_cmp", TimeTz), ("timestamp_cmp", Timestamp), ("timestamptz_cmp", TimestampTz),
                ("interval_cmp", Interval), ("uuid_cmp", PgTypes.Uuid), ("jsonb_cmp", Jsonb), ("bitcmp", Bit), ("varbitcmp", Varbit), ("pg_lsn_cmp", PgLsn),
                ("btoidvectorcmp", OidVector), ("xid8cmp", Xid8),
            }.Select(entry => Define.Function(entry.Name, Int4, entry.Type, entry.Type, (a, b) => Datum.Of((long)Math.Sign(entry.Type.Codec.Compare(a, b))))),
        ],
        [.. Integers(), .. Floats(), .. SameType(), .. TextAndName(), .. Patterns(), .. DatesAndTimes(), .. Polymorphic(), .. EqualityOnly()]);

    static IEnumerable<Operator> Family(PgType left, PgType right, Func<string, string> functionName, Func<Datum, Datum, int> compare)
        => Tests.Select(test =>
            Define.Operator(test.Symbol, Bool, left, right, functionName(test.Word), (a, b) => Datum.Of(test.Holds(compare(a, b))), test.Strategy)
                with { Commutator = test.Commutator, Negator = test.Negator });

    // The most frequent comparisons of all get bodies without a call inside.
    static IEnumerable<Operator> Integers()
    {
        (PgType Type, int Size)[] types = [(Int2, 2), (Int4, 4), (Int8, 8)];
        foreach (var left in types)
        {
            foreach (var right in types)
            {
                var prefix = left.Size == right.Size ? $"int{left.Size}" : $"int{left.Size}{right.Size}";
                foreach (var test in Tests)
                    yield return Define.Operator(test.Symbol, Bool, left.Type, right.Type, prefix + test.Word, Integer(test.Symbol), test.Strategy)
                        with { Commutator = test.Commutator, Negator = test.Negator };
            }
        }
    }

    static Func<Datum, Datum, Datum> Integer(string symbol) => symbol switch
    {
        "<" => static (a, b) => Datum.Of(a.AsInt64 < b.AsInt64),
        "<=" => static (a, b) => Datum.Of(a.AsInt64 <= b.AsInt64),
        "=" => static (a, b) => Datum.Of(a.AsInt64 == b.AsInt64),
        ">=" => static (a, b) => Datum.Of(a.AsInt64 >= b.AsInt64),
        ">" => static (a, b) => Datum.Of(a.AsInt64 > b.AsInt64),
        _ => static (a, b) => Datum.Of(a.AsInt64 != b.AsInt64),
    };

    static IEnumerable<Operator> Floats()
        => from left in new (PgType Type, int Size)[] { (Float4, 4), (Float8, 8) }
           from right in new (PgType Type, int Size)[] { (Float4, 4), (Float8, 8) }
           let prefix = left.Size == right.Size ? $"float{left.Size}" : $"float{left.Size}{right.Size}"
           from op in Family(left.Type, right.Type, word => prefix + word, static (a, b) => FloatCodec.Compare(a.AsDouble, b.AsDouble))
           select op;

    static IEnumerable<Operator> SameType()
        => new (PgType Type, string Prefix)[]
        {
            (Bool, "bool"), (PgTypes.Char, "char"), (Name, "name"), (Oid, "oid"), (Bpchar, "bpchar"), (Bytea, "bytea"), (Numeric, "numeric_"), (Date, "date_"), (Time, "time_"),
            (TimeTz, "timetz_"), (Timestamp, "timestamp_"), (TimestampTz, "timestamptz_"), (Interval, "interval_"), (PgTypes.Uuid, "uuid_"), (Jsonb, "jsonb_"),
            (Bit, "bit"), (Varbit, "varbit"), (PgLsn, "pg_lsn_"), (Tid, "tid"), (OidVector, "oidvector"), (Record, "record_"), (Xid8, "xid8"),
        }.SelectMany(entry => Family(entry.Type, entry.Type, word => entry.Prefix + word, entry.Type.Codec.Compare));

    static IEnumerable<Operator> TextAndName()
    {
        foreach (var op in Family(Text, Text, word => word is "eq" or "ne" ? "text" + word : "text_" + word, Text.Codec.Compare))
            yield return op.Name == "="
                ? op with { Function = Define.Function("texteq", Bool, Text, Text, static (a, b) => Datum.Of(a.AsString == b.AsString)) }
                : op;
        foreach (var op in Family(Name, Text, word => $"name{word}text", Text.Codec.Compare).Concat(Family(Text, Name, word => $"text{word}name", Text.Codec.Compare)))
            yield return op;
    }

    // By code points, which is the order of all text here.
    static IEnumerable<Operator> Patterns()
        => from type in new[] { Text, Bpchar }
           from test in Tests.Where(test => test.Strategy is not (0 or 3))
           select Define.Operator($"~{test.Symbol}~", Bool, type, type, $"{type.Name}_pattern_{test.Word}", (a, b) => Datum.Of(test.Holds(type.Codec.Compare(a, b))), test.Strategy)
               with { Commutator = $"~{test.Commutator}~", Negator = $"~{test.Negator}~" };

    static IEnumerable<Operator> DatesAndTimes()
    {
        PgType[] types = [Date, Timestamp, TimestampTz];
        foreach (var left in types)
        {
            foreach (var right in types.Where(right => right != left))
            {
                foreach (var test in Tests)
                {
                    var function = Define.Function($"{left.Name}_{test.Word}_{right.Name}", Bool, [left, right], (arguments, _, context) =>
                    {
                        var zone = left == TimestampTz || right == TimestampTz ? context.Settings.TimeZone : null;
                        return Datum.Of(test.Holds(Moment(arguments[0], left, zone).CompareTo(Moment(arguments[1], right, zone))));
                    });
                    yield return new Operator(test.Symbol, left, right, zoneDependent(function), test.Strategy) { Commutator = test.Commutator, Negator = test.Negator };
                }
            }
        }

        static Function zoneDependent(Function function)
            => function.Arguments.Contains(TimestampTz) ? function with { Volatility = Volatility.Stable } : function;
    }

    /// <summary>A date or timestamp as microseconds, in UTC when there is a zone to count from. Dates may lie beyond timestamp's range.</summary>
    static Int128 Moment(Datum value, PgType type, PgTimeZone? zone)
    {
        if (type == Date && value.AsInt32 is int.MinValue or int.MaxValue)
            return value.AsInt32 < 0 ? Int128.MinValue : Int128.MaxValue;
        if (type != Date && value.AsInt64 is long.MinValue or long.MaxValue)
            return value.AsInt64 < 0 ? Int128.MinValue : Int128.MaxValue;
        var local = type == Date ? (Int128)value.AsInt32 * Calendar.MicrosPerDay : value.AsInt64;
        return zone is null || type == TimestampTz ? local
            : local - zone.AtLocal((long)Int128.Clamp(local, TimestampCodec.Min, TimestampCodec.End)).Seconds * Calendar.MicrosPerSecond;
    }

    static IEnumerable<Operator> Polymorphic()
        => from entry in new (PgType Type, string Prefix)[] { (AnyArray, "array_"), (AnyEnum, "enum_") }
           from test in Tests
           select new Operator(
               test.Symbol, entry.Type, entry.Type,
               Define.Function(entry.Prefix + test.Word, Bool, [entry.Type, entry.Type], (arguments, site, _) =>
               {
                   var codec = site.ArgumentTypes[0].Codec;
                   return Datum.Of(test.Symbol == "=" ? codec.Equal(arguments[0], arguments[1]) : test.Holds(codec.Compare(arguments[0], arguments[1])));
               }),
               test.Strategy) { Commutator = test.Commutator, Negator = test.Negator };

    static IEnumerable<Operator> EqualityOnly()
    {
        yield return Define.Operator("=", Bool, Xid, Xid, "xideq", static (a, b) => Datum.Of(a.AsOid == b.AsOid)) with { Commutator = "=", Negator = "<>" };
        yield return Define.Operator("<>", Bool, Xid, Xid, "xidneq", static (a, b) => Datum.Of(a.AsOid != b.AsOid)) with { Commutator = "<>", Negator = "=" };
        yield return Define.Operator("=", Bool, Cid, Cid, "cideq", static (a, b) => Datum.Of(a.AsOid == b.AsOid)) with { Commutator = "=" };
        yield return Define.Operator("=", Bool, Xid, Int4, "xideqint4", static (a, b) => Datum.Of(a.AsOid == (uint)b.AsInt32));
    }
}
