namespace RealTimeMesh.Streaming.Tests.Dataflow;

public sealed class TopRowsTests
{
    private const long OutOfOrder = 500;

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, false)]
    [InlineData(10, true)]
    public async Task Ranks_of_all_rows_are_those_of_a_sort_whatever_the_order_the_batches_and_restarts(int count, bool descending)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var items = Item.Random(random, random.Next(1, 400), random.Next(1, 8), disorder: 1500);
            var expected = items.GroupBy(item => item.Key).SelectMany(group => Sorted(group, descending).Take(count).Select((item, rank) => $"{rank + 1} {Text(item)}")).ToHashSet();
            foreach (var (cuts, restarts, faults) in new[] { (null, false, 0), (new Random(seed), false, 0), (new Random(seed + 1), true, 0), (new Random(seed + 2), true, 0.2) })
            {
                var run = new OperatorRun(() => new TopRows(OperatorRun.Input, ["k"], [new RankColumn(2, descending)], count, isWindowed: false), OutOfOrder * 1000, new FlakyState(new InMemoryStreamState(), new Random(seed), faults));
                // However late: nothing is given up of rows since ever.
                await run.FeedAsync(items, cuts, restarts);
                run.End();
                var last = new Dictionary<(object?, object?), string>();
                foreach (var row in run.Results)
                    last[(row[3], row[2])] = string.Join(' ', row.Skip(2).Select(value => value ?? "null"));
                Assert.True(expected.SetEquals(last.Values), $"seed {seed}: missing {string.Join("; ", expected.Except(last.Values).Take(3))}, too many {string.Join("; ", last.Values.Except(expected).Take(3))}");
                Assert.Equal(0, run.Late);
            }
        }
    }

    [Fact]
    public Task Ranks_of_windows_are_those_of_a_sort_whatever_the_deliveries_and_restarts()
    {
        var flow = Flow.From(FlowRun.Stream("left")).Window(FlowWindow.Hopping(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)), ["k"], TimeSpan.Zero, ("n", "count(*)"), ("least", "min(v)")).Top(2, [], ("n", true), ("least", false));
        var plan = FlowPlanner.Plan("top", [new FlowView("test.top", flow.Node) { By = ["rank"], Retain = TimeSpan.FromDays(1000) }]);
        return FlowPlannerTests.CompareAsync(plan, "test.top", items =>
        [
            .. items.SelectMany(item => Enumerable.Range(-1, 2).Select(i => (Item: item, Start: ((long)Math.Floor(item.Time!.Value / 1000.0) + i) * 1000)))
                .GroupBy(pair => pair.Start)
                .SelectMany(window => window.GroupBy(pair => pair.Item.Key)
                    .Select(group => (group.Key, Count: group.Count(), Least: group.Min(pair => pair.Item.Value)))
                    .OrderByDescending(row => row.Count).ThenBy(row => row.Least ?? long.MaxValue).ThenBy(row => row.Key is null).ThenBy(row => row.Key, StringComparer.Ordinal)
                    .Take(2).Select((row, rank) => $"{row.Key ?? "null"}|{rank + 1}|{window.Key}|{row.Count}|{row.Least?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"}")),
        ], row => $"{FlowPlannerTests.Text(row, "k")}|{FlowPlannerTests.Text(row, "rank")}|{FlowPlannerTests.Millis(row, "start")}|{FlowPlannerTests.Text(row, "n")}|{FlowPlannerTests.Text(row, "least")}");
    }

    [Fact]
    public void Step_after_the_first_rows_since_ever_is_refused()
    {
        var flow = Flow.From(FlowRun.Stream("left"));
        var after = flow.Top(3, ["k"], ("v", true)).Select(("k", "k"));
        Assert.Contains("expected it as the last one", Fault(() => FlowPlanner.Plan("top", [new FlowView("test.top", after.Node) { By = ["k"] }])), StringComparison.Ordinal);
        Assert.Contains("found column 'x'", Fault(() => flow.Top(3, ["k"], ("x", true))), StringComparison.Ordinal);
        Assert.Contains("expected 1 to 1000 rows", Fault(() => flow.Top(0, ["k"], ("v", true))), StringComparison.Ordinal);
        var late = flow.Window(FlowWindow.Tumbling(TimeSpan.FromSeconds(1)), ["k"], TimeSpan.FromSeconds(1), ("n", "count(*)"));
        Assert.Contains("may change after they are given", Fault(() => late.Top(3, ["k"], ("n", true))), StringComparison.Ordinal);
    }

    private static string Fault(Action write) => Assert.Throws<StreamingException>(write).Message;

    private static IEnumerable<Item> Sorted(IEnumerable<Item> items, bool descending)
    {
        var byValue = items.OrderBy(item => item.Value is null);
        byValue = descending ? byValue.ThenByDescending(item => item.Value) : byValue.ThenBy(item => item.Value);
        return byValue.ThenBy(item => item.Time);
    }

    private static string Text(Item item) => $"{item.Key ?? "null"} {item.Time * 1000} {(object?)item.Value ?? "null"}";
}
