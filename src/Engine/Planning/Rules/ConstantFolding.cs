using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning.Rules;

/// <summary>
/// Computes calls of immutable functions over constants once, at planning time. One that fails is left as it is: it may never be
/// executed, and if it is, the error belongs there.
/// </summary>
static class ConstantFolding
{
    public static BoundQuery Apply(BoundQuery query, Planner planner)
    {
        // One delegate for all nodes: the conversion of a local function would make one for each.
        Func<BoundExpression, BoundExpression?> replace = null!;
        replace = node => node switch
        {
            BoundCall { Arguments.IsEmpty: false } call
                => Fold(BoundTree.RewriteAll(call.Arguments, replace) is var arguments && arguments == call.Arguments ? call : call with { Arguments = arguments }, planner),
            BoundIoCast cast => Fold(cast with { Operand = BoundTree.Rewrite(cast.Operand, replace) }, planner),
            BoundRelabel cast => Fold(cast with { Operand = BoundTree.Rewrite(cast.Operand, replace) }, planner),
            BoundTypmodCast cast => Fold(cast with { Operand = BoundTree.Rewrite(cast.Operand, replace) }, planner),
            BoundArray array => Fold(array with { Elements = BoundTree.RewriteAll(array.Elements, replace) }, planner),
            BoundLogical logical => Simplify(BoundTree.RewriteAll(logical.Operands, replace) is var operands && operands == logical.Operands ? logical : logical with { Operands = operands }),
            _ => null,
        };
        // Expressions of this level only; the levels in FROM have had their turn.
        return query is BoundSelect select ? QueryTree.MapLevel(select, expression => BoundTree.Rewrite(expression, replace)) : query;
    }

    static BoundExpression Fold(BoundExpression expression, Planner planner)
    {
        var isFoldable = expression switch
        {
            BoundCall call => call.Function is { Volatility: Volatility.Immutable, ReturnsSet: false } && call.Arguments.All(static argument => argument is BoundConstant),
            BoundIoCast cast => cast.Operand is BoundConstant && IsImmutable(cast.Operand.Type) && IsImmutable(cast.Type),
            BoundRelabel { Operand: BoundConstant } or BoundTypmodCast { Operand: BoundConstant } => true,
            BoundArray array => array.Elements.All(element => element is BoundConstant),
            _ => false,
        };
        if (!isFoldable)
            return expression;
        try
        {
            var value = new ExpressionCompiler(planner, RowLayout.Empty, null).Compile(expression).Evaluate(default, planner.Context.FoldingState);
            return new BoundConstant(value, expression.Type, expression.Typmod);
        }
        catch (PgError)
        {
            return expression;
        }
    }

    // Types whose text forms do not depend on settings or on the catalog.
    static bool IsImmutable(PgType type)
        => type.Category is TypeCategory.Numeric or TypeCategory.String or TypeCategory.Boolean or TypeCategory.Unknown or TypeCategory.User or TypeCategory.BitString
            && !type.Name.StartsWith("reg", StringComparison.Ordinal);

    static BoundExpression Simplify(BoundLogical logical)
    {
        // true AND x is x, false AND x is false; OR the other way round.
        var kept = new List<BoundExpression>(logical.Operands.Length);
        foreach (var operand in logical.Operands)
        {
            if (operand is not BoundConstant { Value.IsNull: false } constant)
                kept.Add(operand);
            else if (constant.Value.AsBool != logical.IsAnd)
                return constant;
        }
        return kept.Count == logical.Operands.Length ? logical
            : kept.Count == 0 ? new BoundConstant(Datum.Of(logical.IsAnd), PgTypes.Bool)
            : kept.Count == 1 ? kept[0]
            : logical with { Operands = [.. kept] };
    }
}
