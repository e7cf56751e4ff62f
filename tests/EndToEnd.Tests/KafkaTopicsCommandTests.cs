using System.Text.Json;
using Confluent.Kafka;
using RealTimeMesh.Testing.KafkaProtocol;

namespace RealTimeMesh.EndToEnd.Tests;

/// <summary>The <c>topics</c> commands as a user runs them, over a broker that speaks Kafka's protocol.</summary>
public sealed class KafkaTopicsCommandTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kafka-topics-").FullName;
    private readonly KafkaTestBroker _server = new(new KafkaTestBrokerOptions { Partitions = 2 });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_dead_groups_lag_is_told_it_is_moved_back_and_its_messages_are_found_and_replayed()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "pubsub.yaml"), $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
            spec:
              type: pubsub.kafka
              version: v1
              metadata:
              - name: brokers
                value: "{{_server.Bootstraps}}"
              - name: authType
                value: none
            """, TestContext.Current.CancellationToken);
        await RunAsync(0, "create", "orders", "--partitions", "2", "--set", "retention.ms=60000");
        var asked = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()).AddMinutes(-1);
        using (var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _server.Bootstraps, EnableIdempotence = true }).Build())
        {
            for (var n = 0; n < 40; n++)
                await producer.ProduceAsync(new TopicPartition("orders", n % 2), new Message<string, string> { Key = $"k{n % 5}", Value = $$"""{"n":{{n}}}""", Timestamp = new Timestamp(asked.AddSeconds(n)) }, TestContext.Current.CancellationToken);
        }

        Die("dead", 15);
        var groups = JsonDocument.Parse((await RunAsync(0, "groups", "--json")).Output).RootElement;
        var dead = Assert.Single(groups.EnumerateArray());
        Assert.Equal(("dead", "Empty", 25), (dead.GetProperty("group").GetString(), dead.GetProperty("state").GetString(), dead.GetProperty("events").GetInt32()));
        Assert.InRange(dead.GetProperty("seconds").GetDouble(), 15, 600);

        Assert.Contains("0 events would never be read, 15 would be read again", (await RunAsync(0, "reset", "dead", "--topic", "orders", "--to", "earliest")).Output, StringComparison.Ordinal);
        await RunAsync(0, "reset", "dead", "--topic", "orders", "--to", $"{asked.AddSeconds(30):O}", "--yes");
        Assert.Equal(10, JsonDocument.Parse((await RunAsync(0, "lag", "dead", "--json")).Output).RootElement.GetProperty("lag").GetProperty("events").GetInt32());

        var found = (await RunAsync(0, "browse", "orders", "--where", "n >= 38")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, found.Length);
        await RunAsync(0, "replay", "orders", "again", "--where", "n >= 20", "--partitions", "3");
        Assert.Equal(20, (await RunAsync(0, "browse", "again", "--contains", "n")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        await RunAsync(0, "set", "orders", "--set", "retention.ms=");
        await RunAsync(0, "add-partitions", "orders", "4");
        var described = (await RunAsync(0, "describe", "orders")).Output;
        Assert.Contains("604800000", described, StringComparison.Ordinal);
        Assert.Contains("larger than available brokers", (await RunAsync(1, "create", "many", "--partitions", "1", "--replicas", "3")).Errors, StringComparison.Ordinal);
        await RunAsync(0, "hot", "orders");
        await RunAsync(0, "rebalance", "--by", "records");
        await RunAsync(0, "delete", "orders", "--yes");
        Assert.Contains("found none of this name", (await RunAsync(1, "describe", "orders")).Errors, StringComparison.Ordinal);
    }

    /// <summary>A member that reads so many messages, commits, and is gone.</summary>
    private void Die(string group, int count)
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = _server.Bootstraps, GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false }).Build();
        consumer.Subscribe("orders");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var n = 0; n < count; n++)
        {
            var read = consumer.Consume(patience.Token);
            consumer.Commit(read);
        }

        consumer.Close();
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(int code, params string[] arguments)
    {
        var result = await LakeProcess.HostAsync(new Dictionary<string, string>(), ["topics", .. arguments, "--components", _folder, "--data", Path.Combine(_folder, "data")]);
        Assert.True(result.Code == code, $"{string.Join(' ', arguments)}: {result.Output}{result.Errors}");
        return result;
    }
}
