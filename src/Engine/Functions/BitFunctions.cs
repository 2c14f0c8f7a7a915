using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Functions, operators and casts of bit strings.</summary>
static class BitFunctions
{
    const CastContext I = CastContext.Implicit, E = CastContext.Explicit;

    public static FunctionTable Table { get; } = new([.. Functions()], [.. Operators()], [.. Casts()]);

    static BitString Of(Datum value) => value.As<BitString>();

    static IEnumerable<Operator> Operators() =>
    [
        Define.Operator("&", Bit, Bit, Bit, "bitand", static (a, b) => Datum.Of(BitString.Combine(Of(a), Of(b), "AND"))) with { Commutator = "&" },
        Define.Operator("|", Bit, Bit, Bit, "bitor", static (a, b) => Datum.Of(BitString.Combine(Of(a), Of(b), "OR"))) with { Commutator = "|" },
        Define.Operator("#", Bit, Bit, Bit, "bitxor", static (a, b) => Datum.Of(BitString.Combine(Of(a), Of(b), "XOR"))) with { Commutator = "#" },
        Define.Prefix("~", Bit, Bit, "bitnot", static a => Datum.Of(Of(a).Not())),
        Define.Operator("<<", Bit, Bit, Int4, "bitshiftleft", static (a, b) => Datum.Of(Of(a).Shift(b.AsInt32))),
        Define.Operator(">>", Bit, Bit, Int4, "bitshiftright", static (a, b) => Datum.Of(Of(a).Shift(-Math.Max(b.AsInt32, -int.MaxValue)))),
        Define.Operator("||", Varbit, Varbit, Varbit, "bitcat", static (a, b) => Datum.Of(BitString.Concat(Of(a), Of(b)))),
    ];

    static IEnumerable<Function> Functions() =>
    [
        Define.Function("length", Int4, Bit, static a => Datum.Of((long)Of(a).Length)),
        Define.Function("bit_length", Int4, Bit, static a => Datum.Of((long)Of(a).Length)),
        Define.Function("octet_length", Int4, Bit, static a => Datum.Of((long)Of(a).Bytes.Length)),
        Define.Function("bit_count", Int8, Bit, static a => Datum.Of(Of(a).CountOnes())),
        Define.Function("substring", Bit, Bit, Int4, static (a, b) => Datum.Of(Substring(Of(a), b.AsInt32, null))),
        Define.Function("substring", Bit, [Bit, Int4, Int4], static (a, _, _) => Datum.Of(Substring(Of(a[0]), a[1].AsInt32, a[2].AsInt32))),
        Define.Function("overlay", Bit, [Bit, Bit, Int4], static (a, _, _) => Datum.Of(Overlay(Of(a[0]), Of(a[1]), a[2].AsInt32, Of(a[1]).Length))),
        Define.Function("overlay", Bit, [Bit, Bit, Int4, Int4], static (a, _, _) => Datum.Of(Overlay(Of(a[0]), Of(a[1]), a[2].AsInt32, a[3].AsInt32))),
        Define.Function("position", Int4, Bit, Bit, static (a, b) => Datum.Of(Of(a).ToString().IndexOf(Of(b).ToString(), StringComparison.Ordinal) + 1L)),
        Define.Function("get_bit", Int4, Bit, Int4, static (a, b) => Datum.Of(Of(a)[Index(Of(a), b.AsInt32)] ? 1L : 0L)),
        Define.Function("set_bit", Bit, [Bit, Int4, Int4], static (a, _, _) => Datum.Of(With(Of(a[0]), a[1].AsInt32, a[2].AsInt32))),
    ];

    static int Index(BitString bits, int index)
        => index >= 0 && index < bits.Length ? index : throw new PgError(SqlState.ArraySubscriptError, $"bit index {index} out of valid range (0..{bits.Length - 1})");

    static BitString With(BitString bits, int index, int value)
    {
        Index(bits, index);
        if (value is not (0 or 1))
            throw new PgError(SqlState.InvalidParameterValue, "new bit must be 0 or 1");
        var bytes = (byte[])bits.Bytes.Clone();
        var mask = (byte)(0x80 >> (index & 7));
        bytes[index >> 3] = (byte)(value == 1 ? bytes[index >> 3] | mask : bytes[index >> 3] & ~mask);
        return new(bits.Length, bytes);
    }

    static BitString Substring(BitString bits, int start, int? length)
    {
        if (length < 0)
            throw new PgError(SqlState.SubstringError, "negative substring length not allowed");
        var end = Math.Min(length is { } count ? (long)start - 1 + count : long.MaxValue, bits.Length);
        var from = Math.Clamp(start - 1L, 0, bits.Length);
        var size = (int)Math.Max(0, end - from);
        return bits.Slice((int)from, size, size);
    }

    static BitString Overlay(BitString bits, BitString replacement, int start, int length)
    {
        if (start <= 0)
            throw new PgError(SqlState.SubstringError, "negative substring length not allowed");
        if ((long)start + length > int.MaxValue)
            throw PgError.OutOfRange("integer out of range");
        return BitString.Concat(BitString.Concat(Substring(bits, 1, start - 1), replacement), Substring(bits, start + length, null));
    }

    static IEnumerable<Cast> Casts() =>
    [
        Define.Relabel(Bit, Varbit, I),
        Define.Relabel(Varbit, Bit, I),
        FromInteger(Int4),
        FromInteger(Int8),
        Define.Cast(Bit, Int4, E, "int4", static a => Datum.Of((long)(int)ToInteger(Of(a), 32, "integer"))),
        Define.Cast(Bit, Int8, E, "int8", static a => Datum.Of((long)ToInteger(Of(a), 64, "bigint"))),
    ];

    // Takes the modifier too: the number's lowest bits fill the length from the right, its sign the rest.
    static Cast FromInteger(PgType type)
        => new(type, Bit, E, Define.Function("bit", Bit, [type, Int4], static (a, _, _) =>
        {
            var length = a[1].AsInt32 > 0 ? a[1].AsInt32 : 1;
            var bytes = new byte[BitString.ByteCount(length)];
            for (var i = 0; i < length; i++)
            {
                var fromRight = length - 1 - i;
                if ((a[0].AsInt64 >> Math.Min(fromRight, 63) & 1) != 0)
                    bytes[i >> 3] |= (byte)(0x80 >> (i & 7));
            }
            return Datum.Of(new BitString(length, bytes));
        }));

    static ulong ToInteger(BitString bits, int size, string name)
    {
        if (bits.Length > size)
            throw PgError.OutOfRange($"{name} out of range");
        var value = 0UL;
        for (var i = 0; i < bits.Length; i++)
            value = value << 1 | (bits[i] ? 1UL : 0);
        return value;
    }
}
