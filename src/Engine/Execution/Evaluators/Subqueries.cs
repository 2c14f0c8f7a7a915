using System.Collections.Immutable;
using PgVectorCompat.Engine.Execution.Spill;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Evaluators;

/// <summary>Runs a subquery for one row of its surroundings; its source is opened once per execution and started over for each row.</summary>
sealed class SubqueryRunner(PlanNode plan, ImmutableArray<SlotBinding> bindings)
{
    public RowSource Start(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        SlotBinding.Fill(bindings, row, state);
        if (state.Shared.TryGetValue(this, out var kept))
        {
            ((RowSource)kept).Reset();
            return (RowSource)kept;
        }
        var source = plan.Start(state);
        state.Shared[this] = source;
        state.Keep(source);
        return source;
    }
}

/// <summary>The value of a subquery that depends on nothing outside is computed at most once in an execution.</summary>
sealed class OnceEvaluator(Evaluator evaluator, int valueSlot, int doneSlot) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        if (state.Slots[doneSlot].IsNull)
        {
            state.Slots[valueSlot] = evaluator.Evaluate(row, state);
            state.Slots[doneSlot] = Datum.True;
        }
        return state.Slots[valueSlot];
    }
}

sealed class ScalarSubquery(SubqueryRunner runner) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var rows = runner.Start(row, state);
        if (!rows.MoveNext())
            return Datum.Null;
        var value = rows.Current[0];
        return rows.MoveNext() ? throw MoreThanOneRow() : value;
    }

    public static PgError MoreThanOneRow() => new(SqlState.CardinalityViolation, "more than one row returned by a subquery used as an expression");
}

/// <summary>A subquery of several columns and at most one row, as a record.</summary>
sealed class RowSubquery(SubqueryRunner runner, ImmutableArray<RecordField> shape) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var rows = runner.Start(row, state);
        if (!rows.MoveNext())
            return Datum.Null;
        var value = Datum.Of(new PgRecord(shape, rows.Current.ToArray()));
        return rows.MoveNext() ? throw ScalarSubquery.MoreThanOneRow() : value;
    }
}

sealed class ExistsSubquery(SubqueryRunner runner) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state) => Datum.Of(runner.Start(row, state).MoveNext());
}

/// <summary>ARRAY(SELECT …).</summary>
sealed class ArraySubquery(SubqueryRunner runner, PgType elementType, bool isNested) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var rows = runner.Start(row, state);
        var items = new List<Datum>();
        var memory = 0L;
        while (rows.MoveNext())
        {
            var bytes = RowImage.Memory(rows.Current[..1]);
            state.Memory.Take(bytes);
            memory += bytes;
            items.Add(rows.Current[0]);
        }
        state.Memory.Give(memory);
        return isNested ? NestedArrayEvaluator.Combine([.. items], elementType) : Datum.Of(new PgArray(elementType, [.. items]));
    }
}

/// <summary>left op ANY|ALL (SELECT …): <paramref name="test"/> runs on the subquery's rows and reads the outer row through slots.</summary>
sealed class QuantifiedSubquery(SubqueryRunner runner, Evaluator test, ImmutableArray<SlotBinding> testBindings, bool isAll) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        SlotBinding.Fill(testBindings, row, state);
        var rows = runner.Start(row, state);
        var sawNull = false;
        while (rows.MoveNext())
        {
            var result = test.Evaluate(rows.Current, state);
            if (result.IsNull)
                sawNull = true;
            else if (result.AsBool != isAll)
                return result;
        }
        return sawNull ? Datum.Null : Datum.Of(isAll);
    }
}

/// <summary>left = ANY (SELECT …) for a subquery that depends on nothing outside: its values are kept in a hash set.</summary>
sealed class HashedSubquery(SubqueryRunner runner, Evaluator left, TypeCodec codec) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var members = state.Shared.TryGetValue(this, out var kept) ? (Members)kept : Collect(row, state);
        if (members.Values.Count == 0 && !members.HasNull)
            return Datum.False;
        var value = left.Evaluate(row, state);
        if (value.IsNull)
            return value;
        return members.Values.Contains(value) ? Datum.True : members.HasNull ? Datum.Null : Datum.False;
    }

    Members Collect(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var members = new Members(new(new DatumComparer(codec)));
        var rows = runner.Start(row, state);
        while (rows.MoveNext())
        {
            var value = rows.Current[0];
            if (value.IsNull)
                members.HasNull = true;
            else if (members.Values.Add(value))
                state.Memory.Take(StatementMemory.SetEntryBytes + RowImage.Memory(rows.Current[..1]));
        }
        state.Shared[this] = members;
        return members;
    }

    sealed class Members(HashSet<Datum> values)
    {
        public HashSet<Datum> Values => values;
        public bool HasNull { get; set; }
    }
}
