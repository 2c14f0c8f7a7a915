using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Explain;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>
/// Names for filters over one table: two filters of the same name and the same values of their parameters let the same rows pass, whichever session asks
/// and when. Only filters of parts that are printed in full have one, and that depend on nothing but the row and parameters.
/// </summary>
static class FilterNames
{
    /// <summary>The name; null for a filter that has none.</summary>
    public static string? Of(BoundExpression filter, BoundTable table, PlanNames names)
    {
        if (BoundTree.Any(filter, node => !IsNamed(node, table)))
            return null;
        var text = new BoundExpressionPrinter(names).Print(filter);
        // A value means another thing as another type.
        BoundTree.Visit(filter, node =>
        {
            if (node is BoundParameter parameter) text += $" ${parameter.Number} {parameter.Type.Name}";
            return true;
        });
        return text;
    }

    static bool IsNamed(BoundExpression node, BoundTable table) => node switch
    {
        BoundCall call => call.Function.Volatility == Volatility.Immutable,
        BoundColumn column => column.Relation == table.Id && column.Column >= 0,
        BoundParameter parameter => parameter.Type.Length > 0 || parameter.Type == PgTypes.Text || parameter.Type == PgTypes.Varchar,
        BoundConstant or BoundLogical or BoundNot or BoundNullTest or BoundBooleanTest or BoundDistinct or BoundCoalesce or BoundMinMax or BoundArray
            or BoundArrayComparison or BoundRelabel or BoundTypmodCast => true,
        _ => false,
    };

    /// <summary>Numbers of the parameters that a filter reads, ascending.</summary>
    public static ImmutableArray<int> ParametersOf(BoundExpression filter)
    {
        var numbers = new SortedSet<int>();
        BoundTree.Visit(filter, node =>
        {
            if (node is BoundParameter parameter) numbers.Add(parameter.Number);
            return true;
        });
        return [.. numbers];
    }
}
