using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Topics.Tests;

/// <summary>What goes wrong in operation: names, expired records, empty partitions, races, and wrong bodies.</summary>
public sealed class OperationsTests
{
    [Theory]
    [InlineData("team/orders")]
    [InlineData("a b ü?#&+;=%41")]
    [InlineData("a%2Fb")]
    [InlineData("..")]
    [InlineData("groups/offsets/preview")]
    public async Task A_group_of_any_name_is_described_previewed_and_moved(string group)
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1);
        await mesh.PublishAsync("t", [("k", "1"), ("k", "2")]);
        await mesh.Admin.MovePositionsAsync(group, [new GroupPosition("t", 0, 1)], default);
        // A path of dots alone is resolved by clients before it is sent: such a group is asked for by search.
        var listed = await mesh.GetAsync($"/v1/groups?search={Uri.EscapeDataString(group)}");
        Assert.Equal(group, listed.GetProperty("items")[0].GetProperty("group").GetString());
        if (group == "..")
            return;
        var path = $"/v1/groups/{Uri.EscapeDataString(group)}";
        Assert.Equal(1, (await mesh.GetAsync(path)).GetProperty("lag").GetProperty("events").GetInt64());
        var plan = await mesh.PostAsync($"{path}/offsets/preview", new { topic = "t", to = "latest" });
        Assert.Equal(group, plan.GetProperty("group").GetString());
        await mesh.PostAsync($"{path}/offsets", plan);
        Assert.Equal(2, Assert.Single(await mesh.Admin.GetPositionsAsync(group, default)).Offset);
    }

    [Fact]
    public async Task A_dead_group_whose_records_have_all_expired_has_no_lag_and_all_of_them_lost_and_can_be_moved()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using var mesh = await TopicsMesh.StartAsync(partitions: 2, time);
        var keys = Enumerable.Range(0, 100).Select(n => $"k{n}").Where(key => Murmur2.Partition(key, 2) == 0).Take(3).ToArray();
        await mesh.PublishAsync("t", keys.Select(key => (key, "v")));
        await mesh.Admin.MovePositionsAsync("g", [new GroupPosition("t", 0, 1), new GroupPosition("t", 1, 0)], default);
        await mesh.Admin.AlterSettingsAsync("t", new Dictionary<string, string?> { ["retention.ms"] = "1000" }, default);
        time.Advance(TimeSpan.FromMinutes(1));
        await TopicsMesh.UntilAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await mesh.Admin.DescribeTopicsAsync(["t"], default))[0].Partitions[0].Low == 3;
        });
        var lag = (await mesh.GetAsync("/v1/groups/g")).GetProperty("lag");
        Assert.Equal((0, 0.0, 2), (lag.GetProperty("events").GetInt64(), lag.GetProperty("seconds").GetDouble(), lag.GetProperty("topics")[0].GetProperty("lost").GetInt64()));

        // Nothing that is left is skipped or repeated, wherever it goes.
        foreach (var to in (object[])[new { topic = "t", to = "earliest" }, new { topic = "t", to = "shift", shift = -5 }, new { topic = "t", to = "offset", offset = 0 }, new { topic = "t", to = "time", time = "2020-01-01T00:00:00Z" }])
        {
            var plan = await mesh.PostAsync("/v1/groups/g/offsets/preview", to);
            Assert.Equal((3, 0, 0), (plan.GetProperty("moves")[0].GetProperty("to").GetInt64(), plan.GetProperty("skipped").GetInt64(), plan.GetProperty("repeated").GetInt64()));
        }

        await mesh.PostAsync("/v1/groups/g/offsets", await mesh.PostAsync("/v1/groups/g/offsets/preview", new { topic = "t", to = "earliest" }));
        Assert.Equal([3, 0], (await mesh.Admin.GetPositionsAsync("g", default)).Select(position => position.Offset));
    }

    [Fact]
    public async Task An_empty_topic_is_no_special_case()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 3);
        await mesh.PostAsync("/v1/topics", new { name = "t", partitions = 3 }, 201);
        var plan = await mesh.PostAsync("/v1/groups/g/offsets/preview", new { topic = "t", to = "time", time = "2100-01-01T00:00:00Z" });
        Assert.Equal([0, 0, 0], plan.GetProperty("moves").EnumerateArray().Select(move => move.GetProperty("to").GetInt64()));
        await mesh.PostAsync("/v1/groups/g/offsets", plan);
        var lag = (await mesh.GetAsync("/v1/groups/g")).GetProperty("lag");
        Assert.Equal((0, 0.0), (lag.GetProperty("events").GetInt64(), lag.GetProperty("seconds").GetDouble()));
        Assert.Equal(1, (await mesh.GetAsync("/v1/topics/t/heat")).GetProperty("skew").GetDouble());
        Assert.Equal("end", Assert.Single(await mesh.BrowseAsync("/v1/topics/t/messages")).GetProperty("type").GetString());
        Assert.Empty((await mesh.PostAsync("/v1/rebalancings", new { topics = new[] { "t" } })).GetProperty("moves").EnumerateArray());
        var replay = await mesh.PostAsync("/v1/replays", new { from = "t", to = "copy" }, 202);
        await TopicsMesh.UntilAsync(async () => (await mesh.GetAsync($"/v1/replays/{replay.GetProperty("id").GetString()}")).GetProperty("state").GetString() == "done");
    }

    [Fact]
    public async Task A_member_that_joins_between_the_preview_and_the_move_stops_it()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1);
        await mesh.PublishAsync("t", [("k", "1"), ("k", "2")]);
        await mesh.Admin.MovePositionsAsync("g", [new GroupPosition("t", 0, 2)], default);
        var plan = await mesh.PostAsync("/v1/groups/g/offsets/preview", new { topic = "t", to = "earliest" });
        Assert.Equal(JsonValueKind.Null, plan.GetProperty("blocked").ValueKind);
        await using var joined = await mesh.Broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, new BatchRecorder().HandleAsync, default);
        Assert.Contains("live member", (await mesh.PostAsync("/v1/groups/g/offsets", plan, 409)).GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(await mesh.Admin.GetPositionsAsync("g", default)).Offset);
    }

    [Theory]
    [InlineData("offsets", """{"topic":"t","moves":null}""")]
    [InlineData("offsets", """{"topic":"t","moves":[]}""")]
    [InlineData("offsets", """{"topic":"t","moves":[null]}""")]
    [InlineData("offsets", """{"topic":null,"moves":[]}""")]
    [InlineData("offsets", """{"topic":"t","moves":[{"partition":0,"from":1,"to":-1}]}""")]
    [InlineData("offsets", """{"topic":"t","moves":[{"partition":0,"from":1,"to":99}]}""")]
    [InlineData("offsets", """{"topic":"t","moves":[{"partition":0,"from":1,"to":0},{"partition":0,"from":1,"to":2}]}""")]
    [InlineData("offsets/preview", """{"topic":null,"to":"earliest"}""")]
    [InlineData("offsets/preview", """{"topic":"t","to":null}""")]
    [InlineData("offsets/preview", """{"topic":"t","to":"time","time":"yesterday"}""")]
    [InlineData("offsets/preview", """{"topic":"t","to":"offset","offsets":{}}""")]
    [InlineData("offsets/preview", "[]")]
    [InlineData("offsets/preview", "null")]
    public async Task Bodies_that_are_wrong_are_refused_and_move_nothing(string path, string body)
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1);
        await mesh.PublishAsync("t", [("k", "1"), ("k", "2")]);
        await mesh.Admin.MovePositionsAsync("g", [new GroupPosition("t", 0, 1)], default);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var response = await mesh.Http.PostAsync(new Uri($"/v1/groups/g/{path}", UriKind.Relative), content);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.NotEmpty(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString()!);
        Assert.Equal(1, Assert.Single(await mesh.Admin.GetPositionsAsync("g", default)).Offset);
    }

    [Theory]
    [InlineData("""{"eventsPerSecond":0,"eventBytes":1}""")]
    [InlineData("""{"eventsPerSecond":-1,"eventBytes":1}""")]
    [InlineData("""{"eventsPerSecond":1,"eventBytes":1e300}""")]
    [InlineData("""{"eventsPerSecond":1e14,"eventBytes":1e14}""")]
    [InlineData("""{"eventsPerSecond":1,"eventBytes":1,"spareBrokers":2147483647}""")]
    [InlineData("""{"eventsPerSecond":1,"eventBytes":1,"replication":0}""")]
    [InlineData("""{"eventsPerSecond":1,"eventBytes":1,"growthPerYear":9,"years":1000000}""")]
    [InlineData("""{"eventsPerSecond":1,"eventBytes":1,"brokerPrice":-3}""")]
    [InlineData("""{"eventsPerSecond":1,"eventBytes":1,"diskGbPrice":1e308}""")]
    [InlineData("""{"eventsPerSecond":1,"eventBytes":1,"utilisation":1e-300}""")]
    [InlineData("""{"eventsPerSecond":1,"eventBytes":1,"rates":{"append":0}}""")]
    [InlineData("""{"eventsPerSecond":"many","eventBytes":1}""")]
    public async Task Figures_that_no_cluster_can_have_are_refused(string figures)
    {
        await using var mesh = await TopicsMesh.StartAsync();
        var refused = await mesh.PostAsync("/v1/sizing", new { @base = JsonDocument.Parse(figures).RootElement }, 400);
        Assert.NotEmpty(refused.GetProperty("error").GetString()!);
    }
}
