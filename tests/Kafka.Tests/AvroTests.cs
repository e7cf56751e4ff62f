using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Components;
using RealTimeMesh.Contracts;
using RealTimeMesh.SchemaRegistry;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>Values converted by <c>valueSchemaType: Avro</c>, with our registry.</summary>
public sealed class AvroTests : IAsyncLifetime
{
    private const string Schema = """{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"note","type":["null","string"],"default":null}]}""";

    private readonly MockCluster _cluster = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("kafka-avro-").FullName;
    private readonly HttpClient _http = new();
    private WebApplication _registry = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = SchemaRegistryApp.Build([$"--MESH_DATA={_folder}", "--urls=http://127.0.0.1:0"]);
        await _registry.StartAsync();
        _http.BaseAddress = new Uri(_registry.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _registry.StopAsync();
        await _registry.DisposeAsync();
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Json_is_stored_as_Avro_with_the_latest_schema_and_delivered_as_json()
    {
        var id = await RegisterAsync("t-value", Schema);
        await using var broker = await StartAsync();
        await PublishAsync(broker, """{"id":5,"note":"ü"}""");
        var stored = Assert.Single(await broker.ReadAsync("t", 0, 0, 1, default)).Value;
        Assert.True(ConfluentFrame.TryRead(stored.Span, out var found, out var payload));
        Assert.Equal(id, found);
        Assert.Equal([10, 2, 4, 0xc3, 0xbc], payload.ToArray());

        var recorder = new BatchRecorder();
        await using var subscription = await broker.SubscribeAsync(Avro("g"), recorder.HandleAsync, default);
        await recorder.WaitForMessagesAsync(1);
        Assert.Equal("""{"id":5,"note":"ü"}""", Text(recorder.Messages[0]));
    }

    [Fact]
    public async Task A_json_null_is_a_tombstone_and_comes_as_null_with_a_schema_and_without()
    {
        await RegisterAsync("t-value", Schema);
        await using var broker = await StartAsync();
        await PublishAsync(broker, "null");
        var (decoded, plain) = (new BatchRecorder(), new BatchRecorder());
        await using var first = await broker.SubscribeAsync(Avro("avro"), decoded.HandleAsync, default);
        await using var second = await broker.SubscribeAsync(new() { Topic = "t", Group = "plain" }, plain.HandleAsync, default);
        await decoded.WaitForMessagesAsync(1);
        await plain.WaitForMessagesAsync(1);
        Assert.Equal("null", Text(decoded.Messages[0]));
        Assert.Equal("null", Text(plain.Messages[0]));
    }

    [Fact]
    public async Task A_value_that_does_not_fit_fails_alone()
    {
        await RegisterAsync("t-value", Schema);
        await using var broker = await StartAsync();
        var result = await broker.PublishAsync("t", [Message("""{"id":1}"""), Message("""{"id":"x"}"""), Message("""{"id":3}""")], default);
        var failure = Assert.Single(result.Failures);
        Assert.Equal(1, failure.Index);
        Assert.Contains("$.id: found \"x\"", failure.Error.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await broker.GetWatermarksAsync("t", default)).Sum(w => w.High));
    }

    [Fact]
    public async Task A_new_schema_is_used_when_the_latest_has_grown_old()
    {
        await RegisterAsync("t-value", Schema);
        await using var broker = await StartAsync(("schemaLatestVersionCacheTTL", "0s"));
        await PublishAsync(broker, """{"id":1}""");
        await RegisterAsync("t-value", Schema.Replace("\"default\":null}", "\"default\":null},{\"name\":\"more\",\"type\":\"int\",\"default\":7}", StringComparison.Ordinal));
        await PublishAsync(broker, """{"id":2}""");
        var recorder = new BatchRecorder();
        await using var subscription = await broker.SubscribeAsync(Avro("g"), recorder.HandleAsync, default);
        await recorder.WaitForMessagesAsync(2);
        Assert.Equal(["""{"id":1,"note":null}""", """{"id":2,"note":null,"more":7}"""], recorder.Messages.OrderBy(Text).Select(Text));
    }

