using System.Runtime.CompilerServices;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;
using CallSite = PgVectorCompat.Engine.Functions.CallSite;

namespace PgVectorCompat.Engine.Execution.Evaluators;

sealed class StrictCall1(Func<Datum, Datum> body, Evaluator argument) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = argument.Evaluate(row, state);
        return value.IsNull ? value : body(value);
    }
}

sealed class Call1(Func<Datum, Datum> body, Evaluator argument) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state) => body(argument.Evaluate(row, state));
}

sealed class StrictCall2(Func<Datum, Datum, Datum> body, Evaluator first, Evaluator second) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var a = first.Evaluate(row, state);
        if (a.IsNull)
            return a;
        var b = second.Evaluate(row, state);
        return b.IsNull ? b : body(a, b);
    }
}

sealed class Call2(Func<Datum, Datum, Datum> body, Evaluator first, Evaluator second) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state) => body(first.Evaluate(row, state), second.Evaluate(row, state));
}

/// <summary>A call with any number of arguments; up to four are passed on the stack.</summary>
sealed class CallN(FunctionBody body, bool isStrict, Evaluator[] arguments, CallSite site) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var few = new FewDatums();
        var values = arguments.Length <= FewDatums.Count ? few[..arguments.Length] : new Datum[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i] = arguments[i].Evaluate(row, state);
            if (isStrict && values[i].IsNull)
                return Datum.Null;
        }
        return body(values, site, state);
    }

    [InlineArray(Count)]
    struct FewDatums
    {
        public const int Count = 4;
        Datum _first;
    }
}

/// <summary>A function of two arguments that nodes call by themselves: equality of DISTINCT, bounds of window frames.</summary>
readonly struct BinaryFunction(Function function, CallSite site)
{
    public BinaryFunction(Function function) : this(function, new CallSite(function.Arguments, function.Result))
    {
    }

    public Datum Invoke(Datum left, Datum right, EvaluationContext context)
    {
        if (function.IsStrict && (left.IsNull || right.IsNull))
            return Datum.Null;
        return function.Body2 is { } body ? body(left, right) : function.Body!([left, right], site, context);
    }

    public bool IsTrue(Datum left, Datum right, EvaluationContext context)
    {
        var value = Invoke(left, right, context);
        return !value.IsNull && value.AsBool;
    }
}
