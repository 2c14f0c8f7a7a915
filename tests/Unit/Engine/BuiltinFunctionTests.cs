using PgVectorCompat.Engine.Functions;
using Xunit;

namespace PgVectorCompat.Unit.Engine;

public sealed class BuiltinFunctionTests
{
    [Fact]
    public void Every_function_has_exactly_one_body()
        => Assert.All(BuiltinFunctions.Functions.Where(function => function.Kind == FunctionKind.Function), function => Assert.Equal(
            1, new object?[] { function.Body, function.Body1, function.Body2, function.SetBody }.Count(body => body is not null)));

    [Fact]
    public void No_two_operators_take_the_same_types()
        => Assert.Empty(BuiltinFunctions.Operators.GroupBy(op => (op.Name, op.Left?.Oid, op.Right.Oid)).Where(group => group.Count() > 1).Select(group => group.First().ToString()));

    [Fact]
    public void Commutators_and_negators_exist()
    {
        foreach (var op in BuiltinFunctions.Operators)
        {
            Assert.True(op.Commutator is null || BuiltinFunctions.Operators.Any(other => other.Name == op.Commutator && other.Left == op.Right && other.Right == op.Left), $"commutator of {op}");
            Assert.True(op.Negator is null || BuiltinFunctions.Operators.Any(other => other.Name == op.Negator && other.Left == op.Left && other.Right == op.Right), $"negator of {op}");
        }
    }
}
