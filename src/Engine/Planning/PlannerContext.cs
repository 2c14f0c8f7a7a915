using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Tables;

namespace PgVectorCompat.Engine.Planning;

/// <summary>What the planner asks of the session: tables, settings, and plans of INSERT, UPDATE and DELETE.</summary>
public abstract class PlannerContext
{
    public abstract Session Session { get; }

    /// <summary>How the rows and indexes of a table are reached.</summary>
    public abstract TableAccess Table(Relation relation);

    /// <summary>What ANALYZE has gathered; null outside any session.</summary>
    public virtual Statistics.StatisticsRegistry? Statistics => null;

    /// <summary>What the plan may do.</summary>
    public virtual PlannerSwitches Switches => PlannerSwitches.Default;

    /// <summary>The plan of a data-modifying statement; its columns are the RETURNING list.</summary>
    public abstract PlanNode PlanModification(Planner planner, BoundModification modification);

    /// <summary>A state in which constant expressions are computed at planning time.</summary>
    public ExecutionState FoldingState => field ??= new ExecutionState(Session, null, null!, [], 0, CancellationToken.None);
}

/// <summary>Ways to reach rows that settings can switch off: <c>enable_seqscan</c> and kin.</summary>
public sealed record PlannerSwitches(bool SeqScan, bool IndexScan, bool BitmapScan, bool NestLoop)
{
    public static readonly PlannerSwitches Default = new(true, true, true, true);
}