    [Fact]
    public async Task Unions_name_their_branch_where_useAvroJSON_is_set()
    {
        await RegisterAsync("t-value", Schema);
        await using var broker = await StartAsync(("useAvroJSON", "true"));
        await PublishAsync(broker, """{"id":5,"note":{"string":"x"}}""");
        var recorder = new BatchRecorder();
        await using var subscription = await broker.SubscribeAsync(Avro("g"), recorder.HandleAsync, default);
        await recorder.WaitForMessagesAsync(1);
        Assert.Equal("""{"id":5,"note":{"string":"x"}}""", Text(recorder.Messages[0]));
    }

    [Fact]
    public async Task A_value_that_cannot_be_decoded_holds_its_partition_and_comes_when_it_can()
    {
        // The id of a schema that is registered only later.
        await using var broker = await StartAsync();
        await broker.PublishAsync("t", [new OutgoingMessage("k", new byte[] { 0, 0, 0, 0, 1, 10, 0 }, default)], default);
        var recorder = new BatchRecorder();
        await using var subscription = await broker.SubscribeAsync(Avro("g"), recorder.HandleAsync, default);
        await Brokers.UntilAsync(() => ((KafkaSubscription)subscription).Assignment.Count > 0, "an assignment");
        Assert.Equal(1, await RegisterAsync("t-value", Schema));
        await recorder.WaitForMessagesAsync(1);
        Assert.Equal("""{"id":5,"note":null}""", Text(recorder.Messages[0]));
    }

    [Fact]
    public async Task Without_a_registry_or_a_subject_the_reason_is_told()
    {
        _cluster.CreateTopic("t", 1);
        await using var without = await Brokers.StartAsync(_cluster);
        Assert.Contains("schema registry details not set", (await without.PublishAsync("t", [Message("1")], default)).Failures[0].Error.Message, StringComparison.Ordinal);
        await using var broker = await StartAsync();
        Assert.Contains("no subject 't-value'", (await broker.PublishAsync("t", [Message("1")], default)).Failures[0].Error.Message, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<BrokerException>(() => broker.SubscribeAsync(new() { Topic = "t", Group = "g", Metadata = new Dictionary<string, string> { ["valueSchemaType"] = "Protobuf" } }, new BatchRecorder().HandleAsync, default));
        Assert.Equal("error parsing schema type. 'Protobuf' is not a supported value", error.Message);
    }

    private static SubscribeOptions Avro(string group) =>
        new() { Topic = "t", Group = group, RetryDelay = TimeSpan.FromMilliseconds(50), Metadata = new Dictionary<string, string> { ["valueSchemaType"] = "Avro" } };

    private static OutgoingMessage Message(string json) => new("k", Encoding.UTF8.GetBytes(json), MessageHeaders.From([new("valueSchemaType", "Avro")]));

    private static string Text(DeliveredMessage message) => Encoding.UTF8.GetString(message.Value.Span);

    private Task<IPubSubBroker> StartAsync(params (string Name, string Value)[] settings)
    {
        _cluster.CreateTopic("t", 1);
        return Brokers.StartAsync(_cluster, null, [("schemaRegistryURL", _http.BaseAddress!.ToString()), .. settings]);
    }

    private static async Task PublishAsync(IPubSubBroker broker, string json)
    {
        var result = await broker.PublishAsync("t", [Message(json)], default);
        Assert.True(result.Succeeded, result.Succeeded ? "" : result.Failures[0].Error.Message);
    }

    private async Task<int> RegisterAsync(string subject, string schema)
    {
        using var content = new StringContent(new JsonObject { ["schema"] = schema }.ToJsonString(), Encoding.UTF8, "application/vnd.schemaregistry.v1+json");
        using var response = await _http.PostAsync(new Uri($"/subjects/{subject}/versions", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!.GetValue<int>();
    }
}
