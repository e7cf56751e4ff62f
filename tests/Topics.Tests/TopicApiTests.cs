using System.Net.Http.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;
using Microsoft.Extensions.Time.Testing;

namespace RealTimeMesh.Topics.Tests;

public sealed class TopicApiTests
{
    [Fact]
    public async Task Topics_are_made_listed_in_pages_changed_and_deleted_and_the_audit_log_tells_who()
    {
        await using var mesh = await TopicsMesh.StartAsync();
        foreach (var n in Enumerable.Range(0, 5))
            await mesh.PostAsync("/v1/topics", new { name = $"t{n}", partitions = 3, settings = new Dictionary<string, string> { ["retention.ms"] = "60000" } }, 201);
        await mesh.PostAsync("/v1/topics", new { name = "t1" }, 409);
        await mesh.PostAsync("/v1/topics", new { name = "a b" }, 400);
        var first = await mesh.GetAsync("/v1/topics?limit=3&search=T");
        Assert.Equal(["t0", "t1", "t2"], first.GetProperty("items").EnumerateArray().Select(topic => topic.GetProperty("name").GetString()));
        Assert.Equal(5, first.GetProperty("total").GetInt32());
        var rest = await mesh.GetAsync($"/v1/topics?limit=3&search=T&after={first.GetProperty("next").GetString()}");
        Assert.Equal(["t3", "t4"], rest.GetProperty("items").EnumerateArray().Select(topic => topic.GetProperty("name").GetString()));
        await mesh.GetAsync("/v1/topics?limit=0", 400);

        Assert.Equal(200, (int)(await mesh.Http.PatchAsJsonAsync("/v1/topics/t1/settings", new Dictionary<string, string?> { ["retention.ms"] = null })).StatusCode);
        await mesh.PostAsync("/v1/topics/t1/partitions", new { total = 4 });
        await mesh.PostAsync("/v1/topics/t1/partitions", new { total = 4 }, 400);
        var detail = await mesh.GetAsync("/v1/topics/t1");
        Assert.Equal(4, detail.GetProperty("partitions").GetArrayLength());
        Assert.Equal(204, (int)(await mesh.Http.DeleteAsync(new Uri("/v1/topics/t1", UriKind.Relative))).StatusCode);
        await mesh.GetAsync("/v1/topics/t1", 404);

        mesh.Http.DefaultRequestHeaders.Add("x-mesh-user", "ann");
        await mesh.PostAsync("/v1/topics", new { name = "last" }, 201);
        var audit = (await mesh.GetAsync("/v1/audit?limit=2")).EnumerateArray().ToArray();
        Assert.Equal(["done", "asked"], audit.Select(entry => entry.GetProperty("stage").GetString()));
        Assert.All(audit, entry => Assert.StartsWith("ann at ", entry.GetProperty("who").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_token_nothing_is_told()
    {
        await using var mesh = await TopicsMesh.StartAsync(token: "secret");
        await mesh.GetAsync("/v1/topics", 401);
        mesh.Http.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        await mesh.GetAsync("/v1/topics");
    }

    [Fact]
    public async Task Lag_grows_in_events_and_seconds_while_a_consumer_is_dead()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1, time);
        await mesh.PublishAsync("t", [("k", "1"), ("k", "2")]);
        var recorder = new BatchRecorder();
        await using (await mesh.Broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, recorder.HandleAsync, default))
            await recorder.WaitForMessagesAsync(2);
        var none = (await mesh.GetAsync("/v1/groups/g")).GetProperty("lag");
        Assert.Equal((0, 0.0, "Empty"), (none.GetProperty("events").GetInt64(), none.GetProperty("seconds").GetDouble(), none.GetProperty("state").GetString()!));

        time.Advance(TimeSpan.FromMinutes(1));
        await mesh.PublishAsync("t", [("k", "3")]);
        time.Advance(TimeSpan.FromMinutes(9));
        await mesh.PublishAsync("t", [("k", "4")]);
        time.Advance(TimeSpan.FromSeconds(30));
        var lag = (await mesh.GetAsync("/v1/groups?search=g")).GetProperty("items")[0];
        Assert.Equal(2, lag.GetProperty("events").GetInt64());
        Assert.Equal(570, lag.GetProperty("seconds").GetDouble());
        Assert.Equal(0, lag.GetProperty("members").GetInt32());
        await mesh.GetAsync("/v1/groups/stranger", 404);
    }

    [Fact]
    public async Task A_group_that_never_committed_is_behind_by_all_there_is_and_what_retention_took_is_lost()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1, time);
        await mesh.PublishAsync("t", [("k", "1"), ("k", "2"), ("k", "3")]);
        await mesh.Admin.MovePositionsAsync("g", [new GroupPosition("t", 0, 1)], default);
        await mesh.Admin.AlterSettingsAsync("t", new Dictionary<string, string?> { ["retention.ms"] = "1000" }, default);
        time.Advance(TimeSpan.FromMinutes(1));
        await mesh.PublishAsync("t", [("k", "4")]);
        time.Advance(TimeSpan.FromMilliseconds(100));
        await TopicsMesh.UntilAsync(async () =>
        {
            time.Advance(TimeSpan.Zero);
            return (await mesh.Admin.DescribeTopicsAsync(["t"], default))[0].Partitions[0].Low == 3;
        });
        var partition = (await mesh.GetAsync("/v1/groups/g")).GetProperty("lag").GetProperty("topics")[0].GetProperty("partitions")[0];
        Assert.Equal(1, partition.GetProperty("events").GetInt64());
        Assert.Equal(2, partition.GetProperty("lost").GetInt64());
    }
}
