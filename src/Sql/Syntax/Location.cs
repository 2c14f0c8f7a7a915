namespace PgVectorCompat.Sql;

/// <summary>Where an expression begins: errors about a whole expression point there, not at its operator.</summary>
public static class Location
{
    public static int Of(Expression expression) => expression switch
    {
        BinaryOperator e => Of(e.Left),
        AndExpression e => Of(e.Terms[0]),
        OrExpression e => Of(e.Terms[0]),
        NullTest e => Of(e.Operand),
        BooleanTest e => Of(e.Operand),
        DistinctTest e => Of(e.Left),
        BetweenExpression e => Of(e.Operand),
        InListExpression e => Of(e.Operand),
        InSubqueryExpression e => Of(e.Operand),
        QuantifiedArray e => Of(e.Left),
        QuantifiedSubquery e => Of(e.Left),
        CastExpression e => Math.Min(e.Position, Of(e.Operand)),
        CollateExpression e => Of(e.Operand),
        SubscriptExpression e => Of(e.Operand),
        FieldSelection e => Of(e.Operand),
        _ => expression.Position,
    };
}
