using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>One table of FOR UPDATE.</summary>
/// <param name="Decoder">Decodes a newer version of a row into the columns at <paramref name="Positions"/> of the input.</param>
/// <param name="CtidPosition">Where the input carries the row id.</param>
public sealed record LockedTable(TableAccess Table, RowDecoder Decoder, RowLockMode Mode, LockWait Wait, int CtidPosition, ImmutableArray<int> Positions);

/// <summary>
/// Locks the rows it passes on. A row that was changed meanwhile is read again and only passed on while the query's conditions still hold
/// of it (READ COMMITTED); <see cref="TableAccess.Lock"/> raises what the other isolation levels raise.
/// </summary>
public sealed record LockRowsNode(PlanNode Input, ImmutableArray<LockedTable> Tables, Evaluator? Recheck) : PlanNode
{
    public override string Title => "LockRows";
    public override IEnumerable<PlanNode> Children => [Input];
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(LockRowsNode node, ExecutionState state) : RowSource
    {
        readonly RowSource _input = node.Input.Start(state);
        readonly Datum[] _row = new Datum[node.Columns.Length];

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            while (_input.MoveNext())
            {
                _input.Current.CopyTo(_row);
                if (LockAll())
                    return true;
            }
            return false;
        }

        bool LockAll()
        {
            var changed = false;
            foreach (var table in node.Tables)
            {
                var ctid = _row[table.CtidPosition];
                if (ctid.IsNull)
                    continue;
                var values = new Datum[table.Positions.Length];
                switch (table.Table.Lock(table.Table.RowId(ctid), table.Mode, table.Wait, state, table.Decoder, values))
                {
                    case RowLockResult.Skipped:
                        return false;
                    case RowLockResult.Changed:
                        changed = true;
                        for (var i = 0; i < values.Length; i++)
                        {
                            if (table.Positions[i] >= 0)
                                _row[table.Positions[i]] = values[i];
                        }
                        break;
                }
            }
            return !changed || node.Recheck is null || node.Recheck.IsTrue(_row, state);
        }

        public override void Reset() => _input.Reset();
        public override void Dispose() => _input.Dispose();
    }
}
