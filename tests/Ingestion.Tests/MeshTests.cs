using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pipelines;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class MeshTests
{
    private const int Trades = 20_000;

    private static readonly PipelineDefinition Pipeline = new() { Name = "test", Directory = ".", Streams = [Samples.Stream()] };

    private static readonly PipelineDefinition Market = new()
    {
        Name = "market",
        Directory = ".",
        Streams =
        [
            new StreamDefinition
            {
                Pipeline = "market",
                Name = "trades",
                Contract = GeneratorTests.Trade,
                Key = "symbol",
                Time = new EventTime("executed_at", TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1)),
                Sources = [new SourceDefinition { Name = "trades", Generator = "trades", Seed = 42, Events = Trades }],
            },
        ],
    };

    [Fact]
    public async Task An_event_over_http_lies_on_its_topic_as_any_kafka_client_expects_it()
    {
        await using var mesh = await TestMesh.StartAsync(Pipeline);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/streams/test.visits/events") { Content = new StringContent(Samples.Good(3), Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        Assert.Equal(HttpStatusCode.Accepted, (await mesh.Ingestion.SendAsync(request)).StatusCode);
        var message = Assert.Single(await mesh.MessagesAsync("test.visits"));
        Assert.Equal("P3", message.Key);
        Assert.True(ConfluentFrame.TryRead(message.Value.Span, out var schemaId, out _));
        var schema = await mesh.Registry.GetFromJsonAsync<JsonElement>($"/schemas/ids/{schemaId}");
        Assert.Equal("Visit", JsonDocument.Parse(schema.GetProperty("schema").GetString()!).RootElement.GetProperty("name").GetString());
        Assert.Equal(("/http", "test.visits", "1.0", "application/avro"), (Header(message, "ce_source"), Header(message, "ce_type"), Header(message, "ce_specversion"), Header(message, "content-type")));
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", Header(message, "traceparent"));
        Assert.NotNull(Header(message, "ce_id"));
        Assert.Null(Header(message, "ce_sequence"));
    }

    [Fact]
    public async Task A_dapr_app_that_publishes_json_to_the_open_topic_enters_by_the_same_rules()
    {
        await using var mesh = await TestMesh.StartAsync(Pipeline);
        for (var i = 0; i < 20; i++)
        {
            var published = await mesh.Sidecar.PostAsync("/v1.0/publish/pubsub/ingest.test.visits", new StringContent(i == 7 ? """{"place":"X"}""" : Samples.Good(i), Encoding.UTF8, "application/json"));
            Assert.Equal(HttpStatusCode.NoContent, published.StatusCode);
        }

        await TestMesh.UntilAsync(mesh.Ingestion, "/v1/ledger", json => json.GetProperty("streams")[0].GetProperty("acked").GetInt32() == 20);
        var messages = await mesh.MessagesAsync("test.visits");
        Assert.Equal(19, messages.Count);
        Assert.Equal(19, messages.Select(message => Header(message, "ce_id")).Distinct().Count());
        Assert.All(messages, message => Assert.True(Guid.TryParse(Header(message, "ce_id"), out _), "the CloudEvent's own id"));
        Assert.All(messages, message => Assert.StartsWith("/ingest.test.visits/", Header(message, "ce_source")));
        var dead = Assert.Single(await mesh.MessagesAsync("test.visits.dlq"));
        Assert.Equal("missing", Header(dead, "reason_rule"));
        Assert.Equal("""{"place":"X"}""", Encoding.UTF8.GetString(JsonDocument.Parse(dead.Value).RootElement.GetProperty("original_base64").GetBytesFromBase64()));
    }

    [Fact]
    public async Task A_generator_runs_through_the_sidecar_with_its_sequence_in_order_on_each_partition()
    {
        await using var mesh = await TestMesh.StartAsync(Market);
        var sources = await TestMesh.UntilAsync(mesh.Ingestion, "/v1/sources", json => json.GetProperty("sources")[0].GetProperty("done").GetBoolean());
        Assert.Equal(Trades, sources.GetProperty("sources")[0].GetProperty("position").GetInt32());
        List<long> all = [];
        foreach (var sequences in await SequencesAsync(mesh, "market.trades"))
        {
            Assert.Equal(sequences.Order(), sequences);
            all.AddRange(sequences);
        }

        all.AddRange((await mesh.MessagesAsync("market.trades.dlq")).Select(Sequence));
        Assert.Equal(Enumerable.Range(0, Trades).Select(i => (long)i), all.Order());
    }

    [Fact]
    public async Task A_generator_whose_publishes_fail_half_way_loses_nothing_and_keeps_the_order_of_each_partition()
    {
        HalfWayBroker? broken = null;
        await using var mesh = await TestMesh.StartAsync(Market, broker => broken = new HalfWayBroker(broker, topic => topic == "market.trades" && broken!.Failed < 3));
        await TestMesh.UntilAsync(mesh.Ingestion, "/v1/sources", json => json.GetProperty("sources")[0].GetProperty("done").GetBoolean());
        Assert.Equal(3, broken!.Failed);
        List<long> all = [];
        var stored = 0;
        foreach (var sequences in await SequencesAsync(mesh, "market.trades"))
        {
            stored += sequences.Count;
            // What a consumer does: it drops what it has passed.
            long last = -1;
            all.AddRange(sequences.Where(sequence => sequence > last && (last = sequence) >= 0));
        }

        Assert.True(stored > all.Count, "what was stored of the cut calls came again");
        all.AddRange((await mesh.MessagesAsync("market.trades.dlq")).Select(Sequence));
        Assert.Equal(Enumerable.Range(0, Trades).Select(i => (long)i), all.Order());
        var ledger = await mesh.Ingestion.GetFromJsonAsync<JsonElement>("/v1/ledger");
        Assert.Equal(Trades, ledger.GetProperty("streams")[0].GetProperty("acked").GetInt32());
    }

    [Fact]
    public async Task Streams_metrics_and_health_are_served()
    {
        await using var mesh = await TestMesh.StartAsync(Pipeline);
        await mesh.Ingestion.PostAsync("/v1/streams/test.visits/events", new StringContent($"[{Samples.Good(3)},1]", Encoding.UTF8, "application/json"));
        var streams = await mesh.Ingestion.GetFromJsonAsync<JsonElement>("/v1/streams");
        Assert.Equal(("test.visits", "ingest.test.visits"), (streams.GetProperty("streams")[0].GetProperty("topic").GetString(), streams.GetProperty("streams")[0].GetProperty("ingest_topic").GetString()));
        Assert.Equal(["place", "seconds", "score", "at"], streams.GetProperty("streams")[0].GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("name").GetString()));
        var metrics = await mesh.Ingestion.GetStringAsync("/metrics");
        Assert.Contains("mesh_ingestion_accepted", metrics);
        Assert.Contains("mesh_ingestion_rejected", metrics);
        Assert.Contains("mesh_ingestion_publish_duration", metrics);
    }

    /// <summary>The sequences of each partition, in the order of its offsets.</summary>
    private static async Task<List<List<long>>> SequencesAsync(TestMesh mesh, string topic)
    {
        List<List<long>> partitions = [];
        foreach (var partition in await mesh.Broker.GetWatermarksAsync(topic, default))
            partitions.Add([.. (await mesh.Broker.ReadAsync(topic, partition.Partition, partition.Low, int.MaxValue, default)).Select(Sequence)]);
        return partitions;
    }

    private static long Sequence(DeliveredMessage message) => long.Parse(Header(message, "ce_sequence")!);

    private static string? Header(DeliveredMessage message, string name) => message.Headers.Find(name);
}
