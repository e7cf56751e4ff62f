using RealTimeMesh.Components;
using RealTimeMesh.Testing.KafkaProtocol;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>Brokers that do not know every request of administration.</summary>
public sealed class OlderBrokerTests
{
    [Theory]
    [InlineData(ApiKey.IncrementalAlterConfigs)]
    [InlineData(ApiKey.CreatePartitions)]
    public async Task A_request_that_the_broker_does_not_know_is_told_as_unsupported(ApiKey missing)
    {
        await using var server = new KafkaTestBroker(new KafkaTestBrokerOptions { Without = new HashSet<ApiKey> { missing } });
        await using var broker = await Brokers.StartAsync(server.Bootstraps, new OutputLogs());
        var admin = ((IAdministeredBroker)broker).Administration;
        await admin.CreateTopicAsync(new NewTopic("t", 1, 1, new Dictionary<string, string>()), default);
        var refused = await Assert.ThrowsAsync<AdminException>(() => missing switch
        {
            ApiKey.IncrementalAlterConfigs => admin.AlterSettingsAsync("t", new Dictionary<string, string?> { ["retention.ms"] = "1" }, default),
            ApiKey.CreatePartitions => admin.AddPartitionsAsync("t", 2, default),
            _ => throw new ArgumentOutOfRangeException(nameof(missing)),
        });
        Assert.True(refused.Refusal == AdminRefusal.Unsupported, refused.Message);
        Assert.Equal(0, server.Count(missing));
    }

    [Fact]
    public async Task A_group_whose_members_are_not_told_still_has_its_positions()
    {
        await using var server = new KafkaTestBroker(new KafkaTestBrokerOptions { Without = new HashSet<ApiKey> { ApiKey.DescribeGroups } });
        await using var broker = await Brokers.StartAsync(server.Bootstraps, new OutputLogs());
        var admin = ((IAdministeredBroker)broker).Administration;
        await admin.CreateTopicAsync(new NewTopic("t", 1, 1, new Dictionary<string, string>()), default);
        Assert.True(await admin.MovePositionsAsync("g", [new GroupPosition("t", 0, 0)], default));
        Assert.Equal("Unknown", (await admin.FindGroupAsync("g", default))!.State);
        Assert.Equal([new GroupPosition("t", 0, 0)], await admin.GetPositionsAsync("g", default));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("lz4")]
    public async Task The_first_record_of_a_time_is_found_inside_a_batch(string compression)
    {
        await using var server = new KafkaTestBroker();
        await using var broker = await Brokers.StartAsync(server.Bootstraps, new OutputLogs(), null, ("compression", compression));
        var sent = await broker.PublishAsync("t", [.. Enumerable.Range(0, 300).Select(n => new OutgoingMessage($"k{n}", "the same value over and over, over and over"u8.ToArray(), default))], default);
        Assert.True(sent.Succeeded);
        var admin = ((IAdministeredBroker)broker).Administration;
        var at = DateTimeOffset.FromUnixTimeMilliseconds((await admin.GetTimestampsAsync([new GroupPosition("t", 0, 0)], default))[0]!.Value);
        Assert.Equal(0, (await admin.FindOffsetsAsync("t", at, default))[0]);
        Assert.Equal(300, (await admin.FindOffsetsAsync("t", at.AddMilliseconds(1), default))[0]);
    }
}
