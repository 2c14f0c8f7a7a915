using System.Collections.Immutable;

namespace PgVectorCompat.Engine.Binding;

/// <summary>Walks and rewrites bound expressions, and compares them by structure.</summary>
public static class BoundTree
{
    /// <summary>
    /// Rewrites from the top: where <paramref name="replace"/> gives something, that stands in the node's place and is not entered;
    /// else the node's children are rewritten. Queries of subqueries are not entered, but their tests are.
    /// </summary>
    public static BoundExpression Rewrite(BoundExpression expression, Func<BoundExpression, BoundExpression?> replace)
    {
        if (replace(expression) is { } replacement)
            return replacement;
        return expression switch
        {
            BoundConstant or BoundParameter or BoundColumn or BoundCaseInput or BoundDefault => expression,
            BoundCall e => RewriteAll(e.Arguments, replace) is var a && a == e.Arguments ? e : e with { Arguments = a },
            BoundLogical e => RewriteAll(e.Operands, replace) is var a && a == e.Operands ? e : e with { Operands = a },
            _ => RewriteChildren(expression, replace),
        };
    }

    static BoundExpression RewriteChildren(BoundExpression expression, Func<BoundExpression, BoundExpression?> replace)
    {
        BoundExpression One(BoundExpression child) => Rewrite(child, replace);
        BoundExpression? Maybe(BoundExpression? child) => child is null ? null : Rewrite(child, replace);
        ImmutableArray<BoundExpression> Many(ImmutableArray<BoundExpression> children) => RewriteAll(children, replace);

        return expression switch
        {
            BoundNot e => e with { Operand = One(e.Operand) },
            BoundNullTest e => e with { Operand = One(e.Operand) },
            BoundBooleanTest e => e with { Operand = One(e.Operand) },
            BoundDistinct e => e with { Left = One(e.Left), Right = One(e.Right) },
            BoundNullIf e => e with { Left = One(e.Left), Right = One(e.Right) },
            BoundCase e => e with { Branches = [.. e.Branches.Select(b => (One(b.Condition), One(b.Result)))], Default = Maybe(e.Default) },
            BoundCoalesce e => e with { Arguments = Many(e.Arguments) },
            BoundMinMax e => e with { Arguments = Many(e.Arguments) },
            BoundArray e => e with { Elements = Many(e.Elements) },
            BoundRow e => e with { Fields = Many(e.Fields) },
            BoundField e => e with { Operand = One(e.Operand) },
            BoundSubscript e => e with
            {
                Operand = One(e.Operand),
                Subscripts = [.. e.Subscripts.Select(s => (Maybe(s.Lower), Maybe(s.Upper), s.IsSlice))],
            },
            BoundArrayComparison e => e with { Left = One(e.Left), Array = One(e.Array) },
            BoundRowComparison e => e with { Left = Many(e.Left), Right = Many(e.Right) },
            BoundIoCast e => e with { Operand = One(e.Operand) },
            BoundRelabel e => e with { Operand = One(e.Operand) },
            BoundTypmodCast e => e with { Operand = One(e.Operand) },
            BoundArrayCast e => e with { Operand = One(e.Operand), Element = One(e.Element) },
            BoundWithInput e => e with { Input = One(e.Input), Body = One(e.Body) },
            BoundDomainCast e => e with { Operand = One(e.Operand), Checks = [.. e.Checks.Select(c => (c.Name, One(c.Condition)))] },
            BoundAggregate e => e with { Arguments = Many(e.Arguments), OrderWithin = RewriteKeys(e.OrderWithin, replace), Filter = Maybe(e.Filter) },
            BoundGrouping e => e with { Columns = Many(e.Columns) },
            BoundWindowCall e => e with { Arguments = Many(e.Arguments), Filter = Maybe(e.Filter) },
            BoundSetCall e => e with { Arguments = Many(e.Arguments) },
            BoundSubquery e => e.Test is null ? e : e with { Test = One(e.Test) },
            _ => throw new System.Diagnostics.UnreachableException($"no rewriting rule for {expression.GetType().Name}"),
        };
    }

