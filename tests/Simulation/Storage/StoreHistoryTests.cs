using Xunit;

namespace PgVectorCompat.Simulation;

public sealed class StoreHistoryTests
{
    /// <summary>Histories in the test run; <c>PGVC_HISTORIES</c> asks for more, <c>PGVC_SEED</c> for one.</summary>
    [Fact]
    public void Every_history_ends_in_a_state_the_model_allows()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("PGVC_HISTORIES"), out var asked) ? asked : 300;
        var first = int.TryParse(Environment.GetEnvironmentVariable("PGVC_SEED"), out var seed) ? seed : 0;
        var powerLosses = 0;
        for (seed = first; seed < first + (first == 0 ? count : 1); seed++)
        {
            var history = new StoreHistory(seed);
            try
            {
                history.Run(steps: 250);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"PGVC_SEED={seed} fails: {error.Message}", error);
            }
            powerLosses += history.PowerLosses;
        }
        Assert.True(first != 0 || powerLosses > count, "the histories lose power too rarely to prove anything");
    }
}
