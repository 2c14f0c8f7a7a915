using System.Runtime.CompilerServices;

namespace PgVectorCompat.Types;

/// <summary>
/// One value of a row or expression, without its type. The type is known from the plan, as in PostgreSQL; a datum only holds
/// the bits. <c>default</c> is NULL.
/// </summary>
/// <remarks>
/// How each type is held:
/// <list type="table">
/// <item><term>bool</term><description>0 or 1 in the bits</description></item>
/// <item><term>int2, int4, int8, oid, reg*, xid, cid</term><description>the number in the bits, sign-extended (oid and kin zero-extended)</description></item>
/// <item><term>float4, float8</term><description>as <see cref="double"/> bits; a float4 is widened and always exactly a float32</description></item>
/// <item><term>date</term><description>days from 2000-01-01 in the bits; ±infinity as int.MaxValue and int.MinValue</description></item>
/// <item><term>time, timestamp, timestamptz</term><description>microseconds (from midnight, from 2000-01-01 [UTC]); ±infinity as long.MaxValue and long.MinValue</description></item>
/// <item><term>pg_lsn, xid8, tid</term><description>the unsigned number in the bits; of a tid, block * 65536 + offset</description></item>
/// <item><term>enums</term><description>pg_enum.oid of the label in the bits</description></item>
/// <item><term>"char"</term><description>the byte in the bits</description></item>
/// <item><term>text, varchar, bpchar, name, json, cstring, unknown, refcursor</term><description><see cref="string"/></description></item>
/// <item><term>bytea</term><description><c>byte[]</c></description></item>
/// <item><term>numeric</term><description><see cref="PgNumeric"/></description></item>
/// <item><term>interval, timetz, uuid, bit and varbit, jsonb</term><description>the class of that name in this project (<c>PgInterval</c>, <c>PgTimeTz</c>, <c>PgUuid</c>, <c>BitString</c>, <c>JsonbValue</c>, …)</description></item>
/// <item><term>vector, ruvector</term><description><c>float[]</c></description></item>
/// <item><term>halfvec</term><description><c>Half[]</c></description></item>
/// <item><term>sparsevec</term><description><see cref="SparseVector"/></description></item>
/// <item><term>arrays, int2vector, oidvector</term><description><c>PgArray</c></description></item>
/// <item><term>record and composites</term><description><c>PgRecord</c></description></item>
/// </list>
/// Objects held here are never changed after they are made, so a datum may be shared freely between threads and rows.
/// </remarks>
public readonly struct Datum
{
    readonly object? _object;
    readonly long _bits;

    Datum(object? reference, long bits)
    {
        _object = reference;
        _bits = bits;
    }

    /// <summary>Stands in the reference field of values that live in the bits, so that a zeroed datum is NULL.</summary>
    static readonly object InBits = new();

    public static Datum Null => default;
    public static readonly Datum True = new(InBits, 1);
    public static readonly Datum False = new(InBits, 0);

    public bool IsNull
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _object is null;
    }

    /// <summary>Whether the value is held in the bits rather than as an object.</summary>
    public bool IsInBits => ReferenceEquals(_object, InBits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Datum Of(bool value) => value ? True : False;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Datum Of(long value) => new(InBits, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Datum Of(double value) => new(InBits, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A datum for an object; NULL when <paramref name="value"/> is null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Datum Of(object? value) => new(value, 0);

    public bool AsBool => _bits != 0;
    public short AsInt16 => (short)_bits;
    public int AsInt32 => (int)_bits;
    public long AsInt64 => _bits;
    public uint AsOid => (uint)_bits;
    public double AsDouble => BitConverter.Int64BitsToDouble(_bits);
    public float AsSingle => (float)BitConverter.Int64BitsToDouble(_bits);
    public string AsString => Unsafe.As<string>(_object!);
    public byte[] AsBytes => Unsafe.As<byte[]>(_object!);

    /// <summary>The object held; the caller knows the class from the type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T As<T>() where T : class => Unsafe.As<T>(_object!);

    /// <summary>The object held, unless the value is NULL or in the bits.</summary>
    public object? Reference => IsInBits ? null : _object;

    /// <summary>For debuggers and assertions only: a type's output function gives SQL text.</summary>
    public override string ToString() => IsNull ? "NULL" : IsInBits ? _bits.ToString() : _object!.ToString()!;
}
