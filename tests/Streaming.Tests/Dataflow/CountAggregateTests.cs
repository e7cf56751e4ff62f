namespace RealTimeMesh.Streaming.Tests.Dataflow;

public sealed class CountAggregateTests
{
    private const long OutOfOrder = 500;

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(7, true)]
    public async Task Each_number_of_rows_of_a_key_gives_a_result_whatever_the_batches_and_restarts(int rows, bool isGlobal)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var items = Item.Random(random, random.Next(1, 400), random.Next(1, 8), disorder: 1500);
            var expected = Oracle(items, rows, isGlobal);
            foreach (var (cuts, restarts, faults) in new[] { (null, false, 0), (new Random(seed), false, 0), (new Random(seed + 1), true, 0), (new Random(seed + 2), true, 0.2) })
            {
                var run = new OperatorRun(() => Create(rows, isGlobal), OutOfOrder * 1000, new FlakyState(new InMemoryStreamState(), new Random(seed), faults));
                await run.FeedAsync(items, cuts, restarts);
                run.End();
                var found = run.Results.Select(row => string.Join(' ', row.Select(value => value ?? "null"))).ToHashSet();
                Assert.True(expected.SetEquals(found), $"seed {seed}: missing {string.Join("; ", expected.Except(found).Take(3))}, too many {string.Join("; ", found.Except(expected).Take(3))}");
            }
        }
    }

    private static CountAggregate Create(int rows, bool isGlobal) => new(
        new OrderedInput(OperatorRun.Input, ["k"]), rows, isGlobal,
        [("n", new CountAggregator(null)), ("total", new IntegerSumAggregator(OperatorRun.Expression("v"), average: false)), ("latest", new TextEdgeAggregator(OperatorRun.Expression("k"), last: true))]);

    private static HashSet<string> Oracle(List<Item> items, int rows, bool isGlobal)
    {
        HashSet<string> results = [];
        foreach (var group in Ordered.ByTime(Ordered.OnTime(items, OutOfOrder)).GroupBy(item => item.Key))
        {
            var all = group.ToList();
            for (var nth = 1; nth * rows <= all.Count; nth++)
            {
                var window = all.Skip(isGlobal ? 0 : (nth - 1) * rows).Take(isGlobal ? nth * rows : rows).ToList();
                var (start, end) = isGlobal ? (0, EventTimes.Latest) : (window[0].Time * 1000, (window[^1].Time * 1000) + 1);
                object sum = window.Exists(item => item.Value is not null) ? window.Sum(item => item.Value ?? 0) : "null";
                results.Add($"{start} {end} {group.Key ?? "null"} {window.Count} {sum} {group.Key ?? "null"} {nth}");
            }
        }

        return results;
    }
}
