using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace RealTimeMesh.Streaming.Tests;

public sealed class QueryTests : IAsyncLifetime
{
    private readonly CancellationToken _stop = TestContext.Current.CancellationToken;
    private readonly VirtualStream _run;

    public QueryTests()
    {
        var stream = TestStreams.Stream(TimeSpan.FromHours(5));
        _run = new VirtualStream(stream,
            [TestStreams.View(stream, "v", ["symbol"]), TestStreams.View(stream, "pair", ["symbol", "size"]), TestStreams.View(stream, "all", [])],
            new InMemoryStreamState(), new FakeTimeProvider(), new StreamingOptions { PageWindows = 3, MaxCachedWindows = 0 });
    }

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < 40; i++)
            await _run.ApplyAsync(i % 2, [TestStreams.Event(i, new Trade(i % 2 == 0 ? $"E{i % 3}" : $"O{i % 3}", i * 20) { Size = i % 3 })], _stop);
    }

    public ValueTask DisposeAsync()
    {
        _run.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pages_of_any_size_give_every_row_once_in_order(bool descending)
    {
        var query = new ViewQuery { Descending = descending, Limit = 1_000 };
        var whole = (await _run.Engine.QueryAsync("v", query, _stop)).Rows;
        Assert.Equal(40, whole.Count);
        List<ViewRow> paged = [];
        query = query with { Limit = 7 };
        while (true)
        {
            var page = await _run.Engine.QueryAsync("v", query, _stop);
            paged.AddRange(page.Rows);
            if (page.Next is null)
                break;
            Assert.Equal(7, page.Rows.Count);
            query = query with { After = page.Next };
        }

        Assert.Equal(whole.Select(row => (row.Start, row.Key)), paged.Select(row => (row.Start, row.Key)));
        var sorted = descending ? whole.OrderByDescending(row => row.Start) : whole.OrderBy(row => row.Start);
        Assert.Equal(sorted.ThenBy(row => row.Key, StringComparer.Ordinal).Select(row => row.Key), whole.Select(row => row.Key));
    }

    [Fact]
    public async Task Key_and_time_bounds_select_windows()
    {
        var page = await _run.Engine.QueryAsync("v", new ViewQuery { Key = "E1", From = TestStreams.Origin.AddMinutes(2), To = TestStreams.Origin.AddMinutes(10) }, _stop);

        Assert.NotEmpty(page.Rows);
        Assert.All(page.Rows, row => Assert.Equal("E1", row.Key));
        Assert.All(page.Rows, row => Assert.InRange(row.Start, TestStreams.Origin.AddMinutes(2), TestStreams.Origin.AddMinutes(9)));
        Assert.Empty((await _run.Engine.QueryAsync("v", new ViewQuery { Key = "none" }, _stop)).Rows);
    }

    [Fact]
    public async Task Key_of_several_fields_is_joined_by_bars()
    {
        var page = await _run.Engine.QueryAsync("pair", new ViewQuery { Key = "E0|0" }, _stop);

        Assert.NotEmpty(page.Rows);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            page.Rows[0].Write(json);
        Assert.Equal(JsonValueKind.Number, JsonDocument.Parse(buffer.ToArray()).RootElement.GetProperty("size").ValueKind);
    }

    [Fact]
    public async Task View_without_groups_merges_the_parts_of_all_partitions()
    {
        var page = await _run.Engine.QueryAsync("all", new ViewQuery { Descending = false }, _stop);

        Assert.Equal(14, page.Rows.Count);
        Assert.All(page.Rows, row => Assert.Equal("", row.Key));
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            page.Rows[0].Write(json);
        Assert.Equal(3, JsonDocument.Parse(buffer.ToArray()).RootElement.GetProperty("n").GetInt32());
    }

    [Theory]
    [InlineData("w", null, 100, null, "expected one of v, pair, all")]
    [InlineData("v", "a|b", 100, null, "expected 1 joined")]
    [InlineData("v", null, 0, null, "expected 1 to 10000")]
    [InlineData("v", null, 100, "!", "expected the 'next'")]
    public async Task Query_that_cannot_be_answered_says_what_it_expected(string view, string? key, int limit, string? after, string expected)
    {
        var fault = await Assert.ThrowsAsync<StreamingException>(() => _run.Engine.QueryAsync(view, new ViewQuery { Key = key, Limit = limit, After = after }, _stop));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }
}
