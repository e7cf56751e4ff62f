using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace RealTimeMesh.Streaming.Tests;

public class WatermarkTests
{
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Event_is_late_exactly_when_the_watermark_has_reached_the_windows_end_and_its_lateness()
    {
        var stream = TestStreams.Stream(TimeSpan.FromSeconds(10));
        using var run = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"], lateness: TimeSpan.FromSeconds(5))], new InMemoryStreamState(), _time);
        // Watermark 64.999999: the window [0, 60) with lateness 5 closes at 65.
        await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", 74.999999)), TestStreams.Event(1, new Trade("A", 59))], _stop);
        Assert.Equal(0, run.Engine.Partitions[0].Late);

        await run.ApplyAsync(0, [TestStreams.Event(2, new Trade("A", 75)), TestStreams.Event(3, new Trade("A", 59.999999)), TestStreams.Event(4, new Trade("A", 60))], _stop);

        var status = run.Engine.Partitions[0];
        Assert.Equal((4, 1), (status.Applied, status.Late));
        var rows = await run.RowsAsync("v", _stop);
        Assert.Equal($$"""{"symbol":"A","n":1,"start":"{{TestStreams.Time(0)}}","end":"{{TestStreams.Time(60)}}","final":true}""", rows[0]);
        Assert.EndsWith("\"n\":3,\"start\":\"" + TestStreams.Time(60) + "\",\"end\":\"" + TestStreams.Time(120) + "\",\"final\":false}", rows[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Event_that_one_view_still_takes_is_applied_and_not_late()
    {
        var stream = TestStreams.Stream(TimeSpan.Zero);
        using var run = new VirtualStream(stream,
            [TestStreams.View(stream, "strict", ["symbol"]), TestStreams.View(stream, "patient", ["symbol"], lateness: TimeSpan.FromHours(1))], new InMemoryStreamState(), _time);

        await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", 500)), TestStreams.Event(1, new Trade("A", 1))], _stop);

        var status = run.Engine.Partitions[0];
        Assert.Equal((2, 0), (status.Applied, status.Late));
        Assert.Equal([1, 0], status.Views.Select(view => view.Late));
    }

    [Fact]
    public async Task Idle_partition_follows_the_watermark_of_the_others_and_still_takes_its_own_events()
    {
        var stream = TestStreams.Stream(TimeSpan.Zero);
        using var run = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"])], new InMemoryStreamState(), _time);
        await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", 10))], _stop);
        _time.Advance(TimeSpan.FromSeconds(29));
        await run.ApplyAsync(1, [TestStreams.Event(0, new Trade("B", 300))], _stop);
        Assert.Equal([TestStreams.Origin.AddSeconds(10), TestStreams.Origin.AddSeconds(300)], run.Engine.Watermarks().Select(mark => mark.Effective!.Value));
        Assert.True(run.Engine.Watermarks()[0].HoldsBack);
        Assert.Contains("\"final\":false", (await run.RowsAsync("v", _stop))[0], StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(1));

        var idle = run.Engine.Watermarks()[0];
        Assert.True(idle.IsIdle);
        Assert.Equal(TestStreams.Origin.AddSeconds(300), idle.Effective);
        Assert.Equal(TestStreams.Origin.AddSeconds(10), idle.Own);
        Assert.Contains("\"final\":true", (await run.RowsAsync("v", _stop))[0], StringComparison.Ordinal);

        // A replay may interleave the partitions otherwise, so lateness is the partition's own matter.
        await run.ApplyAsync(0, [TestStreams.Event(1, new Trade("A", 20))], _stop);
        Assert.Equal(0, run.Engine.Partitions[0].Late);
        Assert.Contains("\"n\":2", (await run.RowsAsync("v", _stop))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_without_views_is_counted_and_never_late()
    {
        using var run = new VirtualStream(TestStreams.Stream(TimeSpan.Zero), [], new InMemoryStreamState(), _time);

        await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", 500)), TestStreams.Event(1, new Trade("A", 1)), new VirtualEvent(2, null)], _stop);

        var status = run.Engine.Partitions[0];
        Assert.Equal((2, 0, 1), (status.Applied, status.Late, status.Quarantined));
    }

    [Fact]
    public async Task Event_without_a_usable_time_is_quarantined()
    {
        var stream = TestStreams.Stream();
        using var run = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"])], new InMemoryStreamState(), _time);

        var outcome = await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", null)), TestStreams.Event(1, new Trade("A", 9e12)), TestStreams.Event(2, new Trade("A", 5))], _stop);

        Assert.Equal((1, 2), (outcome.Applied, outcome.Quarantined));
        Assert.Single(await run.RowsAsync("v", _stop));
    }

    [Fact]
    public async Task Times_before_1970_fall_into_their_window()
    {
        var stream = TestStreams.Stream();
        using var run = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"])], new InMemoryStreamState(), _time);
        var second = (new DateTime(1969, 12, 31, 23, 59, 30, DateTimeKind.Utc) - TestStreams.Origin).TotalSeconds;

        await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", second))], _stop);

        var row = JsonDocument.Parse((await run.RowsAsync("v", _stop))[0]).RootElement;
        Assert.Equal("1969-12-31T23:59:00Z", row.GetProperty("start").GetString());
        Assert.Equal("1970-01-01T00:00:00Z", row.GetProperty("end").GetString());
    }
}
