namespace PgVectorCompat.Types;

/// <summary>
/// The built-in types, with PostgreSQL's OIDs and properties, and the types of the vector extensions, whose OIDs are fixed here.
/// Looked up by OID or by pg_type.typname; which of them a database shows is the catalog's business.
/// </summary>
public static partial class PgTypes
{
    public static readonly PgType Bool = Define(16, 1000, "bool", 1, TypeCategory.Boolean, new BoolCodec(), "boolean", align: 'c', preferred: true);
    public static readonly PgType Bytea = Define(17, 1001, "bytea", -1, TypeCategory.User, new ByteaCodec(), storage: 'x');
    public static readonly PgType Char = Define(18, 1002, "char", 1, TypeCategory.Internal, new CharCodec(), "\"char\"", align: 'c');
    public static readonly PgType Name = Define(19, 1003, "name", 64, TypeCategory.String, new NameCodec(), align: 'c', collatable: true, subscript: Char);
    public static readonly PgType Int8 = Define(20, 1016, "int8", 8, TypeCategory.Numeric, IntegerCodec.Int8, "bigint", align: 'd');
    public static readonly PgType Int2 = Define(21, 1005, "int2", 2, TypeCategory.Numeric, IntegerCodec.Int2, "smallint", align: 's');
    public static readonly PgType Int2Vector = Define(22, 1006, "int2vector", -1, TypeCategory.Array, new NumberListCodec(Int2), subscript: Int2);
    public static readonly PgType Int4 = Define(23, 1007, "int4", 4, TypeCategory.Numeric, IntegerCodec.Int4, "integer");
    public static readonly PgType RegProc = DefineReg(24, 1008, "regproc", RegKind.Function);
    public static readonly PgType Text = Define(25, 1009, "text", -1, TypeCategory.String, new TextCodec(), storage: 'x', preferred: true, collatable: true);
    public static readonly PgType Oid = Define(26, 1028, "oid", 4, TypeCategory.Numeric, new OidCodec("oid"), preferred: true);
    public static readonly PgType Tid = Define(27, 1010, "tid", 6, TypeCategory.User, new TidCodec(), align: 's');
    public static readonly PgType Xid = Define(28, 1011, "xid", 4, TypeCategory.User, new OidCodec("xid", isOrdered: false));
    public static readonly PgType Cid = Define(29, 1012, "cid", 4, TypeCategory.User, new OidCodec("cid", isOrdered: false));
    public static readonly PgType OidVector = Define(30, 1013, "oidvector", -1, TypeCategory.Array, new NumberListCodec(Oid), subscript: Oid);
    public static readonly PgType Json = Define(114, 199, "json", -1, TypeCategory.User, new JsonCodec(), storage: 'x');
    public static readonly PgType NodeTree = Define(194, 0, "pg_node_tree", -1, TypeCategory.Internal, new TextCodec(), storage: 'x', collatable: true);
    public static readonly PgType Float4 = Define(700, 1021, "float4", 4, TypeCategory.Numeric, new Float4Codec(), "real");
    public static readonly PgType Float8 = Define(701, 1022, "float8", 8, TypeCategory.Numeric, new Float8Codec(), "double precision", align: 'd', preferred: true);
    public static readonly PgType Unknown = Define(705, 0, "unknown", -2, TypeCategory.Unknown, new TextCodec(), align: 'c', kind: TypeKind.Pseudo);
    public static readonly PgType Bpchar = Define(1042, 1014, "bpchar", -1, TypeCategory.String, new BpcharCodec(), "character", storage: 'x', collatable: true, modifier: CharacterModifier.Bpchar);
    public static readonly PgType Varchar = Define(1043, 1015, "varchar", -1, TypeCategory.String, new VarcharCodec(), "character varying", storage: 'x', collatable: true, modifier: CharacterModifier.Varchar);
    public static readonly PgType Date = Define(1082, 1182, "date", 4, TypeCategory.DateTime, new DateCodec());
    public static readonly PgType Time = Define(1083, 1183, "time", 8, TypeCategory.DateTime, new TimeCodec(), "time without time zone", align: 'd', modifier: new DateTimeModifier("TIME"));
    public static readonly PgType Timestamp = Define(1114, 1115, "timestamp", 8, TypeCategory.DateTime, new TimestampCodec(hasZone: false), "timestamp without time zone", align: 'd', modifier: new DateTimeModifier("TIMESTAMP"));
    public static readonly PgType TimestampTz = Define(1184, 1185, "timestamptz", 8, TypeCategory.DateTime, new TimestampCodec(hasZone: true), "timestamp with time zone", align: 'd', preferred: true, modifier: new DateTimeModifier("TIMESTAMP"));
    public static readonly PgType Interval = Define(1186, 1187, "interval", 16, TypeCategory.Timespan, new IntervalCodec(), align: 'd', preferred: true, modifier: new IntervalModifier());
    public static readonly PgType TimeTz = Define(1266, 1270, "timetz", 12, TypeCategory.DateTime, new TimeTzCodec(), "time with time zone", align: 'd', modifier: new DateTimeModifier("TIME"));
    public static readonly PgType Bit = Define(1560, 1561, "bit", -1, TypeCategory.BitString, new BitCodec(isVarying: false), storage: 'x', modifier: new BitModifier(isVarying: false));
    public static readonly PgType Varbit = Define(1562, 1563, "varbit", -1, TypeCategory.BitString, new BitCodec(isVarying: true), "bit varying", storage: 'x', preferred: true, modifier: new BitModifier(isVarying: true));
    public static readonly PgType Numeric = Define(1700, 1231, "numeric", -1, TypeCategory.Numeric, new NumericCodec(), storage: 'm', modifier: new NumericModifier());
    public static readonly PgType RefCursor = Define(1790, 2201, "refcursor", -1, TypeCategory.User, new TextCodec(), storage: 'x');
    public static readonly PgType RegProcedure = DefineReg(2202, 2207, "regprocedure", RegKind.FunctionWithArguments);
    public static readonly PgType RegOper = DefineReg(2203, 2208, "regoper", RegKind.Operator);
    public static readonly PgType RegOperator = DefineReg(2204, 2209, "regoperator", RegKind.OperatorWithArguments);
    public static readonly PgType RegClass = DefineReg(2205, 2210, "regclass", RegKind.Class);
    public static readonly PgType RegType = DefineReg(2206, 2211, "regtype", RegKind.Type);
    public static readonly PgType Record = Define(2249, 2287, "record", -1, TypeCategory.Pseudo, new RecordCodec(null), align: 'd', storage: 'x', kind: TypeKind.Pseudo);
    public static readonly PgType RecordArray = Record.Array!;
    public static readonly PgType Uuid = Define(2950, 2951, "uuid", 16, TypeCategory.User, new UuidCodec(), align: 'c');
    public static readonly PgType PgLsn = Define(3220, 3221, "pg_lsn", 8, TypeCategory.User, new Unsigned64Codec("pg_lsn", isLsn: true), align: 'd');
    public static readonly PgType RegConfig = DefineReg(3734, 3735, "regconfig", RegKind.TextSearchConfiguration);
    public static readonly PgType RegDictionary = DefineReg(3769, 3770, "regdictionary", RegKind.TextSearchDictionary);
    public static readonly PgType Jsonb = Define(3802, 3807, "jsonb", -1, TypeCategory.User, new JsonbCodec(), storage: 'x');
    public static readonly PgType Jsonpath = Define(4072, 4073, "jsonpath", -1, TypeCategory.User, new JsonPathCodec(), storage: 'x');
    public static readonly PgType RegNamespace = DefineReg(4089, 4090, "regnamespace", RegKind.Namespace);
    public static readonly PgType RegRole = DefineReg(4096, 4097, "regrole", RegKind.Role);
    public static readonly PgType RegCollation = DefineReg(4191, 4192, "regcollation", RegKind.Collation);
    public static readonly PgType Xid8 = Define(5069, 271, "xid8", 8, TypeCategory.User, new Unsigned64Codec("xid8", isLsn: false), align: 'd');

