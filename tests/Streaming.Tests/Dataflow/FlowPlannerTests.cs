using System.Text.Json;

namespace RealTimeMesh.Streaming.Tests.Dataflow;

/// <summary>Plans of several steps over events that are all on time: what they give is what brute force gives, whatever the deliveries, restarts and failing commits.</summary>
public sealed class FlowPlannerTests
{
    private const long Gap = 400;
    private static readonly TimeSpan Long = TimeSpan.FromDays(1000);

    [Fact]
    public async Task Pairs_of_two_topics_and_rows_without_a_partner_equal_those_of_brute_force()
    {
        // A row is named by all it holds: two equal pairs are one row.
        var flow = Flow.From(FlowRun.Stream("left")).Join(Flow.From(FlowRun.Stream("right")), "left.k = right.k and right.v > left.v", TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(700), JoinKind.Left)
            .Select(("k", "left.k"), ("l", "left.v"), ("r", "right.v"), ("at", "left.at"), ("other", "right.at"));
        var plan = FlowPlanner.Plan("pairs", [new FlowView("test.pairs", flow.Node) { By = ["k", "l", "r", "at", "other"], Retain = Long }]);
        await CompareAsync(plan, "test.pairs", items =>
        {
            var pairs = new HashSet<string>();
            foreach (var left in items.Where(item => item.Source == 0))
            {
                var partners = items.Where(item => item.Source == 1 && item.Key == left.Key && left.Key is not null && item.Value > left.Value && item.Time >= left.Time - 200 && item.Time <= left.Time + 700).ToList();
                pairs.UnionWith(partners.Select(right => $"{left.Key}|{left.Value}|{left.Time}|{right.Value}|{right.Time}"));
                if (partners.Count == 0)
                    pairs.Add($"{left.Key ?? "null"}|{left.Value?.ToString() ?? "null"}|{left.Time}|null|null");
            }

            return pairs;
        }, row => $"{Text(row, "k")}|{Text(row, "l")}|{Millis(row, "at")}|{Text(row, "r")}|{Millis(row, "other")}");
    }

