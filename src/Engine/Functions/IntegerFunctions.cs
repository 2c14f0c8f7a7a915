using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Arithmetic and bit operators of int2, int4 and int8, and the mixtures of them, with their overflow errors.</summary>
static class IntegerFunctions
{
    static readonly (PgType Type, int Size)[] Types = [(Int2, 2), (Int4, 4), (Int8, 8)];

    public static FunctionTable Table { get; } = new([.. Functions()], [.. Binary(), .. Bits(), .. Unary()]);

    static PgError OutOfRange(int size) => PgError.OutOfRange(size switch { 2 => "smallint out of range", 4 => "integer out of range", _ => "bigint out of range" });

    /// <summary>The value as a datum of 2 or 4 bytes. Raises 22003 when it does not fit.</summary>
    static Datum Fit(long value, int size)
        => size == 4 ? (value == (int)value ? Datum.Of(value) : throw OutOfRange(4)) : value == (short)value ? Datum.Of(value) : throw OutOfRange(2);

    static IEnumerable<Operator> Binary()
    {
        foreach (var (left, leftSize) in Types)
        {
            foreach (var (right, rightSize) in Types)
            {
                var size = Math.Max(leftSize, rightSize);
                var result = size == 8 ? Int8 : size == 4 ? Int4 : Int2;
                var prefix = leftSize == rightSize ? $"int{size}" : $"int{leftSize}{rightSize}";
                yield return Define.Operator("+", result, left, right, prefix + "pl", size == 8 ? Add8 : (a, b) => Fit(a.AsInt64 + b.AsInt64, size)) with { Commutator = "+" };
                yield return Define.Operator("-", result, left, right, prefix + "mi", size == 8 ? Subtract8 : (a, b) => Fit(a.AsInt64 - b.AsInt64, size));
                yield return Define.Operator("*", result, left, right, prefix + "mul", size == 8 ? Multiply8 : (a, b) => Fit(a.AsInt64 * b.AsInt64, size)) with { Commutator = "*" };
                yield return Define.Operator("/", result, left, right, prefix + "div", (a, b) => Divide(a.AsInt64, b.AsInt64, size));
            }
        }
        foreach (var (type, size) in Types)
            yield return Define.Operator("%", type, type, type, $"int{size}mod", static (a, b) => Modulo(a, b));
    }

    static Datum Add8(Datum a, Datum b)
    {
        var sum = unchecked(a.AsInt64 + b.AsInt64);
        return ((a.AsInt64 ^ sum) & (b.AsInt64 ^ sum)) >= 0 ? Datum.Of(sum) : throw OutOfRange(8);
    }

    static Datum Subtract8(Datum a, Datum b)
    {
        var difference = unchecked(a.AsInt64 - b.AsInt64);
        return ((a.AsInt64 ^ b.AsInt64) & (a.AsInt64 ^ difference)) >= 0 ? Datum.Of(difference) : throw OutOfRange(8);
    }

    static Datum Multiply8(Datum a, Datum b)
        => Math.BigMul(a.AsInt64, b.AsInt64, out var low) == low >> 63 ? Datum.Of(low) : throw OutOfRange(8);

    static Datum Divide(long a, long b, int size)
    {
        if (b == 0)
            throw NumericArithmetic.DivisionByZero();
        if (b == -1)
            return a == long.MinValue ? throw OutOfRange(8) : size == 8 ? Datum.Of(-a) : Fit(-a, size);
        return Datum.Of(a / b);
    }

    static Datum Modulo(Datum a, Datum b)
        => b.AsInt64 == 0 ? throw NumericArithmetic.DivisionByZero() : Datum.Of(b.AsInt64 == -1 ? 0 : a.AsInt64 % b.AsInt64);

