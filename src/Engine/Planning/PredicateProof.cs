using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Whether one condition implies another: what lets a query use a partial index whose predicate it does not repeat.</summary>
static class PredicateProof
{
    public static bool Implies(BoundExpression condition, BoundExpression term) => BoundTree.Same(condition, term) || (condition, term) switch
    {
        (_, BoundLogical { IsAnd: true } and) => and.Operands.All(operand => Implies(condition, operand)),
        (BoundLogical { IsAnd: true } and, _) => and.Operands.Any(operand => Implies(operand, term)),
        (BoundLogical { IsAnd: false } or, _) => or.Operands.All(operand => Implies(operand, term)),
        (_, BoundLogical { IsAnd: false } or) => or.Operands.Any(operand => Implies(condition, operand)),
        (_, BoundNullTest { IsNot: true } test) => IsStrictOver(condition, test.Operand),
        (BoundArrayComparison { IsAll: false, Operator.Strategy: 3 } any, BoundCall call) => Elements(any) is { } values && values.All(value => Compared(any.Left, 3, value, call)),
        (BoundArrayComparison { IsAll: false, Operator.Strategy: 3 } any, BoundArrayComparison { IsAll: false, Operator.Strategy: 3 } wider)
            => BoundTree.Same(any.Left, wider.Left) && Elements(any) is { } few && Elements(wider) is { } many
                && few.All(value => many.Any(other => wider.Operator.Right.Codec.Equal(value, other))),
        (BoundCall { Operator.Strategy: 3, Arguments: [var left, BoundConstant { Value: { IsNull: false } value }] }, BoundArrayComparison { IsAll: false, Operator.Strategy: 3 } any)
            => BoundTree.Same(left, any.Left) && Elements(any) is { } list && list.Any(other => any.Operator.Right.Codec.Equal(value, other)),
        (BoundCall { Operator: { Strategy: > 0 and var strategy }, Arguments: [var left, BoundConstant { Value: { IsNull: false } value }] }, BoundCall call)
            => Compared(left, strategy, value, call),
        _ => false,
    };

    static Datum[]? Elements(BoundArrayComparison any)
        => any.Array is BoundConstant { Value: { IsNull: false } array } && array.As<PgArray>() is { HasNulls: false } list ? list.Items : null;

    // x op value implies x op' other, by where the two values lie.
    static bool Compared(BoundExpression left, int strategy, Datum value, BoundCall call)
    {
        if (call is not { Operator: { } op, Arguments: [var other, BoundConstant { Value: { IsNull: false } bound, Type: var type }] } || !BoundTree.Same(left, other)
            || !KeyTypes.CanHash(left.Type, type))
            return false;
        var order = type.Codec.Compare(value, bound);
        return (strategy, op.Strategy, op.Name) switch
        {
            (3, 1, _) => order < 0,
            (3, 2, _) => order <= 0,
            (3, 3, _) => order == 0,
            (3, 4, _) => order >= 0,
            (3, 5, _) => order > 0,
            (3, _, "<>") => order != 0,
            (1, 1 or 2, _) or (2, 2, _) => order <= 0,
            (2, 1, _) => order < 0,
            (5, 4 or 5, _) or (4, 4, _) => order >= 0,
            (4, 5, _) => order > 0,
            (1, _, "<>") => order <= 0,
            (2, _, "<>") => order < 0,
            (5, _, "<>") => order >= 0,
            (4, _, "<>") => order > 0,
            _ => false,
        };
    }

    static bool IsStrictOver(BoundExpression condition, BoundExpression operand) => condition switch
    {
        BoundCall { Operator: not null, Function.IsStrict: true } call => call.Arguments.Any(argument => BoundTree.Same(argument, operand)),
        BoundArrayComparison { IsAll: false } any => BoundTree.Same(any.Left, operand),
        BoundColumn => BoundTree.Same(condition, operand),
        _ => false,
    };
}
