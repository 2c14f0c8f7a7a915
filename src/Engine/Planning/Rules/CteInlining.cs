using PgVectorCompat.Engine.Binding;

namespace PgVectorCompat.Engine.Planning.Rules;

/// <summary>A WITH query that is read once, and has no side effects, becomes a subquery in FROM; one that nobody reads goes away.</summary>
static class CteInlining
{
    public static BoundQuery Apply(BoundQuery query, Planner planner)
    {
        for (var i = query.Ctes.Length - 1; i >= 0; i--)
        {
            var cte = query.Ctes[i];
            if (cte.Query is BoundModification || cte.RecursiveTerm is not null)
                continue;
            if (cte.ReferenceCount == 0)
                query = query with { Ctes = query.Ctes.RemoveAt(i) };
            else if (cte.ReferenceCount == 1 && cte.IsMaterialized != true && !HasSideEffects(cte.Query))
            {
                query = QueryTree.MapRelations(query with { Ctes = query.Ctes.RemoveAt(i) }, relation
                    => relation is BoundCteRef { IsWorkingTable: false } reference && reference.CteId == cte.Id
                        ? new BoundDerived(reference.Id, reference.Alias, cte.Query) { Columns = reference.Columns }
                        : relation);
            }
        }
        return query;
    }

    static bool HasSideEffects(BoundQuery query)
    {
        var found = query is BoundSelect { RowLocks.IsEmpty: false };
        QueryTree.Visit(query, node => found |= node is BoundCall { Function.Volatility: Functions.Volatility.Volatile });
        return found;
    }
}
