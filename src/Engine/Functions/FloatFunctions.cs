using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Arithmetic of float4 and float8 and the mathematical functions of float8, with C's results and PostgreSQL's range errors.</summary>
static class FloatFunctions
{
    public static FunctionTable Table { get; } = new([.. Functions()], [.. Operators()]);

    static PgError Overflow() => PgError.OutOfRange("value out of range: overflow");
    static PgError Underflow() => PgError.OutOfRange("value out of range: underflow");
    static PgError InputOutOfRange() => PgError.OutOfRange("input is out of range");

    /// <summary>A result at the type's precision; infinite or zero only when the operands allow it.</summary>
    static Datum Result(double value, bool isSingle, bool mayBeInfinite, bool mayBeZero)
    {
        if (isSingle)
            value = (float)value;
        if (double.IsInfinity(value) && !mayBeInfinite)
            throw Overflow();
        if (value == 0 && !mayBeZero)
            throw Underflow();
        return Datum.Of(value);
    }

    static Datum Result(double value) => Datum.Of(value);

    static Datum Add(double a, double b, bool isSingle) => Result(a + b, isSingle, double.IsInfinity(a) || double.IsInfinity(b), true);
    static Datum Subtract(double a, double b, bool isSingle) => Result(a - b, isSingle, double.IsInfinity(a) || double.IsInfinity(b), true);
    static Datum Multiply(double a, double b, bool isSingle) => Result(a * b, isSingle, double.IsInfinity(a) || double.IsInfinity(b), a == 0 || b == 0);

    static Datum Divide(double a, double b, bool isSingle)
        => b == 0 && !double.IsNaN(a) ? throw NumericArithmetic.DivisionByZero() : Result(a / b, isSingle, double.IsInfinity(a), a == 0 || double.IsInfinity(b));

    static IEnumerable<Operator> Operators()
    {
        (PgType Type, int Size)[] types = [(Float4, 4), (Float8, 8)];
        foreach (var (left, leftSize) in types)
        {
            foreach (var (right, rightSize) in types)
            {
                var isSingle = leftSize == 4 && rightSize == 4;
                var result = isSingle ? Float4 : Float8;
                var prefix = leftSize == rightSize ? $"float{leftSize}" : $"float{leftSize}{rightSize}";
                yield return Define.Operator("+", result, left, right, prefix + "pl", (a, b) => Add(a.AsDouble, b.AsDouble, isSingle)) with { Commutator = "+" };
                yield return Define.Operator("-", result, left, right, prefix + "mi", (a, b) => Subtract(a.AsDouble, b.AsDouble, isSingle));
                yield return Define.Operator("*", result, left, right, prefix + "mul", (a, b) => Multiply(a.AsDouble, b.AsDouble, isSingle)) with { Commutator = "*" };
                yield return Define.Operator("/", result, left, right, prefix + "div", (a, b) => Divide(a.AsDouble, b.AsDouble, isSingle));
            }
        }
        foreach (var (type, size) in types)
        {
            yield return Define.Prefix("-", type, type, $"float{size}um", static a => Datum.Of(-a.AsDouble));
            yield return Define.Prefix("+", type, type, $"float{size}up", static a => a);
            yield return Define.Prefix("@", type, type, $"float{size}abs", static a => Datum.Of(Math.Abs(a.AsDouble)));
        }
        yield return Define.Operator("^", Float8, Float8, Float8, "dpow", static (a, b) => Power(a.AsDouble, b.AsDouble));
        yield return Define.Prefix("|/", Float8, Float8, "dsqrt", static a => SquareRoot(a.AsDouble));
        yield return Define.Prefix("||/", Float8, Float8, "dcbrt", static a => Datum.Of(Math.Cbrt(a.AsDouble)));
    }

    static Datum SquareRoot(double value)
        => value < 0 ? throw new PgError(SqlState.InvalidArgumentForPowerFunction, "cannot take square root of a negative number") : Datum.Of(Math.Sqrt(value));

