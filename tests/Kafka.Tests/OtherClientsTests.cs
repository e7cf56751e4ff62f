using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>kcat (librdkafka's C client) and kafkajs (an implementation of its own) read what pubsub.kafka wrote, and the other way round.</summary>
public sealed class OtherClientsTests : IDisposable
{
    private const int Partitions = 4;

    private readonly MockCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Kcat_reads_what_was_published()
    {
        OtherClients.SkipWithout("kcat", ["-V"], "apt-get install kcat");
        await PublishAsync();
        var lines = await OtherClients.RunAsync("kcat", ["-b", _cluster.Bootstraps, "-C", "-t", "t", "-o", "beginning", "-e", "-q", "-f", "%p|%k|%s|%h|%T\n"], null);
        var read = lines.Select(line => line.Split('|')).ToDictionary(line => line[2]);
        Assert.Equal(20, read.Count);
        foreach (var n in Enumerable.Range(0, 20))
        {
            var line = read[$"värde {n}"];
            Assert.Equal($"{Murmur2.Partition($"key-{n}", Partitions)}", line[0]);
            Assert.Equal($"key-{n}", line[1]);
            Assert.Equal($"ce_id={n},größe=ü", line[3]);
            Assert.True(long.Parse(line[4], CultureInfo.InvariantCulture) > 1_600_000_000_000);
        }
    }

    [Fact]
    public async Task What_kcat_wrote_is_delivered()
    {
        OtherClients.SkipWithout("kcat", ["-V"], "apt-get install kcat");
        _cluster.CreateTopic("t", Partitions);
        await OtherClients.RunAsync("kcat", ["-b", _cluster.Bootstraps, "-P", "-t", "t", "-K", ":", "-H", "ce_id=7", "-H", "größe=ü", "-X", "partitioner=murmur2_random"], "k1:eins\nk2:zwei ✈\n");
        await AssertDeliveredAsync([("k1", "eins"), ("k2", "zwei ✈")]);
    }

    [Theory]
    [InlineData("lz4")]
    [InlineData("gzip")]
    [InlineData("none")]
    public async Task Kafkajs_reads_what_was_published(string compression)
    {
        OtherClients.SkipWithoutKafkaJs();
        await PublishAsync(("compression", compression));
        var lines = await OtherClients.RunAsync("node", [Script, _cluster.Bootstraps, "t", "read", "20"], null);
        var read = lines.Select(line => JsonNode.Parse(line)!).ToDictionary(message => (string)message["value"]!);
        Assert.Equal(20, read.Count);
        foreach (var n in Enumerable.Range(0, 20))
        {
            var message = read[$"värde {n}"];
            Assert.Equal($"key-{n}", (string)message["key"]!);
            Assert.Equal(Murmur2.Partition($"key-{n}", Partitions), (int)message["partition"]!);
            Assert.Equal(($"{n}", "ü"), ((string)message["headers"]!["ce_id"]!, (string)message["headers"]!["größe"]!));
        }
    }

    [Fact]
    public async Task What_kafkajs_wrote_is_delivered_and_its_keys_lie_in_our_partitions()
    {
        OtherClients.SkipWithoutKafkaJs();
        _cluster.CreateTopic("t", Partitions);
        var messages = ((string Key, string Value)[])[("k1", "eins"), ("k2", "zwei ✈")];
        var input = string.Concat(messages.Select(m => JsonSerializer.Serialize(new { key = m.Key, value = m.Value, headers = new Dictionary<string, string> { ["ce_id"] = "7", ["größe"] = "ü" } }) + "\n"));
        await OtherClients.RunAsync("node", [Script, _cluster.Bootstraps, "t", "write"], input);
        await AssertDeliveredAsync(messages);
    }

    private static string Script => OtherClients.Script("kafkajs.js");

    private async Task PublishAsync(params (string Name, string Value)[] settings)
    {
        _cluster.CreateTopic("t", Partitions);
        await using var broker = await Brokers.StartAsync(_cluster, null, settings);
        var result = await broker.PublishAsync(
            "t",
            [.. Enumerable.Range(0, 20).Select(n => new OutgoingMessage($"key-{n}", Encoding.UTF8.GetBytes($"värde {n}"), MessageHeaders.From([new("ce_id", $"{n}"), new("größe", "ü")])))],
            default);
        Assert.True(result.Succeeded);
    }

    private async Task AssertDeliveredAsync((string Key, string Value)[] expected)
    {
        await using var broker = await Brokers.StartAsync(_cluster);
        var recorder = new BatchRecorder();
        await using var subscription = await broker.SubscribeAsync(new() { Topic = "t", Group = "g", MaxBatchCount = 10 }, recorder.HandleAsync, default);
        await recorder.WaitForMessagesAsync(expected.Length);
        Assert.Equal(expected.Order(), recorder.Messages.Select(m => (m.Key!, Encoding.UTF8.GetString(m.Value.Span))).Order());
        foreach (var batch in recorder.Batches)
        {
            foreach (var message in batch.Messages)
            {
                Assert.Equal(Murmur2.Partition(message.Key!, Partitions), batch.Partition);
                Assert.Equal(("7", "ü"), (message.Headers.Find("ce_id"), message.Headers.Find("größe")));
            }
        }
    }
}
