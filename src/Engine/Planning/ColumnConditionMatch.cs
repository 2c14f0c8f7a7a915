using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>
/// Finds conditions that an image of their column answers: <c>column op value</c> and <c>column = ANY (values)</c>, where the value does not depend on
/// the row.
/// </summary>
static class ColumnConditionMatch
{
    /// <summary>Types whose values are whole numbers, all comparable with each other.</summary>
    static readonly PgType[] Integers = [PgTypes.Int2, PgTypes.Int4, PgTypes.Int8];

    /// <summary>Types whose values are ordered as the numbers that stand for them.</summary>
    static readonly PgType[] Ordered = [PgTypes.Bool, PgTypes.Date, PgTypes.Timestamp, PgTypes.TimestampTz];

    /// <summary>The condition for execution; null when it has another form.</summary>
    public static ColumnCondition? Of(BoundExpression condition, BoundTable table, ExpressionCompiler values)
    {
        var (left, name, right, isArray) = condition switch
        {
            BoundCall { Operator: { } op, Arguments: [var a, var b] } when ColumnOf(a, table) is not null => (a, op.Name, b, false),
            BoundCall { Operator: { } op, Arguments: [var a, var b] } => (b, Turned(op.Name), a, false),
            BoundArrayComparison { IsAll: false } any => (any.Left, any.Operator.Name, any.Array, true),
            _ => default,
        };
        if (left is null || name is not ("=" or "<" or "<=" or ">" or ">=") || (isArray && name != "="))
            return null;
        if (ColumnOf(left, table) is not { } column || (isArray ? right.Type.Element : right.Type) is not { } type || !IsServed(left.Type, type, name))
            return null;
        if (QueryTree.Reads(right, table.Id) || QueryTree.IsVolatile(right) || BoundTree.Any(right, node => node is BoundSubquery))
            return null;
        return new(column, name, values.Compile(right), isArray);
    }

    // A varchar is compared as text.
    static int? ColumnOf(BoundExpression side, BoundTable table) => side switch
    {
        BoundColumn column when column.Relation == table.Id && column.Column >= 0 => column.Column,
        BoundRelabel { Operand: BoundColumn { Type: var type } column } when type == PgTypes.Varchar && column.Relation == table.Id && column.Column >= 0 => column.Column,
        _ => null,
    };

    static string Turned(string name) => name switch
    {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        _ => name,
    };

    // Texts have hashes for keys: no order.
    static bool IsServed(PgType own, PgType other, string name)
        => (own == PgTypes.Text && other == PgTypes.Text && name == "=")
            || (Array.IndexOf(Integers, own) >= 0 && Array.IndexOf(Integers, other) >= 0)
            || (own == other && Array.IndexOf(Ordered, own) >= 0);
}
