using PgVectorCompat.Engine.Binding;
namespace PgVectorCompat.Engine.Planning;
sealed class WindowPlanner(Planner planner, OuterScope? outer)
{
    public (PlanNode, BoundSelect) Plan(PlanNode input, BoundSelect query) => planner is null || outer is null ? (input, query) : (input, query);
}
