namespace RealTimeMesh.Streaming.Tests.Dataflow;

public sealed class DeduplicateTests
{
    private const long OutOfOrder = 500;

    [Theory]
    [InlineData(1)]
    [InlineData(400)]
    [InlineData(5000)]
    public async Task First_row_of_a_key_within_the_horizon_passes_whatever_the_batches_and_restarts(int horizon)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var items = Item.Random(random, random.Next(1, 400), random.Next(1, 30), disorder: 1500);
            var (expected, late) = Oracle(items, horizon);
            foreach (var (cuts, restarts, faults) in new[] { (null, false, 0), (new Random(seed), false, 0), (new Random(seed + 1), true, 0), (new Random(seed + 2), true, 0.2) })
            {
                var run = new OperatorRun(() => new Deduplicate(new OrderedInput(OperatorRun.Input, ["k"]), horizon * 1000L), OutOfOrder * 1000, new FlakyState(new InMemoryStreamState(), new Random(seed), faults));
                await run.FeedAsync(items, cuts, restarts);
                run.End();
                var found = run.Results.Select(row => string.Join(' ', row.Select(value => value ?? "null"))).ToList();
                // Where commits fail the same rows are given again, and come to the same.
                if (faults == 0)
                    Assert.True(expected.SequenceEqual(found), $"seed {seed}: expected {expected.Count} rows, found {found.Count}");
                Assert.True(expected.ToHashSet().SetEquals(found), $"seed {seed}: missing {string.Join("; ", expected.Except(found).Take(3))}, too many {string.Join("; ", found.Except(expected).Take(3))}");
                Assert.Equal(late, run.Late);
            }
        }
    }

    private static (List<string> Rows, long Late) Oracle(List<Item> items, long horizon)
    {
        var onTime = Ordered.OnTime(items, OutOfOrder);
        var last = new Dictionary<string, long>();
        List<string> rows = [];
        foreach (var item in Ordered.ByTime(onTime))
        {
            if (last.TryGetValue(item.Key ?? "", out var first) && item.Time < first + horizon)
                continue;
            last[item.Key ?? ""] = item.Time;
            rows.Add($"{item.Key ?? "null"} {item.Time * 1000} {(object?)item.Value ?? "null"}");
        }

        return (rows, items.Count - onTime.Count);
    }
}
