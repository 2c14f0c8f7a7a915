using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Evaluators;

/// <summary>ARRAY[…] of plain elements.</summary>
sealed class ArrayEvaluator(Evaluator[] elements, PgType elementType) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var items = new Datum[elements.Length];
        for (var i = 0; i < items.Length; i++)
            items[i] = elements[i].Evaluate(row, state);
        return Datum.Of(new PgArray(elementType, items));
    }
}

/// <summary>ARRAY[…] of arrays: one more dimension around theirs, which must be alike.</summary>
sealed class NestedArrayEvaluator(Evaluator[] elements, PgType elementType) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var values = new Datum[elements.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = elements[i].Evaluate(row, state);
        return Combine(values, elementType);
    }

    public static Datum Combine(ReadOnlySpan<Datum> values, PgType elementType)
    {
        PgArray? first = null;
        var empty = 0;
        foreach (var value in values)
        {
            if (value.IsNull || value.As<PgArray>().Dimensions == 0)
                empty++;
            else
                first ??= value.As<PgArray>();
        }
        if (first is null)
            return Datum.Of(new PgArray(elementType, []));
        if (empty > 0)
            throw Mismatch();

        int[] lengths = [values.Length, .. first.Lengths];
        var items = new Datum[PgArray.CountItems(lengths)];
        var next = 0;
        foreach (var value in values)
        {
            var array = value.As<PgArray>();
            if (!array.Lengths.AsSpan().SequenceEqual(first.Lengths) || !array.LowerBounds.AsSpan().SequenceEqual(first.LowerBounds))
                throw Mismatch();
            array.Items.CopyTo(items, next);
            next += array.Items.Length;
        }
        return Datum.Of(new PgArray(elementType, lengths, [1, .. first.LowerBounds], items));
    }

    static PgError Mismatch() => new(SqlState.ArraySubscriptError, "multidimensional arrays must have array expressions with matching dimensions");
}

/// <summary>One element: <c>a[i][j]</c>; NULL outside the bounds.</summary>
sealed class ElementEvaluator(Evaluator operand, Evaluator[] subscripts) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        if (value.IsNull)
            return value;
        Span<int> at = stackalloc int[subscripts.Length];
        for (var i = 0; i < at.Length; i++)
        {
            var subscript = subscripts[i].Evaluate(row, state);
            if (subscript.IsNull)
                return subscript;
            at[i] = subscript.AsInt32;
        }
        var array = value.As<PgArray>();
        var index = array.IndexOf(at);
        return index < 0 ? Datum.Null : array.Items[index];
    }
}

/// <summary>A slice: <c>a[i:j]</c>; a missing bound is the array's, a subscript without colon means 1 up to it.</summary>
sealed class SliceEvaluator(Evaluator operand, (Evaluator? Lower, Evaluator? Upper, bool IsSlice)[] subscripts) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        if (value.IsNull)
            return value;
        var array = value.As<PgArray>();
        var empty = Datum.Of(new PgArray(array.ElementType, []));
        Span<int> from = stackalloc int[PgArray.MaxDimensions];
        Span<int> lengths = stackalloc int[PgArray.MaxDimensions];
        for (var d = 0; d < Math.Max(array.Dimensions, subscripts.Length); d++)
        {
            var first = d < array.Dimensions ? array.LowerBounds[d] : 1;
            var last = d < array.Dimensions ? first + array.Lengths[d] - 1 : 0;
            long lower = first, upper = last;
            if (d < subscripts.Length)
            {
                var (lowerBound, upperBound, isSlice) = subscripts[d];
                if (!isSlice)
                    lower = 1;
                else if (lowerBound is not null)
                {
                    var bound = lowerBound.Evaluate(row, state);
                    if (bound.IsNull)
                        return bound;
                    lower = bound.AsInt32;
                }
                if (upperBound is not null)
                {
                    var bound = upperBound.Evaluate(row, state);
                    if (bound.IsNull)
                        return bound;
                    upper = bound.AsInt32;
                }
            }
            if (d >= array.Dimensions)
                return empty;
            lower = Math.Max(lower, first);
            upper = Math.Min(upper, last);
            if (lower > upper)
                return empty;
            from[d] = (int)(lower - first);
            lengths[d] = (int)(upper - lower + 1);
        }
        if (array.Dimensions == 0)
            return empty;
        return Datum.Of(Cut(array, from[..array.Dimensions], lengths[..array.Dimensions]));
    }

    static PgArray Cut(PgArray array, ReadOnlySpan<int> from, ReadOnlySpan<int> lengths)
    {
        var items = new Datum[PgArray.CountItems(lengths)];
        Span<int> at = stackalloc int[lengths.Length];
        at.Clear();
        for (var i = 0; i < items.Length; i++)
        {
            var source = 0;
            for (var d = 0; d < at.Length; d++)
                source = source * array.Lengths[d] + from[d] + at[d];
            items[i] = array.Items[source];
            for (var d = at.Length - 1; d >= 0 && ++at[d] == lengths[d]; d--)
                at[d] = 0;
        }
        var lowerBounds = new int[lengths.Length];
        Array.Fill(lowerBounds, 1);
        return new PgArray(array.ElementType, lengths.ToArray(), lowerBounds, items);
    }
}

/// <summary>Array to array: <paramref name="element"/> converts each element, which it reads from a slot.</summary>
sealed class ArrayCastEvaluator(Evaluator operand, Evaluator element, int slot, PgType elementType) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        if (value.IsNull)
            return value;
        var array = value.As<PgArray>();
        var items = new Datum[array.Items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            state.Slots[slot] = array.Items[i];
            items[i] = element.Evaluate(row, state);
        }
        return Datum.Of(new PgArray(elementType, array.Lengths, array.LowerBounds, items));
    }
}
