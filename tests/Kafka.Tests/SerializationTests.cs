using System.Globalization;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts;
using RealTimeMesh.Contracts.Values;
using RealTimeMesh.Kafka.Serialization;
using RealTimeMesh.SchemaRegistry;

namespace RealTimeMesh.Kafka.Tests;

/// <summary>Our serializers in producers and consumers of Confluent.Kafka, beside kafkajs with its registry client and kcat.</summary>
public sealed class SerializationTests : IAsyncLifetime
{
    private const string Schema = """
        {"type":"record","name":"Order","namespace":"shop","fields":[
          {"name":"id","type":"long"},
          {"name":"side","type":{"type":"enum","name":"Side","symbols":["BUY","SELL"]}},
          {"name":"note","type":["null","string"],"default":null},
          {"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[{"name":"symbol","type":"string"},{"name":"price","type":"double"}]}}},
          {"name":"tags","type":{"type":"map","values":"int"}}]}
        """;

    private static readonly Order s_order = new(5, "SELL", "ü ✈", [new Line("AAPL", 1.5), new Line("MSFT", -2)], new Dictionary<string, int> { ["a"] = 1 });

    private readonly MockCluster _cluster = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("kafka-serialization-").FullName;
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;
    private Uri _url = null!;

    public async ValueTask InitializeAsync()
    {
        _app = SchemaRegistryApp.Build([$"--MESH_DATA={_folder}", "--urls=http://127.0.0.1:0"]);
        await _app.StartAsync();
        _url = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        _cluster.CreateTopic("t", 1);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _cluster.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false, SchemaIdPlace.Payload)]
    [InlineData(true, SchemaIdPlace.Payload)]
    [InlineData(true, SchemaIdPlace.Header)]
    public async Task Records_go_through_producers_and_consumers(bool blocking, SchemaIdPlace place)
    {
        var serializer = new AvroSerializer<Order>(Client(), Schema, new AvroSerializerOptions { IdPlace = place }, TimeProvider.System);
        await serializer.PrepareAsync("t", MessageComponentType.Value, default);
        var builder = new ProducerBuilder<string, Order>(new ProducerConfig { BootstrapServers = _cluster.Bootstraps });
        using var producer = (blocking ? builder.SetValueSerializer((ISerializer<Order>)serializer) : builder.SetValueSerializer((IAsyncSerializer<Order>)serializer)).Build();
        await producer.ProduceAsync("t", new Message<string, Order> { Key = "k", Value = s_order });
        await producer.ProduceAsync("t", new Message<string, Order> { Key = "k", Value = null! });

        var read = Consume(new AvroDeserializer<Order>(Client()), 2);

        AssertSame(s_order, read[0]);
        Assert.Null(read[1]);
    }

    [Fact]
    public async Task A_reader_of_another_version_gets_defaults_and_the_generic_form_gets_everything()
    {
        await ProduceAsync(new AvroSerializerOptions());
        const string newer = """{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"double"},{"name":"more","type":"string","default":"d"}]}""";

        var evolved = Assert.Single(Consume(new AvroDeserializer<AvroRecordValue>(Client(), newer), 1));
        var generic = Assert.Single(Consume(new AvroDeserializer<AvroRecordValue>(Client()), 1));

        Assert.Equal((5d, "d"), (evolved["id"], evolved["more"]));
        Assert.Equal(new AvroSymbol("shop.Side", "SELL"), generic["side"]);
    }

    [Fact]
    public async Task Rules_of_the_contract_are_applied_in_writing_and_in_reading()
    {
        var metadata = new ContractMetadata
        {
            Tags = new Dictionary<string, IReadOnlyList<string>> { ["shop.Order.note"] = ["PII"] },
            Rules =
            [
                new ContractRule { Name = "positive", Expression = "message.id > 0", Doc = "an id above 0" },
                new ContractRule { Name = "mask", Kind = "TRANSFORM", Type = "CEL_FIELD", Mode = "READ", Tags = ["PII"], Expression = "'masked'" },
            ],
        };
        var serializer = new AvroSerializer<Order>(Client(), Schema, new AvroSerializerOptions { Metadata = metadata }, TimeProvider.System);
        using var producer = new ProducerBuilder<string, Order>(new ProducerConfig { BootstrapServers = _cluster.Bootstraps }).SetValueSerializer((IAsyncSerializer<Order>)serializer).Build();
        await producer.ProduceAsync("t", new Message<string, Order> { Key = "k", Value = s_order });
        var refused = await Assert.ThrowsAnyAsync<ProduceException<string, Order>>(() => producer.ProduceAsync("t", new Message<string, Order> { Key = "k", Value = s_order with { Id = 0 } }));
        Assert.Contains("rule 'positive': found false; expected an id above 0", refused.ToString(), StringComparison.Ordinal);

        Assert.Equal("masked", Assert.Single(Consume(new AvroDeserializer<Order>(Client()), 1)).Note);
        Assert.Equal(s_order.Note, Assert.Single(Consume(new AvroDeserializer<Order>(Client(), applyRules: false), 1)).Note);
        var unknown = new AvroSerializer<Order>(Client(), Schema, new AvroSerializerOptions { Subject = (_, _) => "other", Metadata = new ContractMetadata { Rules = [new ContractRule { Name = "hide", Kind = "TRANSFORM", Type = "ENCRYPT" }] } }, TimeProvider.System);
        Assert.Contains("found type ENCRYPT", (await Assert.ThrowsAsync<ContractException>(() => unknown.PrepareAsync("t", MessageComponentType.Value, default))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("topic", "t-value")]
    [InlineData("record", "shop.Order")]
    [InlineData("topicRecord", "t-shop.Order")]
    public async Task Subjects_are_named_by_strategy(string strategy, string subject)
    {
        await ProduceAsync(new AvroSerializerOptions { Subject = strategy switch { "topic" => SubjectNames.Topic, "record" => SubjectNames.Record, _ => SubjectNames.TopicRecord } });
        Assert.Equal([subject], await Client().GetSubjectsAsync(default));
    }

    [Fact]
    public async Task Without_registering_a_serializer_writes_with_the_latest_schema_or_says_what_is_missing()
    {
        var missing = await Assert.ThrowsAnyAsync<Exception>(() => ProduceAsync(new AvroSerializerOptions { AutoRegister = false }));
        Assert.Contains("Register the schema before it is used", Text(missing), StringComparison.Ordinal);
        var none = await Assert.ThrowsAnyAsync<Exception>(() => ProduceAsync(new AvroSerializerOptions { UseLatest = true }));
        Assert.Contains("subject 't-value': found no schema", Text(none), StringComparison.Ordinal);
        await Client().RegisterAsync("t-value", """{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"int"}]}""", default);
        await Assert.ThrowsAnyAsync<Exception>(() => ProduceAsync(new AvroSerializerOptions { UseLatest = true }));
        await Client().RegisterAsync("other-value", Schema, default);
        await Client().RegisterAsync("t2-value", """{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"id","type":"long"}]}""", default);
        _cluster.CreateTopic("t2", 1);
        await ProduceAsync(new AvroSerializerOptions { UseLatest = true }, "t2");

        Assert.Equal(5L, Assert.Single(Consume(new AvroDeserializer<AvroRecordValue>(Client()), 1, "t2"))["id"]);
    }

    [Fact]
    public async Task Known_schemas_keep_flowing_while_the_registry_is_out()
    {
        var client = Client();
        var serializer = new AvroSerializer<Order>(client, Schema, new AvroSerializerOptions { UseLatest = true, LatestLife = TimeSpan.Zero }, TimeProvider.System);
        var deserializer = new AvroDeserializer<Order>(client);
        await client.RegisterAsync("t-value", Schema, default);
        var context = new SerializationContext(MessageComponentType.Value, "t");
        var bytes = await serializer.SerializeAsync(s_order, context);
        AssertSame(s_order, deserializer.Deserialize(bytes, false, context));
        await _app.StopAsync();

        AssertSame(s_order, await deserializer.DeserializeAsync(await serializer.SerializeAsync(s_order, context), false, context));
        Assert.True(client.IsOut);
        bytes[4]++;
        Assert.Contains("get schemas/ids/", Assert.Throws<ContractException>(() => deserializer.Deserialize(bytes, false, context)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_and_rules_go_to_the_registry_and_come_back()
    {
        var metadata = new ContractMetadata
        {
            Owner = "desk@example.com",
            Tags = new Dictionary<string, IReadOnlyList<string>> { ["note"] = [ContractMetadata.Pii] },
            Rules = [new ContractRule { Name = "positive", Expression = "message.id > 0" }],
        };
        await ProduceAsync(new AvroSerializerOptions { Metadata = metadata });

        var found = (await Client().FindLatestAsync("t-value", default))!.Metadata;

        Assert.Equal(("desk@example.com", "note", "message.id > 0"), (found.Owner, Assert.Single(found.PiiFields), Assert.Single(found.Rules).Expression));
    }

    [Theory]
    [InlineData("", "found an empty value")]
    [InlineData("01000000010A", "starting with 0x01")]
    [InlineData("0000000000", "schema id above 0")]
    [InlineData("000000", "found 3 bytes")]
    public void Values_without_framing_are_refused_with_what_was_found(string hex, string expected)
    {
        var fault = Assert.Throws<ContractException>(() => new AvroDeserializer<Order>(Client()).Deserialize(Convert.FromHexString(hex), false, new SerializationContext(MessageComponentType.Value, "t")));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kafkajs_reads_with_its_registry_client_what_we_wrote()
    {
        OtherClients.SkipWithoutKafkaJs("@kafkajs/confluent-schema-registry");
        await ProduceAsync(new AvroSerializerOptions());

        var line = Assert.Single(await OtherClients.RunAsync("node", [OtherClients.Script("avro.js"), _cluster.Bootstraps, _url.ToString().TrimEnd('/'), "t", "read", "1"], null));

        Assert.Equal("""{"id":5,"side":"SELL","note":"ü ✈","lines":[{"symbol":"AAPL","price":1.5},{"symbol":"MSFT","price":-2}],"tags":{"a":1}}""", line);
    }

    [Fact]
    public async Task What_kafkajs_wrote_with_its_registry_client_is_read_by_us()
    {
        OtherClients.SkipWithoutKafkaJs("@kafkajs/confluent-schema-registry");
        var values = Enumerable.Range(0, 20).Select(n => new JsonObject
        {
            ["id"] = n,
            ["side"] = n % 2 == 0 ? "BUY" : "SELL",
            ["note"] = n % 3 == 0 ? null : "漢",
            ["lines"] = new JsonArray([.. Enumerable.Range(0, n).Select(i => new JsonObject { ["symbol"] = $"S{i}", ["price"] = i / 4.0 })]),
            ["tags"] = new JsonObject { ["k"] = n },
        }).ToList();
        await OtherClients.RunAsync("node", [OtherClients.Script("avro.js"), _cluster.Bootstraps, _url.ToString().TrimEnd('/'), "t", "write", Schema], string.Concat(values.Select(value => value.ToJsonString() + "\n")));

        var read = Consume(new AvroDeserializer<Order>(Client()), 20);

        for (var n = 0; n < 20; n++)
        {
            AssertSame(
                new Order(n, n % 2 == 0 ? "BUY" : "SELL", n % 3 == 0 ? null : "漢", [.. Enumerable.Range(0, n).Select(i => new Line($"S{i}", i / 4.0))], new Dictionary<string, int> { ["k"] = n }),
                read[n]);
        }
    }

    [Fact]
    public async Task Kcat_shows_the_framing()
    {
        OtherClients.SkipWithout("kcat", ["-V"], "apt-get install kcat");
        await ProduceAsync(new AvroSerializerOptions());
        var id = await Client().FindIdAsync("t-value", Schema, default);

        // kcat takes the frame apart itself: one byte of magic, a big-endian id, and the rest.
        var line = Assert.Single(await OtherClients.RunAsync("kcat", ["-b", _cluster.Bootstraps, "-C", "-t", "t", "-o", "beginning", "-e", "-q", "-s", "value=>bIB", "-f", "%s\n"], null));

        var first = AvroCodec.Writer<Order>(AvroSchema.Parse(Schema)).Write(s_order)[0];
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"0{id}{first}"), line.Replace(" ", "", StringComparison.Ordinal)[..(1 + id.ToString(CultureInfo.InvariantCulture).Length + first.ToString(CultureInfo.InvariantCulture).Length)]);
    }

    private async Task ProduceAsync(AvroSerializerOptions options, string topic = "t")
    {
        using var producer = new ProducerBuilder<Null, Order>(new ProducerConfig { BootstrapServers = _cluster.Bootstraps })
            .SetValueSerializer((IAsyncSerializer<Order>)new AvroSerializer<Order>(Client(), Schema, options, TimeProvider.System))
            .Build();
        await producer.ProduceAsync(topic, new Message<Null, Order> { Value = s_order });
    }

    private List<T> Consume<T>(AvroDeserializer<T> deserializer, int count, string topic = "t")
    {
        using var consumer = new ConsumerBuilder<Ignore, T>(new ConsumerConfig { BootstrapServers = _cluster.Bootstraps, GroupId = "g", EnableAutoCommit = false })
            .SetValueDeserializer(deserializer)
            .Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        var read = new List<T>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (read.Count < count)
            read.Add(consumer.Consume(patience.Token).Message.Value);

        return read;
    }

    private SchemaRegistryClient Client() =>
        new(_http, new SchemaRegistryOptions { Url = _url, Timeout = TimeSpan.FromSeconds(60), OutageTimeout = TimeSpan.FromSeconds(30) }, TimeProvider.System);

    private static string Text(Exception fault) => fault.InnerException is { } inner ? fault.Message + inner.Message : fault.Message;

    private static void AssertSame(Order expected, Order actual)
    {
        Assert.Equal((expected.Id, expected.Side, expected.Note), (actual.Id, actual.Side, actual.Note));
        Assert.Equal(expected.Lines, actual.Lines);
        Assert.Equal(expected.Tags, actual.Tags);
    }

    private sealed record Line(string Symbol, double Price);

    private sealed record Order(long Id, string Side, string? Note, IReadOnlyList<Line> Lines, Dictionary<string, int> Tags);
}
