using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Tables;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>What a session offers the planner.</summary>
internal sealed class SessionPlannerContext(Session session, NameResolver names) : PlannerContext
{
    public override Session Session => session;
    public NameResolver Names => names;
    public override TableAccess Table(Relation relation) => session.Cluster.Tables.Access(relation, names);
    public override Statistics.StatisticsRegistry Statistics => session.Cluster.Statistics;
    public override PlannerSwitches Switches => session.Settings.ForStatements.Planner;
    public override PlanNode PlanModification(Planner planner, BoundModification modification) => new ModificationPlanner(planner, names, session.Cluster.Tables).Plan(modification);
}
