using System.Text;
using System.Text.Json;
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

    /// <summary>Sends what a sidecar sends; returns the statuses.</summary>
    private static async Task<string[]> DeliverAsync(TestIngestion app, params (int Partition, int Offset)[] places)
    {
        var entries = places.Select((place, i) => new
        {
            entryId = $"{i}",
            @event = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"e{{place.Partition}}-{{place.Offset}}-{{i}}","type":"t","source":"s","data":{{Samples.Good(i)}}}""")),
            metadata = place.Offset < 0 ? [] : new Dictionary<string, string> { ["__partition"] = $"{place.Partition}", ["__offset"] = $"{place.Offset}" },
        });
        var body = JsonSerializer.Serialize(new { id = "d", topic = "ingest.test.visits", pubsubname = "pubsub", entries });
        var response = await app.Client.PostAsync("/topics/ingest.test.visits", new StringContent(body, Encoding.UTF8, "application/json"));
        response.EnsureSuccessStatusCode();
        return [.. JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("statuses").EnumerateArray().Select(status => status.GetProperty("status").GetString()!)];
    }
}
