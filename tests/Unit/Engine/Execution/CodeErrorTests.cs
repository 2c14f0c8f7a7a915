using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Vectors;
using Xunit;

namespace PgVectorCompat.Unit.Engine.Execution;

/// <summary>What the errors of measured candidates say of those that follow.</summary>
public sealed class CodeErrorTests
{
    [Theory]
    [InlineData(Metric.L2, 9)]
    [InlineData(Metric.Cosine, 6)]
    [InlineData(Metric.InnerProduct, 3)]
    [InlineData(Metric.L1, 3)]
    public void A_code_that_is_farther_than_its_error_is_beyond(Metric metric, double bound)
    {
        var error = Learn(metric, i => i % 2 == 0 ? 0.01f : -0.01f, 12);
        Assert.True(error.IsBeyond((float)bound + 0.1f, 3));
        Assert.False(error.IsBeyond((float)bound + 0.02f, 3));
        Assert.False(error.IsBeyond((float)bound - 1, 3));
    }

    [Fact]
    public void What_all_codes_are_wrong_by_is_taken_off()
    {
        var error = Learn(Metric.L1, i => 5 + (i % 2 == 0 ? 0.01f : -0.01f), 12);
        Assert.False(error.IsBeyond(8.02f, 3));
        Assert.True(error.IsBeyond(8.1f, 3));
    }

    [Fact]
    public void Few_candidates_or_none_kept_say_nothing()
    {
        Assert.False(Learn(Metric.L1, _ => 0, 11).IsBeyond(100, 3));
        Assert.False(Learn(Metric.L1, _ => 0, 12).IsBeyond(100, double.NaN));
        Assert.True(Learn(Metric.L1, _ => 0, 12).IsBeyond(100, 3));
    }

    [Fact]
    public void Equal_vectors_count_once()
    {
        var error = new CodeError(Metric.L1);
        for (var i = 0; i < 50; i++)
            error.Add(1.01f, 1);
        Assert.False(error.IsBeyond(100, 3));
    }

    static CodeError Learn(Metric metric, Func<int, float> wrongBy, int count)
    {
        var error = new CodeError(metric);
        for (var i = 0; i < count; i++)
        {
            var exact = 1 + i * 0.1;
            var right = metric switch { Metric.L2 => exact * exact, Metric.Cosine => 2 * exact, _ => exact };
            error.Add((float)right + wrongBy(i), exact);
        }
        return error;
    }
}