    public static readonly PgType CString = Define(2275, 1263, "cstring", -2, TypeCategory.Pseudo, new TextCodec(), align: 'c', kind: TypeKind.Pseudo);
    public static readonly PgType Any = Pseudo(2276, "any", display: "\"any\"");
    public static readonly PgType AnyArray = Define(2277, 0, "anyarray", -1, TypeCategory.Pseudo, new AnyArrayCodec(), align: 'd', storage: 'x', kind: TypeKind.Pseudo);
    public static readonly PgType Void = Pseudo(2278, "void");
    public static readonly PgType Trigger = Pseudo(2279, "trigger");
    public static readonly PgType LanguageHandler = Pseudo(2280, "language_handler");
    public static readonly PgType Internal = Pseudo(2281, "internal", 8);
    public static readonly PgType AnyElement = Pseudo(2283, "anyelement");
    public static readonly PgType AnyNonArray = Pseudo(2776, "anynonarray");
    public static readonly PgType AnyEnum = Pseudo(3500, "anyenum");
    public static readonly PgType AnyRange = Pseudo(3831, "anyrange", -1);
    public static readonly PgType AnyMultirange = Pseudo(4537, "anymultirange", -1);
    public static readonly PgType AnyCompatible = Pseudo(5077, "anycompatible");
    public static readonly PgType AnyCompatibleArray = Pseudo(5078, "anycompatiblearray", -1);
    public static readonly PgType AnyCompatibleNonArray = Pseudo(5079, "anycompatiblenonarray");
    public static readonly PgType FdwHandler = Pseudo(3115, "fdw_handler");
    public static readonly PgType IndexAmHandler = Pseudo(325, "index_am_handler");
    public static readonly PgType TableAmHandler = Pseudo(269, "table_am_handler");
    public static readonly PgType TsmHandler = Pseudo(3310, "tsm_handler");
    public static readonly PgType EventTrigger = Pseudo(3838, "event_trigger");

