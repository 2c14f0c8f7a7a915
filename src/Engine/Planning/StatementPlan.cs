using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>A planned statement: kept by prepared statements, opened once per execution, from any number of sessions at the same time.</summary>
/// <param name="Root">Gives exactly the result's columns.</param>
/// <param name="Columns">What RowDescription says of them.</param>
/// <param name="Slots">How many slots an <see cref="ExecutionState"/> for it needs.</param>
/// <param name="Modifications">Data-modifying WITH queries, in order; each runs to completion exactly once.</param>
public sealed record StatementPlan(PlanNode Root, IReadOnlyList<ResultColumn> Columns, int Slots, PlanNames Names, IReadOnlyList<CtePlan> Modifications)
{
    /// <summary>WITH queries that are computed apart, for EXPLAIN.</summary>
    public IReadOnlyList<SubPlan> CtePlans { get; init; } = [];

    /// <summary>The tables it reads, with their rows when it was made.</summary>
    public IReadOnlyList<(Storage.Table Table, long Rows)> Sizes { get; init; } = [];

    /// <summary>Whether some table has grown so much since that another plan is likely to be better.</summary>
    public bool IsOutgrown
    {
        get
        {
            for (var i = 0; i < Sizes.Count; i++)
                if (Sizes[i].Table.RowCountEstimate > 2 * Sizes[i].Rows + 1000)
                    return true;
            return false;
        }
    }

    /// <summary>Starts an execution. Disposing the source also closes what expressions have opened.</summary>
    public RowSource Open(ExecutionState state)
    {
        foreach (var modification in Modifications)
        {
            for (var row = 0; CteRows.Of(modification, state).Has(row); row++) { }
        }
        return new Source(Root.Start(state), state);
    }

    sealed class Source(RowSource root, ExecutionState state) : RowSource
    {
        public override ReadOnlySpan<Datum> Current => root.Current;
        public override bool MoveNext() => root.MoveNext();
        public override void Reset() => root.Reset();

        public override void Dispose()
        {
            root.Dispose();
            state.Dispose();
        }
    }
}

/// <summary>A WITH query that is computed apart from the queries that read it.</summary>
public sealed class CtePlan(string name)
{
    public string Name => name;

    /// <summary>Set once the query is planned; a recursive query's own plan refers to this object before that.</summary>
    public PlanNode? Plan { get; set; }

    /// <summary>Estimated rows, for those who read it; of the working table while the plan is not there yet.</summary>
    public double Rows { get; set; } = 100;
}
