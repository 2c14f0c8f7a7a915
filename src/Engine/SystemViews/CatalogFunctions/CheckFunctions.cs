using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>pgvc_check: reads everything the server has, and returns what is wrong; no rows mean that all is well. For superusers.</summary>
static class CheckFunctions
{
    public static readonly FunctionTable Table = new(
    [
        Define.Set("pgvc_check", PgTypes.Record, [], (_, _, context) => Check(context)) with
        {
            Volatility = Volatility.Volatile,
            OutputColumns = [("object", PgTypes.Text), ("problem", PgTypes.Text)],
        },
    ]);

    static IEnumerable<Datum[]> Check(EvaluationContext context)
    {
        if (!context.Session.IsSuperuser)
            throw new PgError(SqlState.InsufficientPrivilege, "permission denied for function pgvc_check");
        var report = ClusterCheck.Run(context.Session.Cluster, isQuiet: false, context.Session.Interrupts.Token);
        foreach (var (where, what) in report.Problems)
            yield return [CatalogFunction.Text(where), CatalogFunction.Text(what)];
        if (report.ProblemCount > report.Problems.Count)
            yield return [CatalogFunction.Text(""), CatalogFunction.Text($"and {report.ProblemCount - report.Problems.Count} more")];
    }
}
