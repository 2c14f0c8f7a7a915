using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>The B-tree operator classes, with PostgreSQL's OIDs where it fixes them. Every ordered type has one; order is always the type's own.</summary>
public static class BtreeClasses
{
    public static readonly IReadOnlyList<OperatorClass> All =
    [
        new(10_000, 397, "array_ops", "array_ops", PgTypes.AnyArray),
        new(10_002, 423, "bit_ops", "bit_ops", PgTypes.Bit),
        new(10_003, 424, "bool_ops", "bool_ops", PgTypes.Bool),
        new(10_004, 426, "bpchar_ops", "bpchar_ops", PgTypes.Bpchar),
        new(10_006, 428, "bytea_ops", "bytea_ops", PgTypes.Bytea),
        new(10_007, 429, "char_ops", "char_ops", PgTypes.Char),
        new(3122, 434, "date_ops", "datetime_ops", PgTypes.Date),
        new(10_012, 1970, "float4_ops", "float_ops", PgTypes.Float4),
        new(3123, 1970, "float8_ops", "float_ops", PgTypes.Float8),
        new(1979, 1976, "int2_ops", "integer_ops", PgTypes.Int2),
        new(1978, 1976, "int4_ops", "integer_ops", PgTypes.Int4),
        new(3124, 1976, "int8_ops", "integer_ops", PgTypes.Int8),
        new(10_022, 1982, "interval_ops", "interval_ops", PgTypes.Interval),
        new(10_026, 1986, "name_ops", "text_ops", PgTypes.Name),
        new(3125, 1988, "numeric_ops", "numeric_ops", PgTypes.Numeric),
        new(1981, 1989, "oid_ops", "oid_ops", PgTypes.Oid),
        new(10_030, 1991, "oidvector_ops", "oidvector_ops", PgTypes.OidVector),
        new(10_033, 2994, "record_ops", "record_ops", PgTypes.Record),
        new(3126, 1994, "text_ops", "text_ops", PgTypes.Text),
        new(10_036, 1996, "time_ops", "time_ops", PgTypes.Time),
        new(3127, 434, "timestamptz_ops", "datetime_ops", PgTypes.TimestampTz),
        new(10_040, 2000, "timetz_ops", "timetz_ops", PgTypes.TimeTz),
        new(10_042, 2002, "varbit_ops", "varbit_ops", PgTypes.Varbit),
        new(10_043, 1994, "varchar_ops", "text_ops", PgTypes.Text, IsDefault: false),
        new(3128, 434, "timestamp_ops", "datetime_ops", PgTypes.Timestamp),
        new(4217, 2095, "text_pattern_ops", "text_pattern_ops", PgTypes.Text, IsDefault: false),
        new(4218, 2095, "varchar_pattern_ops", "text_pattern_ops", PgTypes.Text, IsDefault: false),
        new(4219, 2097, "bpchar_pattern_ops", "bpchar_pattern_ops", PgTypes.Bpchar, IsDefault: false),
        new(10_051, 2789, "tid_ops", "tid_ops", PgTypes.Tid),
        new(10_065, 2968, "uuid_ops", "uuid_ops", PgTypes.Uuid),
        new(10_067, 3253, "pg_lsn_ops", "pg_lsn_ops", PgTypes.PgLsn),
        new(10_069, 3522, "enum_ops", "enum_ops", PgTypes.AnyEnum),
        new(10_082, 4033, "jsonb_ops", "jsonb_ops", PgTypes.Jsonb),
        new(10_083, 5067, "xid8_ops", "xid8_ops", PgTypes.Xid8),
        new(16_400, 16_401, "vector_ops", "vector_ops", PgTypes.Vector, Extension: "vector"),
        new(16_402, 16_403, "halfvec_ops", "halfvec_ops", PgTypes.HalfVec, Extension: "vector"),
        new(16_404, 16_405, "sparsevec_ops", "sparsevec_ops", PgTypes.SparseVec, Extension: "vector"),
        new(16_406, 16_407, "ruvector_ops", "ruvector_ops", PgTypes.RuVector, Extension: "ruvector"),
    ];
}
