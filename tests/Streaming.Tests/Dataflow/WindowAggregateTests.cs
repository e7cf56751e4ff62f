namespace RealTimeMesh.Streaming.Tests.Dataflow;

public sealed class WindowAggregateTests
{
    [Theory]
    [InlineData(1000, 1000, 0, 0)]
    [InlineData(1000, 1000, 300, 0)]
    [InlineData(5000, 1000, 0, 0)]
    [InlineData(5000, 2000, 0, 700)]
    [InlineData(3000, 700, 250, 400)]
    [InlineData(500, 2000, 0, 300)]
    public async Task Windows_equal_those_computed_row_by_row_whatever_the_batches_and_restarts(int size, int slide, int offset, int lateness)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var items = Item.Random(random, random.Next(1, 400), random.Next(1, 6), disorder: 1500);
            const long OutOfOrder = 500;
            var (expected, late) = Oracle(items, size, slide, offset, lateness, OutOfOrder);
            foreach (var (cuts, restarts, faults) in new[] { (null, false, 0), (new Random(seed), false, 0), (new Random(seed + 1), true, 0), (new Random(seed + 2), true, 0.2) })
            {
                var run = new OperatorRun(() => Create(size, slide, offset, lateness), OutOfOrder * 1000, new FlakyState(new InMemoryStreamState(), new Random(seed), faults));
                await run.FeedAsync(items, cuts, restarts);
                run.End();
                Assert.True(expected.SetEquals(Final(run.Results)), $"seed {seed}: {Difference(expected, Final(run.Results))}");
                Assert.Equal(late, run.Late);
            }
        }
    }

    private static WindowAggregate Create(int size, int slide, int offset, int lateness) => new(
        OperatorRun.Input,
        new WindowShape(size * 1000L, slide * 1000L, offset * 1000L),
        lateness * 1000L,
        ["k"],
        [("n", new CountAggregator(null)), ("total", new IntegerSumAggregator(OperatorRun.Expression("v"), average: false)), ("best", new IntegerExtremeAggregator(OperatorRun.Expression("v"), max: true)), ("latest", new TextEdgeAggregator(OperatorRun.Expression("k"), last: true))],
        tellsUpdates: false);

    /// <summary>The last result of each window and key.</summary>
    private static HashSet<string> Final(List<object?[]> rows)
    {
        var last = new Dictionary<(object?, object?), object?[]>();
        foreach (var row in rows)
            last[(row[0], row[2])] = row;
        return [.. last.Values.Select(row => string.Join(' ', row.Select(value => value ?? "null")))];
    }

    private static string Difference(HashSet<string> expected, HashSet<string> found) =>
        $"missing {string.Join("; ", expected.Except(found).Take(3))}, too many {string.Join("; ", found.Except(expected).Take(3))}";

    private static (HashSet<string> Rows, long Late) Oracle(List<Item> items, long size, long slide, long offset, long lateness, long outOfOrder)
    {
        var windows = new Dictionary<(long Start, string? Key), List<Item>>();
        var largest = long.MinValue;
        long late = 0;
        foreach (var item in items)
        {
            var mark = largest == long.MinValue ? long.MinValue : largest - outOfOrder;
            var taken = false;
            var within = 0;
            for (var start = (long)Math.Floor((item.Time - offset) / (double)slide) * slide + offset; start > item.Time - size; start -= slide)
            {
                within++;
                if (mark != long.MinValue && start + size + lateness <= mark)
                    continue;
                taken = true;
                if (!windows.TryGetValue((start, item.Key), out var rows))
                    windows.Add((start, item.Key), rows = []);
                rows.Add(item);
            }

            late += taken || within == 0 ? 0 : 1;
            largest = Math.Max(largest, item.Time);
        }

        return ([.. windows.Select(window => Text(window.Key.Start, size, window.Key.Key, window.Value))], late);
    }

    private static string Text(long start, long size, string? key, List<Item> rows)
    {
        var values = rows.Where(row => row.Value is not null).Select(row => row.Value!.Value).ToList();
        object sum = values.Count == 0 ? "null" : values.Sum(), best = values.Count == 0 ? "null" : values.Max();
        return $"{start * 1000} {(start + size) * 1000} {key ?? "null"} {rows.Count} {sum} {best} {key ?? "null"}";
    }
}