    static Datum Power(double a, double b)
    {
        if (a == 0 && b < 0)
            throw new PgError(SqlState.InvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
        if (a < 0 && double.IsFinite(b) && Math.Floor(b) != b)
            throw new PgError(SqlState.InvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
        return Result(Math.Pow(a, b), false, double.IsInfinity(a) || double.IsInfinity(b), a == 0 || double.IsInfinity(a) || double.IsInfinity(b));
    }

    static Datum Exp(double value) => Result(Math.Exp(value), false, double.IsPositiveInfinity(value), double.IsNegativeInfinity(value));

    static Datum Logarithm(double value, Func<double, double> logarithm)
    {
        if (value == 0)
            throw new PgError(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of zero");
        if (value < 0)
            throw new PgError(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number");
        return Datum.Of(logarithm(value));
    }

    static Function Of(string name, Func<double, double> body) => Define.Function(name, Float8, Float8, a => Result(body(a.AsDouble)));

    /// <summary>A function whose argument must be finite (or within bounds).</summary>
    static Function Of(string name, Func<double, bool> accepts, Func<double, double> body)
        => Define.Function(name, Float8, Float8, a => double.IsNaN(a.AsDouble) || accepts(a.AsDouble) ? Datum.Of(body(a.AsDouble)) : throw InputOutOfRange());

    static bool IsWithinOne(double value) => value is >= -1 and <= 1;

    static IEnumerable<Function> Functions()
    {
        foreach (var type in new[] { Float4, Float8 })
        {
            var name = type.Name;
            yield return Define.Function("abs", type, type, static a => Datum.Of(Math.Abs(a.AsDouble)));
            yield return Define.Function(name + "larger", type, type, type, static (a, b) => FloatCodec.Compare(a.AsDouble, b.AsDouble) >= 0 ? a : b);
            yield return Define.Function(name + "smaller", type, type, type, static (a, b) => FloatCodec.Compare(a.AsDouble, b.AsDouble) <= 0 ? a : b);
        }
        yield return Of("ceil", Math.Ceiling);
        yield return Of("ceiling", Math.Ceiling);
        yield return Of("floor", Math.Floor);
        yield return Of("round", static value => Math.Round(value, MidpointRounding.ToEven));
        yield return Of("dround", static value => Math.Round(value, MidpointRounding.ToEven));
        yield return Of("trunc", Math.Truncate);
        yield return Of("sign", static value => double.IsNaN(value) ? value : Math.Sign(value));
        yield return Define.Function("sqrt", Float8, Float8, static a => SquareRoot(a.AsDouble));
        yield return Of("cbrt", Math.Cbrt);
        yield return Define.Function("exp", Float8, Float8, static a => Exp(a.AsDouble));
        yield return Define.Function("ln", Float8, Float8, static a => Logarithm(a.AsDouble, Math.Log));
        yield return Define.Function("log", Float8, Float8, static a => Logarithm(a.AsDouble, Math.Log10));
        yield return Define.Function("log10", Float8, Float8, static a => Logarithm(a.AsDouble, Math.Log10));
        yield return Define.Function("power", Float8, Float8, Float8, static (a, b) => Power(a.AsDouble, b.AsDouble));
        yield return Define.Function("pow", Float8, Float8, Float8, static (a, b) => Power(a.AsDouble, b.AsDouble));
        yield return Define.Function("pi", Float8, [], static (_, _, _) => Datum.Of(Math.PI));
        yield return Of("degrees", static value => value / (Math.PI / 180));
        yield return Of("radians", static value => value * (Math.PI / 180));
        yield return Of("sin", double.IsFinite, Math.Sin);
        yield return Of("cos", double.IsFinite, Math.Cos);
        yield return Of("tan", double.IsFinite, Math.Tan);
        yield return Of("cot", double.IsFinite, static value => 1 / Math.Tan(value));
        yield return Of("asin", IsWithinOne, Math.Asin);
        yield return Of("acos", IsWithinOne, Math.Acos);
        yield return Of("atan", Math.Atan);
        yield return Define.Function("atan2", Float8, Float8, Float8, static (a, b) => Datum.Of(Math.Atan2(a.AsDouble, b.AsDouble)));
        yield return Of("sinh", Math.Sinh);
        yield return Of("cosh", Math.Cosh);
        yield return Of("tanh", Math.Tanh);
        yield return Of("asinh", Math.Asinh);
        yield return Of("acosh", static value => value >= 1, Math.Acosh);
        yield return Of("atanh", IsWithinOne, Math.Atanh);
        yield return Of("sind", double.IsFinite, Degrees.Sine);
        yield return Of("cosd", double.IsFinite, Degrees.Cosine);
        yield return Of("tand", double.IsFinite, static value => Degrees.Sine(value) / Degrees.Cosine(value));
        yield return Of("cotd", double.IsFinite, static value => Degrees.Cosine(value) / Degrees.Sine(value));
        yield return Of("asind", IsWithinOne, static value => Degrees.FromRadians(Math.Asin(value)));
        yield return Of("acosd", IsWithinOne, static value => Degrees.FromRadians(Math.Acos(value)));
        yield return Of("atand", static value => Degrees.FromRadians(Math.Atan(value)));
        yield return Define.Function("atan2d", Float8, Float8, Float8, static (a, b) => Datum.Of(Degrees.FromRadians(Math.Atan2(a.AsDouble, b.AsDouble))));
        yield return Define.Function("width_bucket", Int4, [Float8, Float8, Float8, Int4], static (a, _, _) => Datum.Of((long)WidthBucket(a[0].AsDouble, a[1].AsDouble, a[2].AsDouble, a[3].AsInt32)));
        yield return Define.Function("isnan", Bool, Float8, static a => Datum.Of(double.IsNaN(a.AsDouble)));
    }

    static int WidthBucket(double value, double low, double high, int count)
    {
        if (count <= 0)
            throw new PgError(SqlState.InvalidArgumentForWidthBucketFunction, "count must be greater than zero");
        if (double.IsNaN(value) || double.IsNaN(low) || double.IsNaN(high))
            throw new PgError(SqlState.InvalidArgumentForWidthBucketFunction, "operand, lower bound, and upper bound cannot be NaN");
        if (double.IsInfinity(low) || double.IsInfinity(high))
            throw new PgError(SqlState.InvalidArgumentForWidthBucketFunction, "lower and upper bounds must be finite");
        if (low == high)
            throw new PgError(SqlState.InvalidArgumentForWidthBucketFunction, "lower bound cannot equal upper bound");
        var (from, to, at) = low < high ? (low, high, value) : (-low, -high, -value);
        if (at < from)
            return 0;
        return at >= to ? checked(count + 1) : Math.Min(count, (int)(count * ((at - from) / (to - from))) + 1);
    }

    /// <summary>Sine and cosine of degrees that are exact at multiples of 30 and 90.</summary>
    static class Degrees
    {
        public static double FromRadians(double radians)
        {
            var degrees = radians * (180 / Math.PI);
            // Multiples of 15 degrees come out whole.
            var rounded = Math.Round(degrees);
            return Math.Abs(degrees - rounded) < 1e-13 * Math.Max(1, Math.Abs(degrees)) ? rounded : degrees;
        }

        public static double Sine(double degrees)
        {
            degrees = Math.IEEERemainder(degrees, 360);
            var sign = Math.Sign(degrees);
            degrees = Math.Abs(degrees);
            if (degrees > 90)
                degrees = 180 - degrees;
            return sign * (degrees == 30 ? 0.5 : degrees == 90 ? 1 : Math.Sin(degrees * (Math.PI / 180)));
        }

        public static double Cosine(double degrees) => Sine(Math.IEEERemainder(degrees, 360) + 90);
    }
}
