using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Types;

/// <summary>Patterns for which backtracking takes exponential time.</summary>
public sealed class RegexPatternTests
{
    static readonly string Text = new('a', 40);

    [Fact]
    public void What_backtracking_cannot_do_takes_linear_time()
    {
        var pattern = RegexPattern.Get("(a*)*(a*)*(a*)*b");
        Assert.False(pattern.IsMatch(Text));
        Assert.False(pattern.IsMatch(Text));
        Assert.Equal(41, pattern.Match(Text + "bab").Length);
        Assert.Equal(["2:b", "3:ab"], pattern.Matches("xxbab", 2).Select(match => $"{match.Index}:{match.Value}"));
    }

    [Fact]
    public void A_search_that_takes_exponential_time_can_be_interrupted()
    {
        var pattern = RegexPattern.Get(@"(a|aa)+\1b");
        Interruption.Ask(() => throw new PgError(SqlState.QueryCanceled, "cancelled"));
        try
        {
            Assert.Equal(SqlState.QueryCanceled, Assert.Throws<PgError>(() => pattern.IsMatch(Text + Text)).SqlState);
            Assert.Equal(SqlState.QueryCanceled, Assert.Throws<PgError>(() => pattern.Matches(Text + Text).Count()).SqlState);
        }
        finally
        {
            Interruption.Ask(() => { });
        }
    }
}