    static IEnumerable<Operator> Bits()
    {
        foreach (var (type, size) in Types)
        {
            yield return Define.Operator("&", type, type, type, $"int{size}and", static (a, b) => Datum.Of(a.AsInt64 & b.AsInt64)) with { Commutator = "&" };
            yield return Define.Operator("|", type, type, type, $"int{size}or", static (a, b) => Datum.Of(a.AsInt64 | b.AsInt64)) with { Commutator = "|" };
            yield return Define.Operator("#", type, type, type, $"int{size}xor", static (a, b) => Datum.Of(a.AsInt64 ^ b.AsInt64)) with { Commutator = "#" };
            yield return Define.Operator("<<", type, type, Int4, $"int{size}shl", (a, b) => Datum.Of(ShiftLeft(a.AsInt64, b.AsInt32, size)));
            yield return Define.Operator(">>", type, type, Int4, $"int{size}shr", (a, b) => Datum.Of(size == 8 ? a.AsInt64 >> b.AsInt32 : a.AsInt32 >> b.AsInt32));
            yield return Define.Prefix("~", type, type, $"int{size}not", static a => Datum.Of(~a.AsInt64));
        }
    }

    static long ShiftLeft(long value, int count, int size) => size switch
    {
        2 => (short)((int)value << count),
        4 => (int)value << count,
        _ => value << count,
    };

    static IEnumerable<Operator> Unary()
    {
        foreach (var (type, size) in Types)
        {
            yield return Define.Prefix("-", type, type, $"int{size}um", a => Negate(a, size));
            yield return Define.Prefix("+", type, type, $"int{size}up", static a => a);
            yield return Define.Prefix("@", type, type, $"int{size}abs", a => Absolute(a, size));
        }
    }

    static Datum Negate(Datum a, int size) => size == 8 ? (a.AsInt64 == long.MinValue ? throw OutOfRange(8) : Datum.Of(-a.AsInt64)) : Fit(-a.AsInt64, size);
    static Datum Absolute(Datum a, int size) => a.AsInt64 < 0 ? Negate(a, size) : a;

    static IEnumerable<Function> Functions()
    {
        foreach (var (type, size) in Types)
        {
            yield return Define.Function("abs", type, type, a => Absolute(a, size));
            yield return Define.Function("mod", type, type, type, static (a, b) => Modulo(a, b));
            yield return Define.Function($"int{size}larger", type, type, type, static (a, b) => Datum.Of(Math.Max(a.AsInt64, b.AsInt64)));
            yield return Define.Function($"int{size}smaller", type, type, type, static (a, b) => Datum.Of(Math.Min(a.AsInt64, b.AsInt64)));
        }
        foreach (var (type, size) in Types.Where(entry => entry.Size > 2))
        {
            yield return Define.Function("gcd", type, type, type, (a, b) => Magnitude(Gcd(a.AsInt64, b.AsInt64), size));
            yield return Define.Function("lcm", type, type, type, (a, b) => Lcm(a.AsInt64, b.AsInt64, size));
        }
        yield return Define.Function("factorial", Numeric, Int8, static a => Datum.Of(NumericFunctions.Factorial(a.AsInt64)));
        yield return Define.Function("to_hex", Text, Int4, static a => Datum.Of(a.AsInt32.ToString("x")));
        yield return Define.Function("to_hex", Text, Int8, static a => Datum.Of(a.AsInt64.ToString("x")));
        yield return Define.Function("bit_count", Int8, Bytea, static a => Datum.Of(new BitString(a.AsBytes.Length * 8, a.AsBytes).CountOnes()));
    }

    static Int128 Gcd(Int128 a, Int128 b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return Int128.Abs(a);
    }

    static Datum Magnitude(Int128 value, int size) => value > (size == 8 ? long.MaxValue : int.MaxValue) ? throw OutOfRange(size) : Datum.Of((long)value);
    static Datum Lcm(long a, long b, int size) => a == 0 || b == 0 ? Datum.Of(0L) : Magnitude(Int128.Abs(a / Gcd(a, b) * b), size);
}
