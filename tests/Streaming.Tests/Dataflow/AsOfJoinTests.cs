using RealTimeMesh.Contracts;

namespace RealTimeMesh.Streaming.Tests.Dataflow;

public sealed class AsOfJoinTests
{
    private const long OutOfOrder = 400_000;

    private static readonly RowSchema Output = new([.. Sided("l"), .. Sided("r")]);

    [Theory]
    [InlineData(null, false, false)]
    [InlineData(null, true, true)]
    [InlineData(0, true, false)]
    [InlineData(700, false, true)]
    [InlineData(2500, true, false)]
    public async Task Left_rows_have_the_latest_right_row_before_them_whatever_the_batches_and_restarts(int? tolerance, bool keepsLeft, bool ends)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            List<JoinItem> items = [.. Item.Random(random, random.Next(2, 250), random.Next(1, 5), disorder: 900)
                .Select((item, i) => new JoinItem(random.Next(2), item.Key, item.Time * 1000, (i * 7919) % 1009))];
            var (expected, late) = Oracle(items, tolerance * 1000L, keepsLeft, ends);
            foreach (var (cuts, faults) in new[] { (new Random(seed), 0.0), (new Random(seed + 1), 0.15) })
            {
                var run = new JoinRun(() => Create(tolerance, keepsLeft, ends), new FlakyState(new InMemoryStreamState(), new Random(seed), faults), OutOfOrder);
                await run.FeedAsync(items, cuts, restarts: faults > 0);
                Assert.True(expected.SetEquals(run.Results), $"seed {seed}: missing {string.Join("; ", expected.Except(run.Results).Take(3))}, too many {string.Join("; ", run.Results.Except(expected).Take(3))}");
                if (faults == 0)
                    Assert.Equal(expected.Count, run.Given);
                Assert.Equal(late, run.Late);
            }
        }
    }

    internal static IEnumerable<Field> Sided(string side) => OperatorRun.Input.Fields.Select(field => field with { Name = $"{side}_{field.Name}", Nullable = true });

    private static AsOfJoin Create(long? tolerance, bool keepsLeft, bool ends) => new(
        new OrderedInput(OperatorRun.Input, ["k"]), new OrderedInput(OperatorRun.Input, ["k"]), Output, keepsLeft, tolerance * 1000, ends ? OperatorRun.Expression("v % 3 = 0") : null);

    /// <summary>Row by row: a left row is answered when event time passes it; a right row that came after that counts if it is the newest of its key.</summary>
    private static (HashSet<string> Rows, long Late) Oracle(List<JoinItem> items, long? tolerance, bool keepsLeft, bool ends)
    {
        HashSet<string> found = [];
        List<JoinItem> left = [], waitingRight = [];
        Dictionary<string, JoinItem> current = [];
        long[] largest = [long.MinValue, long.MinValue];
        long late = 0;
        long Mark() => largest.Min() is var least && least == long.MinValue ? long.MinValue : least - OutOfOrder;
        foreach (var item in items)
        {
            var mark = Mark();
            Pass(mark);
            if (mark != long.MinValue && item.Time < mark)
            {
                var counts = item.Side == 1 && item.Key is not null && !(item.Time + tolerance < mark) && (!current.TryGetValue(item.Key, out var known) || known.Time <= item.Time);
                if (counts)
                    current[item.Key!] = item;
                else
                    late++;
            }
            else
            {
                (item.Side == 0 ? left : waitingRight).Add(item);
            }

            largest[item.Side] = Math.Max(largest[item.Side], item.Time);
        }

        Pass(long.MaxValue);
        return (found, late);

        void Pass(long until)
        {
            foreach (var item in left.Concat(waitingRight).Where(item => item.Time < until).OrderBy(item => item.Time).ThenBy(item => 1 - item.Side).ToList())
            {
                if (item.Side == 1)
                {
                    if (item.Key is not null)
                        current[item.Key] = item;
                    continue;
                }

                JoinItem? partner = item.Key is not null && current.TryGetValue(item.Key, out var version) && !(version.Time < item.Time - tolerance) && !(ends && version.Value % 3 == 0) ? version : null;
                if (partner is not null || keepsLeft)
                    found.Add($"{Text(item)} {(partner is { } right ? Text(right) : "null null null")}");
            }

            left.RemoveAll(item => item.Time < until);
            waitingRight.RemoveAll(item => item.Time < until);
        }
    }

    private static string Text(JoinItem item) => $"{item.Key ?? "null"} {item.Time} {item.Value}";
}
