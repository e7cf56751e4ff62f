using System.Text.Json;
using RealTimeMesh.Testing;
using Microsoft.Extensions.Time.Testing;
using RealTimeMesh.Components;

namespace RealTimeMesh.Topics.Tests;

public sealed class ResetTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"topic":"t","to":"earliest"}""", 0, 0, 6)]
    [InlineData("""{"topic":"t","to":"latest"}""", 10, 4, 0)]
    [InlineData("""{"topic":"t","to":"offset","offset":8}""", 8, 2, 0)]
    [InlineData("""{"topic":"t","to":"offset","offsets":{"0":2}}""", 2, 0, 4)]
    [InlineData("""{"topic":"t","to":"time","time":"2026-11-23T12:03:00Z"}""", 3, 0, 3)]
    [InlineData("""{"topic":"t","to":"time","time":"2026-11-24T00:00:00Z"}""", 10, 4, 0)]
    [InlineData("""{"topic":"t","to":"shift","shift":-2}""", 4, 0, 2)]
    [InlineData("""{"topic":"t","to":"shift","shift":-100}""", 0, 0, 6)]
    [InlineData("""{"topic":"t","to":"shift","shift":3}""", 9, 3, 0)]
    public async Task A_preview_tells_what_a_move_skips_and_repeats_and_carrying_it_out_does_that(string request, long to, long skipped, long repeated)
    {
        var time = new FakeTimeProvider(Noon);
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1, time);
        for (var n = 0; n < 10; n++)
        {
            await mesh.PublishAsync("t", [("k", $"{n}")]);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        await mesh.Admin.MovePositionsAsync("g", [new GroupPosition("t", 0, 6)], default);
        var plan = await mesh.PostAsync("/v1/groups/g/offsets/preview", JsonDocument.Parse(request).RootElement);
        Assert.Equal((6, to, skipped, repeated), (plan.GetProperty("moves")[0].GetProperty("from").GetInt64(), plan.GetProperty("moves")[0].GetProperty("to").GetInt64(), plan.GetProperty("skipped").GetInt64(), plan.GetProperty("repeated").GetInt64()));
        Assert.Equal(6, (await mesh.Admin.GetPositionsAsync("g", default))[0].Offset);
        await mesh.PostAsync("/v1/groups/g/offsets", plan);
        Assert.Equal(to, (await mesh.Admin.GetPositionsAsync("g", default))[0].Offset);
        if (to != 6)
            await mesh.PostAsync("/v1/groups/g/offsets", plan, 409);
        Assert.Equal("move offsets", (await mesh.GetAsync("/v1/audit"))[0].GetProperty("what").GetString());
    }

    [Fact]
    public async Task A_group_with_live_members_is_not_moved_and_the_text_says_how_to_stop_it()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1);
        await mesh.PublishAsync("t", [("k", "1"), ("k", "2")]);
        var recorder = new BatchRecorder();
        var subscription = await mesh.Broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, recorder.HandleAsync, default);
        await recorder.WaitForMessagesAsync(2);
        await TopicsMesh.UntilAsync(async () => (await mesh.Admin.GetPositionsAsync("g", default)) is [{ Offset: 2 }]);
        var plan = await mesh.PostAsync("/v1/groups/g/offsets/preview", new { topic = "t", to = "earliest" });
        Assert.Contains("stop every app", plan.GetProperty("blocked").GetString(), StringComparison.Ordinal);
        var refused = await mesh.PostAsync("/v1/groups/g/offsets", plan, 409);
        Assert.Contains("1 live member", refused.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, (await mesh.Admin.GetPositionsAsync("g", default))[0].Offset);
        await subscription.DisposeAsync();
        await mesh.PostAsync("/v1/groups/g/offsets", plan);
        Assert.Equal(0, (await mesh.Admin.GetPositionsAsync("g", default))[0].Offset);
    }

    [Theory]
    [InlineData("""{"topic":"t","to":"nowhere"}""", 400)]
    [InlineData("""{"topic":"t","to":"offset"}""", 400)]
    [InlineData("""{"topic":"unknown","to":"earliest"}""", 404)]
    [InlineData("""{"topic":"t","to":"earliest","partitions":[9]}""", 404)]
    public async Task Wrong_requests_are_refused(string request, int status)
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 1);
        await mesh.PublishAsync("t", [("k", "1")]);
        await mesh.PostAsync("/v1/groups/g/offsets/preview", JsonDocument.Parse(request).RootElement, status);
    }
}
