namespace RealTimeMesh.Streaming.Tests.Dataflow;

public sealed class SessionAggregateTests
{
    [Theory]
    [InlineData(300, 0)]
    [InlineData(900, 0)]
    [InlineData(400, 500)]
    [InlineData(1500, 2000)]
    public async Task Sessions_equal_those_computed_row_by_row_whatever_the_batches_and_restarts(int gap, int lateness)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var items = Item.Random(random, random.Next(1, 400), random.Next(1, 6), disorder: 2500);
            const long OutOfOrder = 500;
            var (expected, late) = Oracle(items, gap, lateness, OutOfOrder);
            foreach (var (cuts, restarts, faults) in new[] { (null, false, 0), (new Random(seed), false, 0), (new Random(seed + 1), true, 0), (new Random(seed + 2), true, 0.2) })
            {
                var run = new OperatorRun(() => Create(gap, lateness), OutOfOrder * 1000, new FlakyState(new InMemoryStreamState(), new Random(seed), faults));
                await run.FeedAsync(items, cuts, restarts);
                run.End();
                var found = Final(run.Results);
                Assert.True(expected.SetEquals(found), $"seed {seed}: missing {string.Join("; ", expected.Except(found).Take(3))}, too many {string.Join("; ", found.Except(expected).Take(3))}");
                Assert.Equal(late, run.Late);
            }
        }
    }

    private static SessionAggregate Create(int gap, int lateness) => new(
        OperatorRun.Input,
        gap * 1000L,
        lateness * 1000L,
        ["k"],
        [("n", new CountAggregator(null)), ("total", new IntegerSumAggregator(OperatorRun.Expression("v"), average: false)), ("latest", new TextEdgeAggregator(OperatorRun.Expression("k"), last: true))]);

    /// <summary>What is left of what was given, after what was taken back.</summary>
    private static HashSet<string> Final(List<object?[]> rows)
    {
        var last = new Dictionary<(object?, object?, object?), object?[]>();
        foreach (var row in rows)
        {
            if (row.Length == 3)
                last.Remove((row[0], row[1], row[2]));
            else
                last[(row[0], row[1], row[2])] = row;
        }

        return [.. last.Values.Select(row => string.Join(' ', row.Select(value => value ?? "null")))];
    }

    private static (HashSet<string> Rows, long Late) Oracle(List<Item> items, long gap, long lateness, long outOfOrder)
    {
        var live = new List<(string? Key, List<Item> Rows)>();
        var done = new List<(string? Key, List<Item> Rows)>();
        var largest = long.MinValue;
        long late = 0;
        foreach (var item in items)
        {
            var mark = largest == long.MinValue ? long.MinValue / 2 : largest - outOfOrder;
            done.AddRange(live.Where(session => session.Rows.Max(row => row.Time) + gap + lateness <= mark));
            live.RemoveAll(session => session.Rows.Max(row => row.Time) + gap + lateness <= mark);
            var touching = live.Where(session => session.Key == item.Key && item.Time < session.Rows.Max(row => row.Time) + gap && session.Rows.Min(row => row.Time) < item.Time + gap).ToList();
            List<Item> whole = [.. touching.SelectMany(session => session.Rows), item];
            if (whole.Max(row => row.Time) + gap + lateness <= mark)
            {
                late++;
            }
            else
            {
                live.RemoveAll(touching.Contains);
                live.Add((item.Key, whole));
            }

            largest = Math.Max(largest, item.Time);
        }

        return ([.. done.Concat(live).Select(session => Text(session.Key, session.Rows, gap))], late);
    }

    private static string Text(string? key, List<Item> rows, long gap)
    {
        var values = rows.Where(row => row.Value is not null).Select(row => row.Value!.Value).ToList();
        object sum = values.Count == 0 ? "null" : values.Sum();
        return $"{rows.Min(row => row.Time) * 1000} {(rows.Max(row => row.Time) + gap) * 1000} {key ?? "null"} {rows.Count} {sum} {key ?? "null"}";
    }
}