    // With a static constructor, calling Find makes all the fields first; without one it need not.
    static PgTypes()
    {
    }

    /// <summary>The type with this OID, null when it is not one of these.</summary>
    public static PgType? Find(uint oid) => TypeTable.ByOid.GetValueOrDefault(oid);

    /// <summary>The type with this pg_type.typname (<c>int4</c>, <c>_int4</c>), null when it is not one of these.</summary>
    public static PgType? Find(string name) => TypeTable.ByName.GetValueOrDefault(name);

    /// <summary>All types, arrays too, by OID.</summary>
    public static IEnumerable<PgType> All => TypeTable.ByOid.Values.OrderBy(type => type.Oid);

    /// <summary>Makes the array type over <paramref name="element"/> and links the two; the catalog calls it for types that users create.</summary>
    public static PgType MakeArray(uint oid, string name, PgType element)
    {
        var array = new PgType
        {
            Oid = oid,
            Name = name,
            DisplayName = element.DisplayName + "[]",
            Length = -1,
            Category = TypeCategory.Array,
            Alignment = element.Alignment == 'd' ? 'd' : 'i',
            Storage = 'x',
            Delimiter = element.Delimiter,
            Element = element,
            Codec = new ArrayCodec(element),
            Modifier = element.Modifier is null ? null : new ArrayModifier(element, element.Modifier),
            IsCollatable = element.IsCollatable,
        };
        element.Array = array;
        return array;
    }

    static PgType Define(
        uint oid, uint arrayOid, string name, short length, TypeCategory category, TypeCodec codec, string? display = null,
        char align = 'i', char storage = 'p', bool preferred = false, bool collatable = false, TypeModifier? modifier = null,
        PgType? subscript = null, TypeKind kind = TypeKind.Base)
    {
        var type = new PgType
        {
            Oid = oid,
            Name = name,
            DisplayName = display ?? name,
            Length = length,
            Kind = kind,
            Category = category,
            IsPreferred = preferred,
            Alignment = align,
            Storage = storage,
            Codec = codec,
            Modifier = modifier,
            IsCollatable = collatable,
            SubscriptType = subscript,
        };
        TypeTable.Add(type);
        if (arrayOid != 0)
            TypeTable.Add(MakeArray(arrayOid, "_" + name, type));
        return type;
    }

    static PgType DefineReg(uint oid, uint arrayOid, string name, RegKind kind)
        => Define(oid, arrayOid, name, 4, TypeCategory.Numeric, new RegCodec(kind, name));

    static PgType Pseudo(uint oid, string name, short length = 4, string? display = null)
        => Define(oid, 0, name, length, TypeCategory.Pseudo, new PseudoCodec(display ?? name), display,
            align: length == 8 ? 'd' : 'i', storage: length == -1 ? 'x' : 'p', kind: TypeKind.Pseudo);
}

/// <summary>The types by OID and name; apart from <see cref="PgTypes"/> so that it exists before that class's fields are filled.</summary>
static class TypeTable
{
    public static readonly Dictionary<uint, PgType> ByOid = [];
    public static readonly Dictionary<string, PgType> ByName = [];

    public static void Add(PgType type)
    {
        ByOid.Add(type.Oid, type);
        ByName.Add(type.Name, type);
    }
}
