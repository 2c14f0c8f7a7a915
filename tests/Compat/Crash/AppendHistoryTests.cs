namespace PgVectorCompat.Compat.Crash;

/// <summary>The judge itself: histories with known anomalies.</summary>
[Trait("Part", "crash")]
public sealed class AppendHistoryTests
{
    static AppendHistory.Step Step((int, long)[] appends, params (int, long[])[] reads)
    {
        var step = new AppendHistory.Step { IsAcknowledged = true };
        step.Appends.AddRange(appends);
        step.Reads.AddRange(reads);
        return step;
    }

    static List<string> Judge(string level, Dictionary<int, long[]> lists, params AppendHistory.Step[] steps)
    {
        var history = new AppendHistory();
        foreach (var step in steps) history.Add(step);
        return history.Anomalies(level, lists);
    }

    [Fact]
    public void A_write_skew_is_allowed_but_by_serializable()
    {
        AppendHistory.Step[] skew = [Step([(1, 10)], (2, [])), Step([(2, 20)], (1, []))];
        var lists = new Dictionary<int, long[]> { [1] = [10], [2] = [20] };
        Assert.Empty(Judge("repeatable read", lists, skew));
        Assert.Contains("G2", Assert.Single(Judge("serializable", lists, skew)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_skew_is_allowed_by_read_committed_only()
    {
        AppendHistory.Step[] skew = [Step([(1, 10), (2, 20)]), Step([], (1, []), (2, [20]))];
        var lists = new Dictionary<int, long[]> { [1] = [10], [2] = [20] };
        Assert.Empty(Judge("read committed", lists, skew));
        Assert.Contains("G-single", Assert.Single(Judge("repeatable read", lists, skew)), StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_partial_and_foreign_elements_are_found()
    {
        Assert.NotEmpty(Judge("read committed", new() { [1] = [] }, Step([(1, 10)])));
        Assert.NotEmpty(Judge("read committed", new() { [1] = [10], [2] = [] }, Step([(1, 10), (2, 20)])));
        Assert.NotEmpty(Judge("read committed", new() { [1] = [99] }));
        Assert.NotEmpty(Judge("read committed", new() { [1] = [10, 20] }, Step([(1, 10)]), Step([(1, 20)]), Step([], (1, [20]))));
        Assert.NotEmpty(Judge("read committed", new() { [1] = [10, 20], [2] = [21, 11] }, Step([(1, 10), (2, 11)]), Step([(1, 20), (2, 21)])));
    }
}
