using RealTimeMesh.Components;
using RealTimeMesh.Kafka;
using RealTimeMesh.Redis;
using RealTimeMesh.Redis.Tests;
using RealTimeMesh.Testing.KafkaProtocol;

namespace RealTimeMesh.DeadLetters.Tests;

/// <summary>Dead letters of other brokers than the embedded log.</summary>
public sealed class BrokerTests : IDisposable
{
    private const string Topic = "orders.dlq";
    private const string Group = "dead-letters";

    private readonly string _folder = Directory.CreateTempSubdirectory("letters-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Letters_of_Kafka_are_collected_once_whatever_is_delivered_again_and_redriven_once()
    {
        await using var server = new KafkaTestBroker(new KafkaTestBrokerOptions { Partitions = 2 });
        var job = await CollectAndRedriveAsync(new KafkaPubSubType(), "pubsub.kafka", new() { ["brokers"] = server.Bootstraps, ["authType"] = "none", ["consumerGroup"] = Group, ["initialOffset"] = "oldest" }, $"{Topic}:");
        Assert.StartsWith("each letter once", job.GetProperty("guarantee").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Letters_of_Redis_streams_are_known_by_the_ids_of_their_entries()
    {
        var (server, absent) = await RedisProcess.TryStartAsync();
        Assert.SkipWhen(server is null, absent ?? "");
        await using (server)
        {
            var job = await CollectAndRedriveAsync(new RedisPubSubType(), "pubsub.redis", new() { ["redisHost"] = server!.Address, ["consumerID"] = Group }, $"{Topic}:-1:");
            Assert.StartsWith("at least once", job.GetProperty("guarantee").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Letters_of_a_broker_that_tells_no_places_are_known_by_what_they_are()
    {
        var options = new DeadLetterOptions { TopicsEvery = TimeSpan.FromMilliseconds(50), Topics = [Topic, "*.other"] };
        await using var mesh = await LettersMesh.StartAsync(_folder, options: options, wrap: static broker => new PlacelessBroker(broker));
        await PublishAsync(mesh.Broker, 0, 200);
        await LettersMesh.UntilAsync(async () => await mesh.CountAsync() == 200);
        var job = await mesh.RunAsync("/v1/redrives", new { filter = new { }, to = "mended" });
        Assert.StartsWith("at least once", job.GetProperty("guarantee").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (await mesh.MessagesAsync("mended")).Select(LettersMesh.Text).Distinct().Count());
        // All of them come once more, and nothing else: they are known.
        await PublishAsync(mesh.Broker, 0, 201);
        await LettersMesh.UntilAsync(async () => await mesh.CountAsync() >= 201);
        Assert.Equal(201, await mesh.CountAsync());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await mesh.GetAsync("/v1/sources")).GetProperty("topics").EnumerateArray().Single(topic => topic.GetProperty("topic").GetString() == Topic).GetProperty("behind").ValueKind);
        var id = (await mesh.GetAsync("/v1/letters?limit=1")).GetProperty("items")[0].GetProperty("id").GetString();
        Assert.Equal(id, (await mesh.GetAsync($"/v1/letters/{id}")).GetProperty("letter").GetProperty("id").GetString());
    }

    /// <summary>Collects, has everything delivered once more to the next process, and redrives.</summary>
    private async Task<System.Text.Json.JsonElement> CollectAndRedriveAsync(IComponentType type, string name, Dictionary<string, string> metadata, string idsBegin)
    {
        await using (var mesh = await LettersMesh.StartAsync(_folder, broker: await OpenAsync()))
        {
            await PublishAsync(mesh.Broker, 0, 300);
            await LettersMesh.UntilAsync(async () => await mesh.CountAsync() == 300);
        }

        await using (var broker = await OpenAsync())
        {
            foreach (var partition in await broker.GetWatermarksAsync(Topic, default))
                await broker.SeekAsync(Topic, Group, partition.Partition, partition.Low, default);
            await PublishAsync(broker, 300, 20);
        }

        await using var again = await LettersMesh.StartAsync(_folder, broker: await OpenAsync());
        await LettersMesh.UntilAsync(async () => await again.CountAsync() >= 320 && await IsCommittedAsync(again.Broker));
        Assert.Equal(320, await again.CountAsync());
        Assert.All((await again.GetAsync("/v1/letters?limit=500")).GetProperty("items").EnumerateArray(), letter => Assert.StartsWith(idsBegin, letter.GetProperty("id").GetString(), StringComparison.Ordinal));
        var job = await again.RunAsync("/v1/redrives", new { filter = new { }, to = "mended" });
        Assert.Equal(("done", 320), (job.GetProperty("state").GetString(), job.GetProperty("done").GetInt32()));
        var messages = await again.MessagesAsync("mended");
        Assert.Equal((320, 320), (messages.Count, messages.Select(LettersMesh.Text).Distinct().Count()));
        return job;

        async Task<IPubSubBroker> OpenAsync() => (IPubSubBroker)await type.StartAsync(new ComponentSpec { Name = "pubsub", Type = name, Metadata = metadata }, new ComponentContext("dead-letters", _folder, TimeProvider.System), CancellationToken.None);
    }

    private static async Task<bool> IsCommittedAsync(IPubSubBroker broker)
    {
        var committed = await broker.GetCommittedAsync(Topic, Group, default);
        return (await broker.GetWatermarksAsync(Topic, default)).All(partition => committed.GetValueOrDefault(partition.Partition) >= partition.High);
    }

    private static async Task PublishAsync(IPubSubBroker broker, int first, int count)
    {
        var messages = Enumerable.Range(first, count).Select(n => new OutgoingMessage($"k{n % 7}", Records.Value(Records.Record($"order {n}", consumer: "shop", topic: "orders")), MessageHeaders.From([new("ce_id", $"e{n}")])));
        Assert.True((await broker.PublishAsync(Topic, [.. messages], default)).Succeeded);
    }
}
