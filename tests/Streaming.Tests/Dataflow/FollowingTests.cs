using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming.Tests.Dataflow;

public sealed class FollowingTests
{
    private const long OutOfOrder = 400_000;

    private static readonly RowSchema Pair = new([.. AsOfJoinTests.Sided("l"), .. AsOfJoinTests.Sided("r")]);

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(300, true, false)]
    [InlineData(2000, false, true)]
    [InlineData(2000, true, true)]
    [InlineData(60_000, true, false)]
    public async Task First_rows_are_given_with_what_followed_or_because_nothing_did_whatever_the_batches_and_restarts(int within, bool isAbsent, bool ordered)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            List<JoinItem> items = [.. Item.Random(random, random.Next(2, 250), random.Next(1, 5), disorder: 900)
                .Select((item, i) => new JoinItem(random.Next(2), item.Key, item.Time * 1000, (i * 7919) % 1009))];
            var (expected, late) = Oracle(items, within * 1000L, isAbsent, ordered);
            foreach (var (cuts, faults) in new[] { (new Random(seed), 0.0), (new Random(seed + 1), 0.15) })
            {
                var run = new JoinRun(() => Create(within, isAbsent, ordered), new FlakyState(new InMemoryStreamState(), new Random(seed), faults), OutOfOrder);
                await run.FeedAsync(items, cuts, restarts: faults > 0);
                Assert.True(expected.SetEquals(run.Results), $"seed {seed}: missing {string.Join("; ", expected.Except(run.Results).Take(3))}, too many {string.Join("; ", run.Results.Except(expected).Take(3))}");
                if (faults == 0)
                    Assert.Equal(expected.Count, run.Given);
                Assert.Equal(late, run.Late);
            }
        }
    }

    private static Following Create(long within, bool isAbsent, bool ordered) => new(
        new OrderedInput(OperatorRun.Input, ["k"]), new OrderedInput(OperatorRun.Input, ["k"]), Pair, within * 1000, isAbsent, ordered ? OperatorRun.Expression("l_v < r_v", Pair) : null);

    private static (HashSet<string> Rows, long Late) Oracle(List<JoinItem> items, long within, bool isAbsent, bool ordered)
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
        foreach (var first in rows[0])
        {
            var next = rows[1].Where(second => first.Key is not null && second.Key == first.Key && second.Time >= first.Time && second.Time <= first.Time + within && (!ordered || first.Value < second.Value))
                .OrderBy(second => second.Time).Select(second => (JoinItem?)second).FirstOrDefault();
            if (isAbsent && next is null)
                found.Add(Text(first));
            else if (!isAbsent && next is { } second)
                found.Add($"{Text(first)} {Text(second)}");
        }

        return (found, late);
    }

    private static string Text(JoinItem item) => $"{item.Key ?? "null"} {item.Time} {item.Value}";
}
