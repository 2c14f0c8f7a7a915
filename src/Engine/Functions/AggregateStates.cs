using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>count(*) and count(x): strictness keeps NULLs away.</summary>
sealed class CountState : AggregateState
{
    long _count;
    public override void Add(ReadOnlySpan<Datum> arguments) => _count++;
    public override Datum Finish() => Datum.Of(_count);
}

/// <summary>A value combined with each next one; NULL over no rows.</summary>
sealed class FoldState(Func<Datum, Datum, Datum> combine) : AggregateState
{
    Datum _value;

    public override void Add(ReadOnlySpan<Datum> arguments) => _value = _value.IsNull ? arguments[0] : combine(_value, arguments[0]);
    public override Datum Finish() => _value;
}

/// <summary>min and max, by the argument type's order.</summary>
sealed class ExtremeState(TypeCodec order, bool isMax) : AggregateState
{
    Datum _value;

    public override void Add(ReadOnlySpan<Datum> arguments)
    {
        if (_value.IsNull || (isMax ? order.Compare(arguments[0], _value) > 0 : order.Compare(arguments[0], _value) < 0))
            _value = arguments[0];
    }

    public override Datum Finish() => _value;
}

/// <summary>sum and avg of integers: exact, in 128 bits.</summary>
sealed class IntegerSumState(Func<Int128, long, Datum> finish) : AggregateState
{
    Int128 _sum;
    long _count;

    public override void Add(ReadOnlySpan<Datum> arguments)
    {
        _sum += arguments[0].AsInt64;
        _count++;
    }

    public override Datum Finish() => _count == 0 ? Datum.Null : finish(_sum, _count);
}

/// <summary>avg of numeric and interval, from a sum and a count.</summary>
sealed class AverageState(Func<Datum, Datum, Datum> add, Func<Datum, long, Datum> divide) : AggregateState
{
    Datum _sum;
    long _count;

    public override void Add(ReadOnlySpan<Datum> arguments)
    {
        _sum = _sum.IsNull ? arguments[0] : add(_sum, arguments[0]);
        _count++;
    }

    public override Datum Finish() => _count == 0 ? Datum.Null : divide(_sum, _count);
}
