using Xunit;

namespace PgVectorCompat.Simulation;

public sealed class StoreHistoryTests
{
    /// <summary>Histories in the test run; <c>PGVC_HISTORIES</c> asks for more, <c>PGVC_SEED</c> says with which to begin, and alone asks for one.</summary>
    [Fact]
    public void Every_history_ends_in_a_state_the_model_allows()
    {
        var first = int.TryParse(Environment.GetEnvironmentVariable("PGVC_SEED"), out var seed) ? seed : 0;
        var count = int.TryParse(Environment.GetEnvironmentVariable("PGVC_HISTORIES"), out var asked) ? asked : first == 0 ? 2000 : 1;
        var powerLosses = 0;
        var loadedIndexes = 0;
        var fullDisks = 0;
        var failures = 0;
        for (seed = first; seed < first + count; seed++)
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
            loadedIndexes += history.LoadedIndexes;
            fullDisks += history.FullDisks;
            failures += history.DiskFailures;
        }
        Assert.True(count == 1 || powerLosses > count, "the histories lose power too rarely to prove anything");
        Assert.True(count == 1 || loadedIndexes > count, "the histories load too few index snapshots to prove anything");
        Assert.True(count == 1 || (fullDisks > count / 4 && failures > count / 4), $"{fullDisks} full disks and {failures} failures prove too little");
    }

    /// <summary>Seeds outside the usual range that have found something.</summary>
    [Theory]
    [InlineData(2873)]
    [InlineData(5334)]
    public void Histories_that_failed_once(int seed) => new StoreHistory(seed).Run(steps: 250);

    [Fact]
    public void A_changed_byte_is_noticed_or_does_not_matter()
    {
        var outcomes = new Dictionary<StoreHistory.FlipOutcome, int>();
        for (var seed = 1; seed <= 400; seed++)
        {
            try
            {
                var outcome = new StoreHistory(seed).RunToFlip(steps: 120);
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed} fails: {error.Message}", error);
            }
        }
        Assert.True(outcomes.Count == 3 && outcomes.Values.Min() > 20, string.Join(", ", outcomes));
    }
}
