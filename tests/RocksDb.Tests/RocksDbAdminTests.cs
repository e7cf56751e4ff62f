using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.RocksDb.Tests;

public sealed class RocksDbAdminTests : AdminComplianceSuite
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_reopened_log_has_grown_topics_settings_and_no_deleted_ones()
    {
        var (broker, admin) = await StartAsync(2);
        await PublishAsync(broker, "gone", [("a", "1")]);
        await PublishAsync(broker, "kept", [("a", "1"), ("b", "2")]);
        await admin.MovePositionsAsync("g", [new GroupPosition("gone", 0, 0), new GroupPosition("kept", 0, 0)], default);
        await admin.AddPartitionsAsync("kept", 4, default);
        await admin.AlterSettingsAsync("kept", new Dictionary<string, string?> { ["retention.ms"] = "60000" }, default);
        await admin.DeleteTopicAsync("gone", default);
        await broker.DisposeAsync();

        (broker, admin) = await StartAsync(2);
        Assert.Equal(["kept"], await admin.ListTopicsAsync(default));
        Assert.Equal([new GroupPosition("kept", 0, 0)], await admin.GetPositionsAsync("g", default));
        var kept = (await admin.DescribeTopicsAsync(["kept"], default))[0];
        Assert.Equal(4, kept.Partitions.Count);
        Assert.Equal(2, kept.Partitions.Sum(partition => partition.Records));
        Assert.Contains(await admin.GetSettingsAsync("kept", default), setting => setting is { Name: "retention.ms", Value: "60000" });
        await PublishAsync(broker, "gone", [("a", "again")]);
        Assert.Equal(1, (await admin.DescribeTopicsAsync(["gone"], default))[0].Partitions.Sum(partition => partition.High));
    }

    [Fact]
    public async Task Publishes_that_race_a_growing_topic_are_all_stored_and_those_that_race_its_end_are_stored_or_refused()
    {
        var (broker, admin) = await StartAsync(1);
        await PublishAsync(broker, "t", [("a", "0")]);
        var stored = 1;
        var publishing = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var n = 0; n < 200; n++)
            {
                await broker.PublishAsync("t", [.. Enumerable.Range(0, 5).Select(i => new OutgoingMessage($"{writer}-{n}-{i}", new byte[10], default))], default);
                Interlocked.Add(ref stored, 5);
            }
        })).ToArray();
        for (var total = 2; total <= 16; total++)
            await admin.AddPartitionsAsync("t", total, default);
        await Task.WhenAll(publishing);
        Assert.Equal(stored, (await admin.DescribeTopicsAsync(["t"], default))[0].Partitions.Sum(partition => partition.Records));

        var refused = 0;
        var ending = Task.Run(async () =>
        {
            for (var n = 0; n < 200; n++)
            {
                try
                {
                    await broker.PublishAsync("t", [new OutgoingMessage("k", new byte[10], default)], default);
                }
                catch (AdminException e) when (e.Refusal == AdminRefusal.NotFound)
                {
                    refused++;
                }
            }
        });
        await admin.DeleteTopicAsync("t", default);
        await ending;
        // The name is free again: who publishes afterwards makes a new topic of it.
        var records = (await admin.DescribeTopicsAsync(["t"], default)) is [var again] ? again.Partitions.Sum(partition => partition.Records) : 0;
        Assert.InRange(records, 0, 200 - refused);
    }

    [Fact]
    public async Task A_topics_own_retention_takes_its_oldest_records_and_leaves_other_topics_alone()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var (broker, admin) = await StartAsync(1, time);
        await PublishAsync(broker, "short", [("a", "old")]);
        await PublishAsync(broker, "long", [("a", "old")]);
        await admin.AlterSettingsAsync("short", new Dictionary<string, string?> { ["retention.ms"] = "60000" }, default);
        time.Advance(TimeSpan.FromMinutes(2));
        await PublishAsync(broker, "short", [("a", "new")]);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, (await admin.DescribeTopicsAsync(["short"], default))[0].Partitions[0].Low);
        Assert.Equal(0, (await admin.DescribeTopicsAsync(["long"], default))[0].Partitions[0].Low);
    }

    protected override Task<IPubSubBroker> StartBrokerAsync(int partitions, TimeProvider time) =>
        Brokers.StartAsync(new RocksDbPubSubType(), _folder.Path, time, ("partitions", $"{partitions}"));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