    [Fact]
    public async Task Step_that_two_others_read_gives_the_keys_with_the_most_events()
    {
        var counts = Flow.From(FlowRun.Stream("left")).Window(FlowWindow.Hopping(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1)), ["k"], TimeSpan.Zero, ("n", "count(*)"));
        var most = counts.Window(FlowWindow.Tumbling(TimeSpan.FromSeconds(1)), [], TimeSpan.Zero, ("n", "max(n)"));
        var hottest = counts.Join(most, "left.n = right.n", TimeSpan.Zero, TimeSpan.Zero).Select(("k", "left.k"), ("n", "left.n"), ("ends", "left.window_end"));
        var plan = FlowPlanner.Plan("hot", [new FlowView("test.hot", hottest.Node) { By = ["k", "ends"], Retain = Long }]);
        Assert.Equal(4, plan.NewGraph().Steps.Count);
        await CompareAsync(plan, "test.hot", items =>
        {
            var found = items.Where(item => item.Source == 0)
                .SelectMany(item => Enumerable.Range(1, 3).Select(i => (item.Key, End: ((long)Math.Floor(item.Time!.Value / 1000.0) + i) * 1000)))
                .GroupBy(pair => pair).Select(group => (group.Key.Key, group.Key.End, Count: group.Count())).ToList();
            return [.. found.Where(row => row.Count == found.Where(other => other.End == row.End).Max(other => other.Count)).Select(row => $"{row.Key ?? "null"}|{row.Count}|{row.End}")];
        }, row => $"{Text(row, "k")}|{Text(row, "n")}|{Millis(row, "ends")}");
    }

    [Fact]
    public async Task Sessions_equal_those_of_brute_force_and_none_that_was_taken_back_stays()
    {
        var flow = Flow.From(FlowRun.Stream("left")).Window(FlowWindow.Session(TimeSpan.FromMilliseconds(Gap)), ["k"], TimeSpan.FromSeconds(1), ("n", "count(*)"));
        var plan = FlowPlanner.Plan("sessions", [new FlowView("test.sessions", flow.Node) { By = ["k"], Retain = Long }]);
        await CompareAsync(plan, "test.sessions", items =>
        {
            var sessions = new HashSet<string>();
            foreach (var group in items.Where(item => item.Source == 0).GroupBy(item => item.Key))
            {
                var times = group.Select(item => item.Time!.Value).Order().ToList();
                for (int from = 0, i = 1; i <= times.Count; i++)
                {
                    if (i < times.Count && times[i] - times[i - 1] < Gap)
                        continue;
                    sessions.Add($"{group.Key ?? "null"}|{i - from}|{times[from]}|{times[i - 1] + Gap}");
                    from = i;
                }
            }

            return sessions;
        }, row => $"{Text(row, "k")}|{Text(row, "n")}|{Millis(row, "start")}|{Millis(row, "end")}");
    }

    [Theory]
    [InlineData("left.k = right.x", "column 10: field 'right.x' is not in the contract")]
    [InlineData("left.v > right.v", "found no equality between the sides")]
    [InlineData("left.k = right.k and", "column")]
    [InlineData("left.k", "found varchar; expected a condition")]
    public void Join_that_cannot_be_computed_is_refused_with_the_place(string on, string expected)
    {
        var fault = Assert.Throws<StreamingException>(() => Flow.From(FlowRun.Stream("left")).Join(Flow.From(FlowRun.Stream("right")), on, TimeSpan.Zero, TimeSpan.Zero));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_steps_are_refused_when_they_are_written()
    {
        var flow = Flow.From(FlowRun.Stream("left"));
        Assert.Contains("did you mean 'at'", Assert.Throws<StreamingException>(() => flow.Where("att > 1")).Message, StringComparison.Ordinal);
        Assert.Contains("expected Boolean", Assert.Throws<StreamingException>(() => flow.Where("v + 1")).Message, StringComparison.Ordinal);
        Assert.Contains("this is no aggregate", Assert.Throws<StreamingException>(() => flow.Window(FlowWindow.Tumbling(Long), ["k"], TimeSpan.Zero, ("n", "v + 1"))).Message, StringComparison.Ordinal);
        Assert.Contains("key field 'x'", Assert.Throws<StreamingException>(() => flow.Window(FlowWindow.Tumbling(Long), ["x"], TimeSpan.Zero, ("n", "count(*)"))).Message, StringComparison.Ordinal);
        Assert.Contains("expected 1 ms or more", Assert.Throws<StreamingException>(() => FlowWindow.Session(TimeSpan.Zero)).Message, StringComparison.Ordinal);
    }

    internal static async Task CompareAsync(TaskPlan plan, string view, Func<List<FlowItem>, HashSet<string>> oracle, Func<JsonElement, string> text)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var items = Items(random, random.Next(2, 250), plan.Sources.Count);
            var expected = oracle(items);
            foreach (var faults in new[] { 0, 0.15 })
            {
                using var run = new FlowRun(plan, new FlakyState(new InMemoryStreamState(), new Random(seed), faults));
                await run.FeedAsync(items, new Random(seed + 1), restarts: faults > 0);
                var found = new HashSet<string>();
                await EndAsync(run, plan.Sources.Count);
                foreach (var row in await run.RowsAsync(view))
                {
                    var line = text(JsonDocument.Parse(row).RootElement);
                    if (!line.StartsWith("end|", StringComparison.Ordinal))
                        Assert.True(found.Add(line), $"seed {seed}: {line} twice");
                }

                Assert.True(expected.SetEquals(found), $"seed {seed}, faults {faults}: missing {string.Join("; ", expected.Except(found).Take(3))}, too many {string.Join("; ", found.Except(expected).Take(3))}");
                Assert.Equal(0, run.Engine.Partitions.Sum(status => status.Inputs.Sum(input => input.Late)));
            }
        }
    }

    /// <summary>Events whose disorder is less than the streams allow for.</summary>
    private static List<FlowItem> Items(Random random, int count, int sources)
    {
        List<FlowItem> items = [];
        long now = 10_000;
        while (items.Count < count)
        {
            now += random.Next(20) == 0 ? random.Next(3_000) : random.Next(120);
            items.Add(new FlowItem(random.Next(sources), 0, random.Next(30) == 0 ? null : $"k{random.Next(4)}", now - random.Next((int)FlowRun.OutOfOrder), random.Next(15) == 0 ? null : random.Next(-50, 50)));
        }

        return items;
    }

    private static async Task EndAsync(FlowRun run, int sources)
    {
        for (var source = 0; source < sources; source++)
        {
            for (var isDone = false; !isDone;)
            {
                try
                {
                    await run.ApplyAsync(source, 0, [(new FlowItem(source, 0, "end", 1_000_000_000, 1), 1_000_000)]);
                    isDone = true;
                }
                catch (IOException)
                {
                }
            }
        }
    }

    internal static string Text(JsonElement row, string name) => row.GetProperty(name).ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.String => row.GetProperty(name).GetString()!,
        _ => row.GetProperty(name).GetRawText(),
    };

    internal static string Millis(JsonElement row, string name) =>
        row.GetProperty(name).ValueKind == JsonValueKind.Null ? "null" : $"{(EventTimes.Of(row.GetProperty(name).GetDateTime().ToUniversalTime()) / 1000)}";
}
