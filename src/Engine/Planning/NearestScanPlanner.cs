using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Tables;
namespace PgVectorCompat.Engine.Planning;
sealed class NearestScanPlanner(Planner planner, OuterScope? outer)
{
    public OrderedScan? Plan(BoundSelect query, BoundTable table, TableAccess access) => planner is null || outer is null ? null : null;
}
