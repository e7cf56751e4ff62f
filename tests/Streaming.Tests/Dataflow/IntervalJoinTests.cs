using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming.Tests.Dataflow;

public sealed class IntervalJoinTests
{
    private const long OutOfOrder = 400_000;

    private static readonly RowSchema Output = new([.. Sided("l"), .. Sided("r")]);

    [Theory]
    [InlineData(0, 1000, "Inner", false)]
    [InlineData(500, 500, "Left", false)]
    [InlineData(2000, -300, "Right", false)]
    [InlineData(0, 0, "Full", false)]
    [InlineData(300, 1500, "Full", true)]
    public async Task Joins_equal_those_of_every_pair_whatever_the_batches_and_restarts(int before, int after, string kind, bool ordered)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            // Values tell the rows apart.
            List<JoinItem> items = [.. Item.Random(random, random.Next(2, 250), random.Next(1, 5), disorder: 900)
                .Select((item, i) => new JoinItem(random.Next(2), item.Key, item.Time * 1000, (i * 7919) % 1009))];
            var (expected, late) = Oracle(items, before * 1000L, after * 1000L, Enum.Parse<JoinKind>(kind), ordered);
            foreach (var (cuts, faults) in new[] { (new Random(seed), 0.0), (new Random(seed + 1), 0.15) })
            {
                var run = new JoinRun(() => Create(before, after, Enum.Parse<JoinKind>(kind), ordered), new FlakyState(new InMemoryStreamState(), new Random(seed), faults), OutOfOrder);
                await run.FeedAsync(items, cuts, restarts: faults > 0);
                Assert.True(expected.SetEquals(run.Results), $"seed {seed}: missing {string.Join("; ", expected.Except(run.Results).Take(3))}, too many {string.Join("; ", run.Results.Except(expected).Take(3))}");
                if (faults == 0)
                    Assert.Equal(expected.Count, run.Given);
                Assert.Equal(late, run.Late);
            }
        }
    }

    private static IEnumerable<Field> Sided(string side) => OperatorRun.Input.Fields.Select(field => field with { Name = $"{side}_{field.Name}", Nullable = true });

    private static IntervalJoin Create(long before, long after, JoinKind kind, bool ordered) => new(
        (OperatorRun.Input, ["k"]), (OperatorRun.Input, ["k"]), before * 1000, after * 1000, kind, 0, Output, ordered ? OperatorRun.Expression("l_v < r_v", Output) : null);

    private static (HashSet<string> Rows, long Late) Oracle(List<JoinItem> items, long before, long after, JoinKind kind, bool ordered)
    {
        var rows = new List<JoinItem>[] { [], [] };
        long[] largest = [long.MinValue, long.MinValue];
        long late = 0;
        foreach (var item in items)
        {
            var mark = largest.Min();
            if (mark != long.MinValue && item.Time < mark - OutOfOrder)
                late++;
            else
                rows[item.Side].Add(item);
            largest[item.Side] = Math.Max(largest[item.Side], item.Time);
        }

        HashSet<string> found = [];
        HashSet<JoinItem> matched = [];
        foreach (var left in rows[0])
        {
            foreach (var right in rows[1])
            {
                if (left.Key is null || left.Key != right.Key || right.Time < left.Time - before || right.Time > left.Time + after || (ordered && left.Value >= right.Value))
                    continue;
                matched.UnionWith([left, right]);
                found.Add($"{Text(left)} {Text(right)}");
            }
        }

        if (kind.HasFlag(JoinKind.Left))
            found.UnionWith(rows[0].Where(row => !matched.Contains(row)).Select(row => $"{Text(row)} null null null"));
        if (kind.HasFlag(JoinKind.Right))
            found.UnionWith(rows[1].Where(row => !matched.Contains(row)).Select(row => $"null null null {Text(row)}"));
        return (found, late);
    }

    private static string Text(JoinItem item) => $"{item.Key ?? "null"} {item.Time} {item.Value}";
}
