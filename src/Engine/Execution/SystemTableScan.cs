using System.Collections.Immutable;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>A system catalog: rows made from the live catalog. <paramref name="Positions"/> says which of its columns are wanted.</summary>
public sealed record SystemTableScanNode(SystemTable Table, ImmutableArray<int> Positions, string Alias) : PlanNode
{
    public override string Title => "Seq Scan";
    public override PlanTarget Target => new(PlanTargetKind.Relation, Table.Schema, Table.Name, Alias);
    public override RowSource Open(ExecutionState state) => new Source(this, state);

    sealed class Source(SystemTableScanNode node, ExecutionState state) : RowSource
    {
        readonly Datum[] _row = new Datum[node.Positions.Length];
        IEnumerator<Datum[]>? _rows;

        public override ReadOnlySpan<Datum> Current => _row;

        public override bool MoveNext()
        {
            _rows ??= node.Table.Rows(state).GetEnumerator();
            if (!_rows.MoveNext())
                return false;
            var values = _rows.Current;
            for (var i = 0; i < _row.Length; i++)
            {
                // Of the system columns only tableoid means anything here.
                var position = node.Positions[i];
                _row[i] = position >= 0 ? values[position] : position == Binding.SystemColumns.TableOid ? Datum.Of((long)node.Table.Oid) : Datum.Null;
            }
            return true;
        }

        public override void Reset()
        {
            _rows?.Dispose();
            _rows = null;
        }

        public override void Dispose() => _rows?.Dispose();
    }
}
