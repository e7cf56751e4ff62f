using System.Globalization;
using System.Text;

namespace RealTimeMesh.Streaming.Tests.Dataflow;

public sealed class StreamTaskTests
{
    private static readonly TimeSpan Long = TimeSpan.FromDays(1000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1000, 1000, 0)]
    [InlineData(1000, 1000, 700)]
    [InlineData(3000, 1000, 300)]
    public async Task Views_equal_those_computed_row_by_row_whatever_deliveries_restarts_and_failures_come(int size, int slide, int lateness)
    {
        var failures = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var items = Items(random, random.Next(1, 300), partitions: 2);
            var (expected, late, untimed) = Oracle(items, size, slide, lateness);
            foreach (var (restarts, faults, updates) in new[] { (false, 0, false), (true, 0, true), (true, 0.15, false), (true, 0.15, true) })
            {
                var state = new InMemoryStreamState();
                using var run = new FlowRun(Plan(size, slide, lateness, updates), new FlakyState(state, new Random(seed), faults));
                await run.FeedAsync(items, new Random(seed + 1), restarts);
                await EndAsync(run, partitions: 2);
                Assert.True(expected.SetEquals(await run.RowsAsync("test.sums")), $"seed {seed}: {Difference(expected, await run.RowsAsync("test.sums"))}");
                Assert.Equal(expected.Count, state.Keys.Count(key => key.StartsWith("views/test.sums/", StringComparison.Ordinal)));
                Assert.Equal(late, run.Engine.Partitions.Sum(status => status.Inputs[0].Late));
                Assert.Equal(untimed, run.Engine.Partitions.Sum(status => status.Inputs[0].Quarantined));
                Assert.Equal(items.Count - late - untimed + 2, run.Engine.Partitions.Sum(status => status.Inputs[0].Applied));
                failures += run.Failures;
            }
        }

        Assert.True(failures > 20, $"only {failures} commits failed");
    }

    [Fact]
    public async Task Partition_without_events_follows_the_others_once_it_is_idle_and_says_what_came_late()
    {
        using var run = new FlowRun(Plan(1000, 1000, 0, updates: false));
        await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 100, 1), 0)]);
        await run.ApplyAsync(0, 1, [(new FlowItem(0, 1, "b", 100, 1), 0)]);
        Assert.Empty(await run.RowsAsync("test.sums"));
        run.Time.Advance(TimeSpan.FromSeconds(29));
        await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 5000, 1), 1)]);
        await run.Engine.PulseAsync(Cancel);
        Assert.Single(await run.RowsAsync("test.sums"));

        run.Time.Advance(TimeSpan.FromSeconds(1));
        await run.Engine.PulseAsync(Cancel);
        Assert.Equal(2, (await run.RowsAsync("test.sums")).Count);

        // What was taken over from others holds after a restart too.
        run.Restart();
        await run.Engine.RestoreAsync(Cancel);
        await run.ApplyAsync(0, 1, [(new FlowItem(0, 1, "b", 200, 7), 1), (new FlowItem(0, 1, "b", 5000, 7), 2)]);
        run.Restart();
        await run.Engine.RestoreAsync(Cancel);
        var status = run.Engine.Partitions[1];
        Assert.Equal((1, 2), (status.Inputs[0].Late, status.Inputs[0].Applied));
        var late = Assert.Single(status.LateEvents);
        Assert.Equal(("test.items", 1, 1, 200_000, 4_500_000), (late.Topic, late.Partition, late.Offset, late.Time, late.Watermark));
        Assert.Equal(1, status.Late[0].Late);
    }

    [Fact]
    public async Task Partition_whose_first_event_is_still_to_come_holds_the_idle_ones_until_it_is_idle_itself()
    {
        using var run = new FlowRun(JoinPlan());
        await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 100, 1), 0)]);
        await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 60_000, 1), 1)]);
        await run.Engine.PulseAsync(Cancel);
        Assert.Empty(await run.RowsAsync("test.pairs"));
        var held = Assert.Single(await run.Engine.ExplainAsync(Cancel));
        Assert.Equal(("test.right", -1), (held.Topic, held.Offset));
        Assert.Contains("has had no event yet", held.ToString(), StringComparison.Ordinal);
        run.Time.Advance(TimeSpan.FromSeconds(30));
        await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 60_001, 1), 2)]);
        await run.Engine.PulseAsync(Cancel);
        Assert.NotEmpty(await run.RowsAsync("test.pairs"));
    }

    [Fact]
    public async Task Open_window_is_explained_by_the_partition_and_the_event_that_hold_it()
    {
        using var run = new FlowRun(Plan(1000, 1000, 0, updates: false));
        await run.ApplyAsync(0, 3, [(new FlowItem(0, 3, "a", 100, 1), 10), (new FlowItem(0, 3, "a", 900, 1), 11), (new FlowItem(0, 3, "b", 300, 1), 12)]);
        var held = Assert.Single(await run.Engine.ExplainAsync(Cancel));
        Assert.Equal(("test.items", 3, 11, 900_000, 400_000), (held.Topic, held.Partition, held.Offset, held.EventTime, held.Watermark));
        Assert.Equal((0, 1_000_000), (held.Window.Start, held.Window.End));
        Assert.Equal(
            "test.sums: tumbling 00:00:01: the window 1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z is open because event time has come to 1970-01-01T00:00:00.4Z in 'test.items', partition 3, by the event at offset 11 (1970-01-01T00:00:00.9Z); an event 0.6 s later closes it",
            held.ToString());
    }

    [Fact]
    public async Task Task_that_another_process_took_over_is_fenced_and_has_no_effect()
    {
        var state = new InMemoryStreamState();
        using var run = new FlowRun(Plan(1000, 1000, 0, updates: false), state);
        await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 100, 1), 0)]);
        using var other = run.New();
        Assert.Equal(BatchCommit.Applied, (await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 200, 2), 1)], other)).Commit);
        var before = state.Keys;
        Assert.Equal(BatchCommit.Fenced, (await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 200, 2), 1), (new FlowItem(0, 0, "a", 300, 3), 2)])).Commit);
        Assert.Equal(before, state.Keys);
        // Given again, the fenced one starts from what the other stored, and the other is fenced in turn.
        Assert.Equal(1, (await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 200, 2), 1), (new FlowItem(0, 0, "a", 300, 3), 2)])).Applied);
        Assert.Equal(BatchCommit.Fenced, (await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 9_000, 3), 3)], other)).Commit);
        await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 9_000, 3), 3)]);
        Assert.Contains("\"total\":6,", Assert.Single(await run.RowsAsync("test.sums")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_that_lost_a_partition_does_not_let_its_event_time_go_on()
    {
        var state = new InMemoryStreamState();
        using var run = new FlowRun(Plan(1000, 1000, 0, updates: false), state);
        await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 100, 1), 0)]);
        using var other = run.New();
        Assert.Equal(BatchCommit.Applied, (await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 200, 1), 1)], other)).Commit);
        run.Time.Advance(TimeSpan.FromMinutes(1));
        await run.ApplyAsync(0, 1, [(new FlowItem(0, 1, "b", 50_000, 1), 0)]);
        for (var pulse = 0; pulse < 3; pulse++)
            await run.Engine.PulseAsync(Cancel);
        // The other process has it still, and an event that is on time for it.
        Assert.Equal((1, 0), ((await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 300, 1), 2)], other)) is { } outcome ? (outcome.Applied, outcome.Late) : default));
    }

    [Fact]
    public async Task Batch_that_is_given_up_leaves_nothing_changed()
    {
        using var run = new FlowRun(Plan(1000, 1000, 0, updates: false));
        await using (var batch = await run.Engine.BeginAsync(0, 0, Cancel))
        {
            Assert.Equal(Admission.Accept, batch.Admit(0, ""u8, -1));
            batch.Quarantine();
            await Assert.ThrowsAsync<InvalidOperationException>(() => batch.CommitAsync(_ => throw new InvalidOperationException("no dead letter was taken"), Cancel));
        }

        await using (var batch = await run.Engine.BeginAsync(0, 0, Cancel))
        {
            Assert.Equal(Admission.Accept, batch.Admit(0, ""u8, -1));
        }

        Assert.Equal(1, (await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", null, 1), 0)])).Quarantined);
        Assert.Equal((1, 0), (run.Engine.Partitions[0].Inputs[0].Quarantined, run.Engine.Partitions[0].Inputs[0].Applied));
    }

    [Fact]
    public async Task State_of_another_definition_is_refused()
    {
        var state = new InMemoryStreamState();
        using (var run = new FlowRun(Plan(1000, 1000, 0, updates: false), state))
            await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a", 100, 1), 0)]);
        using var changed = new FlowRun(Plan(2000, 2000, 0, updates: false), state);
        var fault = await Assert.ThrowsAsync<StreamingException>(() => changed.Engine.RestoreAsync(Cancel));
        Assert.Contains("another definition", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row_of_the_store_has_the_documented_key_and_form()
    {
        var state = new InMemoryStreamState();
        using var run = new FlowRun(Plan(1000, 1000, 0, updates: true), state);
        await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "a|b", 100, 4), 0)]);
        const string Key = "views/test.sums/a%7Cb/1970-01-01T00:00:00Z";
        Assert.Equal("""{"key":{"k":"a|b"},"windows":[{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:00:01Z","final":false,"n":1,"total":4}]}""", await TextAsync(state, Key));
        await run.ApplyAsync(0, 0, [(new FlowItem(0, 0, "c", 5_000, 4), 1)]);
        Assert.Contains("\"final\":true", await TextAsync(state, Key), StringComparison.Ordinal);
    }

    private static async Task<string> TextAsync(InMemoryStreamState state, string key) => Encoding.UTF8.GetString((await state.GetAsync([key], Cancel))[0]!.Value.Span);

    /// <summary>Rows with a small value or none, their value doubled, by key.</summary>
    private static TaskPlan Plan(int size, int slide, int lateness, bool updates)
    {
        var flow = Flow.From(FlowRun.Stream("items")).Where("v is null or v < 40").Select(("k", "k"), ("half", "v"))
            .Window(FlowWindow.Hopping(TimeSpan.FromMilliseconds(size), TimeSpan.FromMilliseconds(slide)), ["k"], TimeSpan.FromMilliseconds(lateness), ("n", "count(*)"), ("total", "sum(half)"));
        return FlowPlanner.Plan("sums", [new FlowView("test.sums", flow.Node) { By = ["k"], Retain = Long, Updates = updates ? TimeSpan.Zero : null }]);
    }

    private static TaskPlan JoinPlan()
    {
        var flow = Flow.From(FlowRun.Stream("left")).Join(Flow.From(FlowRun.Stream("right")), "left.k = right.k", TimeSpan.Zero, TimeSpan.FromSeconds(1), JoinKind.Left)
            .Select(("k", "left.k"), ("pair", "right.v")).Window(FlowWindow.Tumbling(TimeSpan.FromSeconds(1)), ["k"], TimeSpan.Zero, ("n", "count(*)"));
        return FlowPlanner.Plan("pairs", [new FlowView("test.pairs", flow.Node) { By = ["k"], Retain = Long }]);
    }

    /// <summary>Runs of events of one partition each, some without a time. Keys are of one partition.</summary>
    private static List<FlowItem> Items(Random random, int count, int partitions)
    {
        List<FlowItem> items = [];
        while (items.Count < count)
        {
            var partition = random.Next(partitions);
            var start = items.LastOrDefault(item => item.Partition == partition && item.Time is not null).Time ?? 0;
            foreach (var item in Item.Random(random, random.Next(1, 60), 4, 1500))
                items.Add(new FlowItem(0, partition, $"p{partition}{item.Key}", random.Next(25) == 0 ? null : item.Time + start, item.Value));
        }

        return items;
    }

    /// <summary>An event far ahead in each partition, which takes part in nothing but event time.</summary>
    private static async Task EndAsync(FlowRun run, int partitions)
    {
        for (var partition = 0; partition < partitions; partition++)
        {
            while (true)
            {
                try
                {
                    await run.ApplyAsync(0, partition, [(new FlowItem(0, partition, "end", 1_000_000_000, 1000), 1_000_000)]);
                    break;
                }
                catch (IOException)
                {
                }
            }
        }
    }

    private static string Difference(HashSet<string> expected, List<string> found) =>
        $"missing {string.Join("; ", expected.Except(found).Take(3))}, too many {string.Join("; ", found.Except(expected).Take(3))}";

    private static (HashSet<string> Rows, long Late, long Untimed) Oracle(List<FlowItem> items, long size, long slide, long lateness)
    {
        var windows = new Dictionary<(long Start, string? Key), List<long?>>();
        var largest = new Dictionary<int, long>();
        long late = 0, untimed = 0;
        foreach (var item in items)
        {
            if (item.Time is not { } time)
            {
                untimed++;
                continue;
            }

            long? mark = largest.TryGetValue(item.Partition, out var last) ? last - FlowRun.OutOfOrder : null;
            largest[item.Partition] = Math.Max(time, largest.GetValueOrDefault(item.Partition, long.MinValue));
            if (item.Value >= 40)
                continue;
            var taken = false;
            for (var start = (long)Math.Floor(time / (double)slide) * slide; start > time - size; start -= slide)
            {
                if (start + size + lateness <= mark)
                    continue;
                taken = true;
                if (!windows.TryGetValue((start, item.Key), out var values))
                    windows.Add((start, item.Key), values = []);
                values.Add(item.Value);
            }

            late += taken ? 0 : 1;
        }

        return ([.. windows.Select(window => Text(window.Key.Start, size, window.Key.Key, window.Value))], late, untimed);
    }

    private static string Text(long start, long size, string? key, List<long?> values)
    {
        var total = values.Exists(value => value is not null) ? values.Sum()!.Value.ToString(CultureInfo.InvariantCulture) : "null";
        return $$"""{"k":"{{key}}","n":{{values.Count}},"total":{{total}},"start":"{{EventTimes.Format(start * 1000)}}","end":"{{EventTimes.Format((start + size) * 1000)}}","final":true}""";
    }
}
