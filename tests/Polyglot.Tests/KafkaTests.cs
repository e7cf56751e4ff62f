using System.Net.Http.Headers;
using System.Text.Json;
using RealTimeMesh.Kafka.Tests;

namespace RealTimeMesh.Polyglot.Tests;

/// <summary>Dapr's API on one side of <c>pubsub.kafka</c>, kcat on the other.</summary>
public sealed class KafkaTests : IDisposable
{
    private const string KcatCure = "apt-get install kcat";

    private readonly MockCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Kcat_reads_what_was_published_to_the_sidecar()
    {
        await Programs.NeedAsync("kcat", KcatCure);
        _cluster.CreateTopic("orders", 2);
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Component()] });
        using var order = new StringContent("""{"id":1,"item":"lamp"}""", MediaTypeHeaderValue.Parse("application/json"));
        using var wrapped = await daprd.Http.PostAsync("/v1.0/publish/kafka/orders?metadata.partitionKey=k1", order);
        wrapped.EnsureSuccessStatusCode();
        using var raw = new ByteArrayContent("raw ✈"u8.ToArray());
        using var bytes = await daprd.Http.PostAsync("/v1.0/publish/kafka/orders?metadata.partitionKey=k2&metadata.rawPayload=true", raw);
        bytes.EnsureSuccessStatusCode();

        var lines = (await Programs.OutputAsync("kcat", ["-b", _cluster.Bootstraps, "-C", "-t", "orders", "-o", "beginning", "-e", "-q", "-f", "%k|%s\n"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var values = lines.Select(line => line.Split('|', 2)).ToDictionary(line => line[0], line => line[1]);
        Assert.Equal("raw ✈", values["k2"]);
        var found = JsonDocument.Parse(values["k1"]).RootElement;
        Assert.Equal(("lamp", daprd.AppId, "kafka", "orders"), (
            found.GetProperty("data").GetProperty("item").GetString(),
            found.GetProperty("source").GetString(),
            found.GetProperty("pubsubname").GetString(),
            found.GetProperty("topic").GetString()));
    }

    [Fact]
    public async Task The_app_gets_what_kcat_wrote()
    {
        await Programs.NeedAsync("kcat", KcatCure);
        _cluster.CreateTopic("orders", 2);
        await using var app = await TestApp.StartAsync("""[{"pubsubname":"kafka","topic":"orders","routes":{"rules":[{"match":"event.type == \"order.placed\"","path":"/placed"}],"default":"/other"}}]""");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Resources = [Component()] });
        const string Event = """{"specversion":"1.0","id":"e-7","source":"shop","type":"order.placed","datacontenttype":"application/json","data":{"id":7,"item":"stół"}}""";
        await Programs.OutputAsync("kcat", ["-b", _cluster.Bootstraps, "-P", "-t", "orders", "-K", "|", "-H", "origin=kcat"], input: $"k7|{Event}\n");

        var delivery = await app.NextAsync();
        Assert.Equal("/placed", delivery.Path);
        Assert.Equal(("e-7", "shop", "stół"), (
            delivery.Json.GetProperty("id").GetString(),
            delivery.Json.GetProperty("source").GetString(),
            delivery.Json.GetProperty("data").GetProperty("item").GetString()));
        Assert.Equal(("k7", "kcat"), (delivery.Headers["__key"], delivery.Headers["origin"]));
    }

    private string Component() =>
        Manifests.Component("kafka", "pubsub.kafka", ("brokers", _cluster.Bootstraps), ("authType", "none"), ("consumerGroup", "g"), ("initialOffset", "oldest"));
}
