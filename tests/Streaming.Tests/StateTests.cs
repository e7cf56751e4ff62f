using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace RealTimeMesh.Streaming.Tests;

public class StateTests
{
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryStreamState _state = new();

    [Fact]
    public async Task Zombie_is_fenced_and_goes_on_from_what_the_other_stored()
    {
        var stream = TestStreams.Stream();
        var view = TestStreams.View(stream, "v", ["symbol"]);
        using var zombie = new VirtualStream(stream, [view], _state, _time, writer: "zombie");
        using var heir = new VirtualStream(stream, [view], _state, _time, writer: "heir");
        VirtualEvent[] first = [TestStreams.Event(0, new Trade("A", 1))];
        VirtualEvent[] second = [TestStreams.Event(1, new Trade("A", 2)), TestStreams.Event(2, new Trade("B", 3))];
        await zombie.ApplyAsync(0, first, _stop);

        // The zombie begins a batch, loses the partition, and commits too late.
        await using (var batch = await zombie.Engine.BeginAsync(0, _stop))
        {
            batch.Admit(1, [], -1);
            TestStreams.Append(batch.Rows, new Trade("A", 2));
            batch.AddRow(1);
            await heir.ApplyAsync(0, second, _stop);
            Assert.Equal(BatchCommit.Fenced, (await batch.CommitAsync(_stop)).Commit);
        }

        var outcome = await zombie.ApplyAsync(0, second, _stop);

        Assert.Equal(BatchCommit.Nothing, outcome.Commit);
        Assert.Equal(3, zombie.Engine.Partitions[0].Applied);
        Assert.Equal(await heir.RowsAsync("v", _stop), await zombie.RowsAsync("v", _stop));
        Assert.Contains("\"n\":2", (await zombie.RowsAsync("v", _stop))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_new_instances_on_one_partition_cannot_both_write_first()
    {
        var stream = TestStreams.Stream();
        using var left = new VirtualStream(stream, [], _state, _time, writer: "left");
        using var right = new VirtualStream(stream, [], _state, _time, writer: "right");
        await using var batch = await left.Engine.BeginAsync(0, _stop);
        batch.Admit(0, [], -1);
        batch.Quarantine();

        await right.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", 1))], _stop);

        Assert.Equal(BatchCommit.Fenced, (await batch.CommitAsync(_stop)).Commit);
    }

    [Fact]
    public async Task Batch_that_is_given_up_leaves_no_trace()
    {
        var stream = TestStreams.Stream();
        using var run = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"])], _state, _time);
        await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", 1))], _stop);
        await using (var batch = await run.Engine.BeginAsync(0, _stop))
        {
            batch.Admit(1, "file"u8, 7);
            batch.Quarantine();
        }

        var outcome = await run.ApplyAsync(0, [TestStreams.Event(1, new Trade("A", 2)) with { Source = "file", Sequence = 7 }], _stop);

        Assert.Equal((1, 0, 0), (outcome.Applied, outcome.Quarantined, outcome.DuplicatesSkipped));
        Assert.Equal(0, run.Engine.Partitions[0].Quarantined);
    }

    [Fact]
    public async Task Page_is_a_readable_row_under_a_documented_key()
    {
        var stream = TestStreams.Stream(TimeSpan.Zero);
        using var run = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"], select: [("n", "count(*)"), ("top", "max(price)")])], _state, _time);

        await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A|B", 5) { Price = 1.5 }), TestStreams.Event(1, new Trade("A|B", 65))], _stop);

        var key = $"views/test.v/A%7CB/{TestStreams.Time(0)}";
        Assert.Contains(key, _state.Keys);
        var row = JsonDocument.Parse((await _state.GetAsync([key], _stop))[0]!.Value).RootElement;
        Assert.Equal("""{"symbol":"A|B"}""", row.GetProperty("key").GetRawText());
        Assert.Equal($$"""[{"start":"{{TestStreams.Time(0)}}","end":"{{TestStreams.Time(60)}}","final":true,"n":1,"top":1.5},{"start":"{{TestStreams.Time(60)}}","end":"{{TestStreams.Time(120)}}","final":false,"n":1,"top":null}]""", row.GetProperty("windows").GetRawText());
        Assert.All(_state.Keys, stored => Assert.DoesNotContain("||", stored, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_of_closed_pages_are_written_a_last_time_as_final()
    {
        var stream = TestStreams.Stream(TimeSpan.Zero);
        using var run = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"])], _state, _time, new StreamingOptions { PageWindows = 2 });
        await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", 5))], _stop);

        await run.ApplyAsync(0, [TestStreams.Event(1, new Trade("B", 120))], _stop);

        var row = JsonDocument.Parse((await _state.GetAsync([$"views/test.v/A/{TestStreams.Time(0)}"], _stop))[0]!.Value).RootElement;
        Assert.True(row.GetProperty("windows")[0].GetProperty("final").GetBoolean());
    }

    [Fact]
    public async Task Pages_past_their_retention_are_deleted_even_after_a_restart()
    {
        var stream = TestStreams.Stream(TimeSpan.Zero);
        var view = TestStreams.View(stream, "v", ["symbol"], retain: TimeSpan.FromMinutes(10));
        var options = new StreamingOptions { PageWindows = 2 };
        using (var run = new VirtualStream(stream, [view], _state, _time, options))
            await run.ApplyAsync(0, [.. Enumerable.Range(0, 10).Select(i => TestStreams.Event(i, new Trade($"S{i}", i * 60)))], _stop);
        Assert.Equal(10, _state.Keys.Count(key => key.StartsWith("views/", StringComparison.Ordinal)));

        using var next = new VirtualStream(stream, [view], _state, _time, options, "next");
        await next.ApplyAsync(0, [TestStreams.Event(10, new Trade("S0", 240 + 600))], _stop);

        Assert.Equal(7, _state.Keys.Count(key => key.StartsWith("views/", StringComparison.Ordinal)));
        Assert.Equal(4, _state.Keys.Count(key => key.StartsWith("view-index/", StringComparison.Ordinal)));
        Assert.Equal(7, (await next.RowsAsync("v", _stop)).Count);
    }

    [Fact]
    public async Task Changed_view_over_stored_state_is_refused_by_name()
    {
        var stream = TestStreams.Stream();
        using (var run = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"])], _state, _time))
            await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", 1))], _stop);
        using var changed = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"], select: [("n", "sum(size)")])], _state, _time);

        var fault = await Assert.ThrowsAsync<StreamingException>(() => changed.Engine.RestoreAsync(_stop));

        Assert.Contains("test.v", fault.Message, StringComparison.Ordinal);
        Assert.Contains("another name", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_rows_are_refused_with_their_key()
    {
        var stream = TestStreams.Stream();
        using var run = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"])], _state, _time);
        await run.ApplyAsync(0, [TestStreams.Event(0, new Trade("A", 1))], _stop);
        await _state.CommitAsync([new StateChange($"positions/{stream.Topic}/p0", Encoding.UTF8.GetBytes("{\"offset\":\"x\"}"))], _stop);
        using var next = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"])], _state, _time);

        var fault = await Assert.ThrowsAsync<StreamingException>(() => next.Engine.RestoreAsync(_stop));

        Assert.Contains("positions/test.trades/p0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batch_beyond_the_transaction_limit_is_refused_whole_and_fits_in_halves()
    {
        var stream = TestStreams.Stream();
        using var run = new VirtualStream(stream, [TestStreams.View(stream, "v", ["symbol"])], _state, _time, new StreamingOptions { MaxTransactionBytes = 1_100 });
        VirtualEvent[] events = [.. Enumerable.Range(0, 8).Select(i => TestStreams.Event(i, new Trade($"S{i}", i)))];

        var whole = await run.ApplyAsync(0, events, _stop);
        Assert.Equal(BatchCommit.TooLarge, whole.Commit);
        Assert.Equal(0, run.Engine.Partitions[0].Applied);

        await run.ApplyAsync(0, events[..4], _stop);
        await run.ApplyAsync(0, events[4..], _stop);
        Assert.Equal(8, run.Engine.Partitions[0].Applied);
        Assert.Equal(8, (await run.RowsAsync("v", _stop)).Count);
    }

    [Fact]
    public async Task Only_so_many_sources_are_remembered_the_silent_ones_go_first()
    {
        using var run = new VirtualStream(TestStreams.Stream(), [], _state, _time, new StreamingOptions { MaxSources = 2 });
        VirtualEvent From(long offset, string source, long sequence) => TestStreams.Event(offset, new Trade("A", 1)) with { Source = source, Sequence = sequence };

        await run.ApplyAsync(0, [From(0, "a", 5), From(1, "b", 5), From(2, "a", 6), From(3, "c", 5)], _stop);
        var outcome = await run.ApplyAsync(0, [From(4, "a", 6), From(5, "c", 5), From(6, "b", 5)], _stop);

        Assert.Equal((1, 2), (outcome.Applied, outcome.DuplicatesSkipped));
    }
}
