using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Ingestion.OpenDoor;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class OpenDoorTests
{
    [Fact]
    public async Task A_delivery_that_comes_again_is_neither_published_nor_counted_twice()
    {
        var records = new MemoryRecords();
        await using (var app = await TestIngestion.StartAsync(records: records))
        {
            Assert.Equal(["SUCCESS", "SUCCESS", "SUCCESS"], await DeliverAsync(app, (0, 5), (0, 6), (1, 2)));
            Assert.Equal(["SUCCESS", "SUCCESS"], await DeliverAsync(app, (0, 6), (0, 7)));
            Assert.Equal(4, app.Log.Read(Samples.Topic).Count);
        }

        await using var again = await TestIngestion.StartAsync(records: records);
        Assert.Equal(["SUCCESS", "SUCCESS"], await DeliverAsync(again, (0, 7), (1, 3)));
        var stored = Assert.Single(again.Log.Read(Samples.Topic));
        Assert.Equal((3L, "/ingest.test.visits/1"), (stored.Sequence, stored.Source));
        Assert.Equal(5, (await again.LedgerAsync()).GetProperty("acked").GetInt32());
    }

    [Fact]
    public async Task Without_positions_every_delivery_counts()
    {
        await using var app = await TestIngestion.StartAsync();
        await DeliverAsync(app, (-1, -1), (-1, -1));
        Assert.Equal([-1, -1], app.Log.Read(Samples.Topic).Select(item => item.Sequence));
    }

    [Fact]
    public async Task A_delivery_that_cannot_be_published_is_asked_for_again()
    {
        var log = new MemoryLog { OnPublish = (_, _) => Task.FromResult<IReadOnlyList<int>>([0]) };
        await using var app = await TestIngestion.StartAsync(log: log);
        Assert.Equal(["RETRY", "RETRY"], await DeliverAsync(app, (0, 0), (0, 1)));
        Assert.Equal(0, (await app.LedgerAsync()).GetProperty("acked").GetInt32());
        log.OnPublish = null;
        Assert.Equal(["SUCCESS", "SUCCESS"], await DeliverAsync(app, (0, 0), (0, 1)));
        Assert.Equal(2, (await app.LedgerAsync()).GetProperty("acked").GetInt32());
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"7","data":{"a":1},"traceparent":""}""", "7", """{"a":1}""")]
    [InlineData("""{"data":"{\"a\":1}","id":"7","specversion":"1.0"}""", "7", """{"a":1}""")]
    [InlineData("""{"data_base64":"eyJhIjoxfQ==","id":"7","specversion":"1.0"}""", "7", """{"a":1}""")]
    [InlineData("""{"id":"7","data":{"a":1}}""", null, null)]
    [InlineData("""{"specversion":"1.0","id":"7","data":{"a":1}""", null, null)]
    [InlineData("[1]", null, null)]
    [InlineData("", null, null)]
    public void Data_is_taken_out_of_cloud_events_and_nothing_else_is_one(string json, string? id, string? data)
    {
        Assert.Equal(id is not null, CloudEventReader.TryRead(Encoding.UTF8.GetBytes(json), out var parts));
        Assert.Equal((id, data), (parts.Id, parts.Data is null ? null : Encoding.UTF8.GetString(parts.Data)));
    }

    [Fact]
    public async Task Avro_and_Protobuf_come_in_raw_with_and_without_a_content_type_and_as_data_of_cloud_events()
    {
        var registry = new FakeRegistry().Add(AvroBodies.OldId, "test.visits-value", AvroBodies.OldSchema)
            .Add(31, "ingest.test.visits-value", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Protos", "visit.proto")), "PROTOBUF");
        await using var app = await TestIngestion.StartAsync(configure: services => services.AddSingleton(_ => registry.Client()));
        var visit = new Messages.Visit { Place = "P", Seconds = 5, At = new() { Seconds = 1767225600 } }.ToByteArray();
        byte[] framed = [0, 0, 0, 0, 31, 2, 2, .. visit], foreign = AvroBodies.Framed(7, 99);
        (byte[] Payload, string? Type)[] events =
        [
            (AvroBodies.Framed(1), null),
            (AvroBodies.SingleObject(2), null),
            (AvroBodies.Framed(3), "avro/binary"),
            (framed, null),
            (visit, "application/x-protobuf;schema=31;messageType=Visit"),
            (CloudEvent("a", "application/avro", AvroBodies.Framed(4)), null),
            (CloudEvent("b", "application/octet-stream", framed), null),
            (CloudEvent("c", "application/json", Encoding.UTF8.GetBytes(Samples.Good(6))), null),
            (CloudEvent("d", "application/avro", foreign), null),
            (CloudEvent("e", "application/avro", AvroBodies.File(1, "null")), null),
            (AvroBodies.File(1, "snappy"), null),
        ];
        Assert.All(await DeliverAsync(app, events, 0), status => Assert.Equal("SUCCESS", status));
        Assert.Equal(["1", "2", "3", "5", "5", "4", "5", "6", "0", "0"], MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract).Select(row => row.Split('|')[1]));
        var dead = app.Log.Read("test.visits.dlq").Single();
        Assert.Equal(("schema", "application/avro"), (dead.Rule, dead.Json.GetProperty("content_type").GetString()));
        Assert.Equal(foreign, dead.Original);

        registry.Down = true;
        Assert.All(await DeliverAsync(app, [(AvroBodies.Framed(8), null), (AvroBodies.Framed(9, 55), null)], 11), status => Assert.Equal("RETRY", status));
        registry.Down = false;
        Assert.All(await DeliverAsync(app, [(AvroBodies.Framed(8), null), (AvroBodies.Framed(9, 55), null)], 11), status => Assert.Equal("SUCCESS", status));
        Assert.Equal((11, 2), (app.Log.Count(Samples.Topic), app.Log.Count("test.visits.dlq")));
    }

    private static byte[] CloudEvent(string id, string type, byte[] data) =>
        JsonSerializer.SerializeToUtf8Bytes(new { specversion = "1.0", id, type = "t", source = "s", datacontenttype = type, data_base64 = Convert.ToBase64String(data) });

    private static async Task<string[]> DeliverAsync(TestIngestion app, (byte[] Payload, string? Type)[] events, int offset)
    {
        var entries = events.Select((item, i) =>
        {
            var metadata = new Dictionary<string, string> { ["__partition"] = "0", ["__offset"] = $"{offset + i}" };
            if (item.Type is not null)
                metadata["content-type"] = item.Type;
            return new { entryId = $"{i}", @event = Convert.ToBase64String(item.Payload), metadata };
        });
        return await SendAsync(app, JsonSerializer.Serialize(new { id = "d", topic = "ingest.test.visits", pubsubname = "pubsub", entries }));
    }

    /// <summary>Sends what a sidecar sends; returns the statuses.</summary>
    private static async Task<string[]> DeliverAsync(TestIngestion app, params (int Partition, int Offset)[] places)
    {
        var entries = places.Select((place, i) => new
        {
            entryId = $"{i}",
            @event = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"e{{place.Partition}}-{{place.Offset}}-{{i}}","type":"t","source":"s","data":{{Samples.Good(i)}}}""")),
            metadata = place.Offset < 0 ? [] : new Dictionary<string, string> { ["__partition"] = $"{place.Partition}", ["__offset"] = $"{place.Offset}" },
        });
        return await SendAsync(app, JsonSerializer.Serialize(new { id = "d", topic = "ingest.test.visits", pubsubname = "pubsub", entries }));
    }

    private static async Task<string[]> SendAsync(TestIngestion app, string body)
    {
        var response = await app.Client.PostAsync("/topics/ingest.test.visits", new StringContent(body, Encoding.UTF8, "application/json"));
        response.EnsureSuccessStatusCode();
        return [.. JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("statuses").EnumerateArray().Select(status => status.GetProperty("status").GetString()!)];
    }
}