    public static ImmutableArray<BoundExpression> RewriteAll(ImmutableArray<BoundExpression> expressions, Func<BoundExpression, BoundExpression?> replace)
    {
        ImmutableArray<BoundExpression>.Builder? changed = null;
        for (var i = 0; i < expressions.Length; i++)
        {
            var rewritten = Rewrite(expressions[i], replace);
            if (!ReferenceEquals(rewritten, expressions[i]))
                changed ??= expressions.ToBuilder();
            if (changed is not null)
                changed[i] = rewritten;
        }
        return changed is null ? expressions : changed.ToImmutable();
    }

    public static ImmutableArray<BoundSortKey> RewriteKeys(ImmutableArray<BoundSortKey> keys, Func<BoundExpression, BoundExpression?> replace)
        => [.. keys.Select(key => key with { Expression = Rewrite(key.Expression, replace) })];

    /// <summary>
    /// Visits every node from the top; where <paramref name="enter"/> says false the node's children are left out. Queries of subqueries
    /// are not entered, but their tests are.
    /// </summary>
    public static void Visit(BoundExpression expression, Func<BoundExpression, bool> enter)
        => Any(expression, enter, static (node, enter) => enter(node) ? null : false);

    /// <summary>Whether some node satisfies the condition (queries of subqueries are not entered).</summary>
    public static bool Any(BoundExpression expression, Func<BoundExpression, bool> condition)
        => Any(expression, condition, static (node, condition) => condition(node) ? true : null);

    /// <summary>
    /// Asks every node from the top: true ends the walk with true, false leaves the node's children out, null goes on with them.
    /// The planner asks many such questions of each statement, so <paramref name="ask"/> gets what it needs in
    /// <paramref name="state"/> and nothing is allocated.
    /// </summary>
    public static bool Any<TState>(BoundExpression? expression, TState state, Func<BoundExpression, TState, bool?> ask)
    {
        if (expression is null)
            return false;
        if (ask(expression, state) is { } answer)
            return answer;
        switch (expression)
        {
            case BoundConstant or BoundColumn or BoundParameter or BoundCaseInput or BoundDefault:
                return false;
            case BoundCall e:
                return AnyOf(e.Arguments, state, ask);
            case BoundLogical e:
                return AnyOf(e.Operands, state, ask);
            case BoundNot e:
                return Any(e.Operand, state, ask);
            case BoundNullTest e:
                return Any(e.Operand, state, ask);
            case BoundBooleanTest e:
                return Any(e.Operand, state, ask);
            case BoundDistinct e:
                return Any(e.Left, state, ask) || Any(e.Right, state, ask);
            case BoundNullIf e:
                return Any(e.Left, state, ask) || Any(e.Right, state, ask);
            case BoundCase e:
                foreach (var (condition, result) in e.Branches)
                    if (Any(condition, state, ask) || Any(result, state, ask)) return true;
                return Any(e.Default, state, ask);
            case BoundCoalesce e:
                return AnyOf(e.Arguments, state, ask);
            case BoundMinMax e:
                return AnyOf(e.Arguments, state, ask);
            case BoundArray e:
                return AnyOf(e.Elements, state, ask);
            case BoundRow e:
                return AnyOf(e.Fields, state, ask);
            case BoundField e:
                return Any(e.Operand, state, ask);
            case BoundSubscript e:
                if (Any(e.Operand, state, ask)) return true;
                foreach (var (lower, upper, _) in e.Subscripts)
                    if (Any(lower, state, ask) || Any(upper, state, ask)) return true;
                return false;
            case BoundArrayComparison e:
                return Any(e.Left, state, ask) || Any(e.Array, state, ask);
            case BoundRowComparison e:
                return AnyOf(e.Left, state, ask) || AnyOf(e.Right, state, ask);
            case BoundIoCast e:
                return Any(e.Operand, state, ask);
            case BoundRelabel e:
                return Any(e.Operand, state, ask);
            case BoundTypmodCast e:
                return Any(e.Operand, state, ask);
            case BoundArrayCast e:
                return Any(e.Operand, state, ask) || Any(e.Element, state, ask);
            case BoundWithInput e:
                return Any(e.Input, state, ask) || Any(e.Body, state, ask);
            case BoundDomainCast e:
                if (Any(e.Operand, state, ask)) return true;
                foreach (var (_, condition) in e.Checks)
                    if (Any(condition, state, ask)) return true;
                return false;
            case BoundAggregate e:
                if (AnyOf(e.Arguments, state, ask)) return true;
                foreach (var key in e.OrderWithin)
                    if (Any(key.Expression, state, ask)) return true;
                return Any(e.Filter, state, ask);
            case BoundGrouping e:
                return AnyOf(e.Columns, state, ask);
            case BoundWindowCall e:
                return AnyOf(e.Arguments, state, ask) || Any(e.Filter, state, ask);
            case BoundSetCall e:
                return AnyOf(e.Arguments, state, ask);
            case BoundSubquery e:
                return Any(e.Test, state, ask);
            default:
                throw new System.Diagnostics.UnreachableException($"no walk for {expression.GetType().Name}");
        }
    }

