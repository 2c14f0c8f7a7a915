using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Short forms for writing the function tables: <c>Define.Function("lower", Text, Text, a => …)</c>. All are strict and immutable unless changed with <c>with</c>.</summary>
public static class Define
{
    public static Function Function(string name, PgType result, PgType argument, Func<Datum, Datum> body)
        => new() { Name = name, Arguments = [argument], Result = result, Body1 = body };

    public static Function Function(string name, PgType result, PgType first, PgType second, Func<Datum, Datum, Datum> body)
        => new() { Name = name, Arguments = [first, second], Result = result, Body2 = body };

    /// <summary>Any number of arguments, with the call site and context at hand.</summary>
    public static Function Function(string name, PgType result, PgType[] arguments, FunctionBody body)
        => new() { Name = name, Arguments = arguments, Result = result, Body = body };

    public static Function Set(string name, PgType result, PgType[] arguments, SetBody body)
        => new() { Name = name, Arguments = arguments, Result = result, SetBody = body };

    public static Function Aggregate(string name, PgType result, PgType[] arguments, Func<CallSite, EvaluationContext, AggregateState> newState)
        => new() { Name = name, Arguments = arguments, Result = result, Kind = FunctionKind.Aggregate, NewState = newState };

    /// <summary>A binary operator over a function that is also made here; <paramref name="function"/> is its pg_proc name (<c>int4pl</c>).</summary>
    public static Operator Operator(string name, PgType result, PgType left, PgType right, string function, Func<Datum, Datum, Datum> body, int strategy = 0)
        => new(name, left, right, Function(function, result, left, right, body), strategy);

    public static Operator Prefix(string name, PgType result, PgType right, string function, Func<Datum, Datum> body)
        => new(name, null, right, Function(function, result, right, body));

    public static Cast Cast(PgType from, PgType to, CastContext context, string function, Func<Datum, Datum> body)
        => new(from, to, context, Function(function, to, from, body));

    /// <summary>A cast that changes nothing in the value's form.</summary>
    public static Cast Relabel(PgType from, PgType to, CastContext context) => new(from, to, context, null);
}
