using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Planning;

/// <summary>Operator calls that the planner makes itself, for EXPLAIN.</summary>
static class Operators
{
    /// <summary>left op right, by the built-in operator of these types or of text.</summary>
    public static BoundCall Call(string name, BoundExpression left, BoundExpression right)
    {
        var all = BuiltinFunctions.OperatorsByName[name];
        var op = Array.Find(all, op => op.Left == left.Type && op.Right == right.Type) ?? Array.Find(all, op => op.Left == PgTypes.Text && op.Right == PgTypes.Text)!;
        return new BoundCall(op.Function, [left, right], PgTypes.Bool, op);
    }

    /// <summary>The same comparison with its sides changed; itself where its operator has no commutator.</summary>
    public static BoundCall Commuted(BoundCall call)
        => call is { Operator: { Commutator: { } name, Left: { } left } op, Arguments: [var a, var b] }
            && BuiltinFunctions.OperatorsByName.TryGetValue(name, out var all) && Array.Find(all, other => other.Left == op.Right && other.Right == left) is { } commuted
            ? call with { Function = commuted.Function, Operator = commuted, Arguments = [b, a] }
            : call;
}