    static bool AnyOf<TState>(ImmutableArray<BoundExpression> expressions, TState state, Func<BoundExpression, TState, bool?> ask)
    {
        foreach (var expression in expressions)
            if (Any(expression, state, ask)) return true;
        return false;
    }

    /// <summary>Whether two expressions are the same by structure: they then have the same value on the same row.</summary>
    public static bool Same(BoundExpression? left, BoundExpression? right)
    {
        if (ReferenceEquals(left, right)) return true;
        if (left is null || right is null || left.GetType() != right.GetType() || left.Type != right.Type) return false;
        return (left, right) switch
        {
            (BoundConstant a, BoundConstant b) => a.Value.IsNull ? b.Value.IsNull : !b.Value.IsNull && SameValue(a, b),
            (BoundParameter a, BoundParameter b) => a.Number == b.Number,
            (BoundColumn a, BoundColumn b) => a.Relation == b.Relation && a.Column == b.Column,
            (BoundCaseInput a, BoundCaseInput b) => a.Slot == b.Slot,
            (BoundCall a, BoundCall b) => ReferenceEquals(a.Function, b.Function) && SameAll(a.Arguments, b.Arguments),
            (BoundLogical a, BoundLogical b) => a.IsAnd == b.IsAnd && SameAll(a.Operands, b.Operands),
            (BoundNot a, BoundNot b) => Same(a.Operand, b.Operand),
            (BoundNullTest a, BoundNullTest b) => a.IsNot == b.IsNot && Same(a.Operand, b.Operand),
            (BoundBooleanTest a, BoundBooleanTest b) => a.IsNot == b.IsNot && a.Expected == b.Expected && Same(a.Operand, b.Operand),
            (BoundDistinct a, BoundDistinct b) => a.IsNot == b.IsNot && Same(a.Left, b.Left) && Same(a.Right, b.Right),
            (BoundNullIf a, BoundNullIf b) => Same(a.Left, b.Left) && Same(a.Right, b.Right),
            (BoundCase a, BoundCase b) => a.Branches.Length == b.Branches.Length && Same(a.Default, b.Default)
                && a.Branches.Zip(b.Branches).All(p => Same(p.First.Condition, p.Second.Condition) && Same(p.First.Result, p.Second.Result)),
            (BoundCoalesce a, BoundCoalesce b) => SameAll(a.Arguments, b.Arguments),
            (BoundMinMax a, BoundMinMax b) => a.IsGreatest == b.IsGreatest && SameAll(a.Arguments, b.Arguments),
            (BoundArray a, BoundArray b) => SameAll(a.Elements, b.Elements),
            (BoundRow a, BoundRow b) => SameAll(a.Fields, b.Fields),
            (BoundField a, BoundField b) => a.Index == b.Index && Same(a.Operand, b.Operand),
            (BoundSubscript a, BoundSubscript b) => Same(a.Operand, b.Operand) && a.Subscripts.Length == b.Subscripts.Length
                && a.Subscripts.Zip(b.Subscripts).All(p => p.First.IsSlice == p.Second.IsSlice && Same(p.First.Lower, p.Second.Lower) && Same(p.First.Upper, p.Second.Upper)),
            (BoundArrayComparison a, BoundArrayComparison b) => a.IsAll == b.IsAll && ReferenceEquals(a.Operator, b.Operator) && Same(a.Left, b.Left) && Same(a.Array, b.Array),
            (BoundRowComparison a, BoundRowComparison b) => a.OperatorName == b.OperatorName && SameAll(a.Left, b.Left) && SameAll(a.Right, b.Right),
            (BoundIoCast a, BoundIoCast b) => a.Typmod == b.Typmod && Same(a.Operand, b.Operand),
            (BoundRelabel a, BoundRelabel b) => Same(a.Operand, b.Operand),
            (BoundTypmodCast a, BoundTypmodCast b) => a.Typmod == b.Typmod && a.IsExplicit == b.IsExplicit && Same(a.Operand, b.Operand),
            (BoundArrayCast a, BoundArrayCast b) => Same(a.Operand, b.Operand) && Same(a.Element, b.Element),
            (BoundWithInput a, BoundWithInput b) => Same(a.Input, b.Input) && Same(a.Body, b.Body),
            (BoundDomainCast a, BoundDomainCast b) => Same(a.Operand, b.Operand),
            (BoundAggregate a, BoundAggregate b) => ReferenceEquals(a.Function, b.Function) && a.IsDistinct == b.IsDistinct && a.IsStar == b.IsStar
                && SameAll(a.Arguments, b.Arguments) && Same(a.Filter, b.Filter) && SameKeys(a.OrderWithin, b.OrderWithin),
            (BoundGrouping a, BoundGrouping b) => SameAll(a.Columns, b.Columns),
            (BoundWindowCall a, BoundWindowCall b) => ReferenceEquals(a.Function, b.Function) && a.Window == b.Window && SameAll(a.Arguments, b.Arguments) && Same(a.Filter, b.Filter),
            (BoundSetCall a, BoundSetCall b) => ReferenceEquals(a.Function, b.Function) && SameAll(a.Arguments, b.Arguments),
            _ => false,
        };
    }

    static bool SameValue(BoundConstant left, BoundConstant right)
        => left.Value.IsInBits ? right.Value.IsInBits && left.Value.AsInt64 == right.Value.AsInt64
            : ReferenceEquals(left.Value.Reference, right.Value.Reference)
              || (left.Value.Reference is string a && right.Value.Reference is string b && a == b)
              || (left.Value.Reference is not string && left.Type.Codec.IsOrdered && left.Type.Codec.Equal(left.Value, right.Value));

    public static bool SameAll(ImmutableArray<BoundExpression> left, ImmutableArray<BoundExpression> right)
    {
        if (left.Length != right.Length) return false;
        for (var i = 0; i < left.Length; i++)
            if (!Same(left[i], right[i])) return false;
        return true;
    }

    public static bool SameKeys(ImmutableArray<BoundSortKey> left, ImmutableArray<BoundSortKey> right)
        => left.Length == right.Length
           && left.Zip(right).All(p => p.First.Descending == p.Second.Descending && p.First.NullsFirst == p.Second.NullsFirst && Same(p.First.Expression, p.Second.Expression));
}
