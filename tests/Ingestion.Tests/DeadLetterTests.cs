using System.Text;
using System.Text.Json;
using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class DeadLetterTests
{
    private const string DeadLetterTopic = "test.visits.dlq";
    private const string Bad = """{"place":"ORD","seconds":"many","at":"2026-01-01T00:00:00Z"}""";
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task An_event_refused_at_the_door_says_who_refused_it_when_and_in_which_trace()
    {
        await using var app = await TestIngestion.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/streams/{Samples.Topic}/events") { Content = new StringContent($"[{Bad}, {Bad.Replace("many", "few")}, 17]", Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
        await app.Client.SendAsync(request);
        var letters = Read(app);
        Assert.Equal(3, letters.Count);
        var letter = letters[0];
        Assert.Equal(("ingestion", Samples.Topic, "/http", 0L), (letter.Origin.Consumer, letter.Origin.Topic, letter.Origin.Source, letter.Origin.Position));
        Assert.Null(letter.Origin.Partition);
        Assert.Null(letter.Origin.Offset);
        Assert.Equal(("application/json", 1, Trace, 0), (letter.ContentType, letter.Attempts, letter.TraceId, letter.Redrives));
        Assert.Equal(letter.ReceivedAt, letter.FailedAt);
        Assert.NotEqual(default, letter.FailedAt);
        Assert.Equal(letter.Fingerprint, letters[1].Fingerprint);
        Assert.NotEqual(letter.Fingerprint, letters[2].Fingerprint);
    }

    [Fact]
    public async Task An_event_of_the_open_door_keeps_its_place_key_and_headers_and_knows_that_it_was_sent_again()
    {
        await using var app = await TestIngestion.StartAsync();
        await DeliverAsync(app, new() { ["__partition"] = "2", ["__offset"] = "41", ["__key"] = "k7", ["tenant"] = "blue" }, new()
        {
            ["__partition"] = "2", ["__offset"] = "42", ["mesh-redrive"] = "job-1/test.visits.dlq/0/17", ["mesh-redrives"] = "3",
        });
        var letters = Read(app);
        var origin = letters[0].Origin;
        Assert.Equal(("ingest.test.visits", 2, 41L, "k7"), (origin.Topic, origin.Partition, origin.Offset, origin.Key));
        Assert.Equal("blue", letters[0].Headers!["tenant"]);
        Assert.Equal((0, null), (letters[0].Redrives, letters[0].RedriveOf));
        Assert.Equal((3, "test.visits.dlq/0/17"), (letters[1].Redrives, letters[1].RedriveOf));
        Assert.Equal(Bad, Encoding.UTF8.GetString(letters[1].Original.Span));
    }

    private static List<DeadLetterRecord> Read(TestIngestion app) => [.. app.Log.Read(DeadLetterTopic).Select(stored =>
    {
        Assert.True(DeadLetterReader.TryRead(stored.Payload, out var record, out var error), error);
        return record;
    })];

    private static async Task DeliverAsync(TestIngestion app, params Dictionary<string, string>[] headers)
    {
        var entries = headers.Select((metadata, i) => new { entryId = $"{i}", @event = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"e{{i}}","type":"t","source":"s","data":{{Bad}}}""")), metadata });
        var body = JsonSerializer.Serialize(new { id = "d", topic = "ingest.test.visits", pubsubname = "pubsub", entries });
        (await app.Client.PostAsync("/topics/ingest.test.visits", new StringContent(body, Encoding.UTF8, "application/json"))).EnsureSuccessStatusCode();
    }
}
