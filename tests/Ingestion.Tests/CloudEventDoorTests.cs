using System.Net;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.Ingestion.Grpc.V1;
using RealTimeMesh.Ingestion.Keys;
using RealTimeMesh.ServiceDefaults;

namespace RealTimeMesh.Ingestion.Tests;

public sealed class CloudEventDoorTests
{
    private const string Structured = "application/cloudevents+json";
    private const string Batch = "application/cloudevents-batch+json";
    private const string Letters = "test.visits.dlq";
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static string Event(int i, string more = "", string? data = null) =>
        $$"""{"specversion":"1.0","id":"e{{i}}","source":"/shop","type":"visit"{{more}},"data":{{data ?? Samples.Good(i)}}}""";

    private static async Task<JsonElement> AnswerAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private static Task<HttpResponseMessage> BinaryAsync(TestIngestion app, string body, string? type, params (string Name, string Value)[] headers) =>
        BinaryAsync(app, Encoding.UTF8.GetBytes(body), type, headers);

    private static Task<HttpResponseMessage> BinaryAsync(TestIngestion app, byte[] body, string? type, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/streams/{Samples.Topic}/events") { Content = new ByteArrayContent(body) };
        if (type is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        foreach (var (name, value) in headers)
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return app.Client.SendAsync(request);
    }

    private static (string, string)[] Attributes(params (string, string)[] more) => [("ce-specversion", "1.0"), ("ce-id", "b1"), ("ce-source", "/shop"), ("ce-type", "visit"), .. more];

    [Fact]
    public async Task A_structured_event_keeps_its_attributes_as_headers_and_its_data_becomes_the_row()
    {
        await using var app = await TestIngestion.StartAsync();
        var more = $$""","subject":"größe","time":"2026-01-31T12:30:00.123456789Z","datacontenttype":"application/json","partitionkey":"pk","vip":true,"retries":3,"sequence":"77","traceparent":"{{Trace}}","nothing":null""";
        await AnswerAsync(await app.PostAsync($"\uFEFF {Event(1, more)}\n", Structured), HttpStatusCode.Accepted);
        var stored = Assert.Single(app.Log.Read(Samples.Topic));
        Assert.Equal(("e1", "/shop", "P1", -1L), (stored.Id, stored.Source, stored.Key, stored.Sequence));
        Assert.Equal(["P1|1|0.5|1767225601000000"], MemoryLog.Rows([stored], Samples.Contract));
        Assert.Equal(
            [("ce_originsequence", "77"), ("ce_partitionkey", "pk"), ("ce_retries", "3"), ("ce_source", "/shop"), ("ce_subject", "größe"), ("ce_time", "2026-01-31T12:30:00.123456789Z"), ("ce_type", "visit"), ("ce_vip", "true"), ("traceparent", Trace)],
            stored.Headers.OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => (header.Key, header.Value)));
    }

    [Theory]
    [InlineData("""{"id":"1","source":"/s","type":"t","data":{}}""", "specversion", "nothing")]
    [InlineData("""{"specversion":"0.3","id":"1","source":"/s","type":"t","data":{}}""", "specversion", "'0.3'")]
    [InlineData("""{"specversion":1.0,"id":"1","source":"/s","type":"t","data":{}}""", "specversion", "Number")]
    [InlineData("""{"specversion":"1.0","source":"/s","type":"t","data":{}}""", "id", "nothing")]
    [InlineData("""{"specversion":"1.0","id":"","source":"/s","type":"t","data":{}}""", "id", "empty")]
    [InlineData("""{"specversion":"1.0","id":null,"source":"/s","type":"t","data":{}}""", "id", "nothing")]
    [InlineData("""{"specversion":"1.0","id":"1","id":"2","source":"/s","type":"t","data":{}}""", "id", "twice")]
    [InlineData("""{"specversion":"1.0","id":"1","type":"t","data":{}}""", "source", "nothing")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"a b","type":"t","data":{}}""", "source", "'a b'")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","data":{}}""", "type", "nothing")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t\u0000","data":{}}""", "type", "control character")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"yesterday","data":{}}""", "time", "'yesterday'")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","Big":"x","data":{}}""", "Big", "name")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","ext":1.5,"data":{}}""", "ext", "1.5")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","ext":{"a":1},"data":{}}""", "ext", "StartObject")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t"}""", "data", "neither")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{},"data_base64":"e30="}""", "data_base64", "beside")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"e30"}""", "data_base64", "no base64")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"text/csv","data":"a,b"}""", "datacontenttype", "'text/csv'")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"application/avro","data":{}}""", "data_base64", "as JSON")]
    public async Task What_is_no_event_is_rejected_by_the_name_of_the_attribute_and_kept_as_it_came(string document, string field, string found)
    {
        await using var app = await TestIngestion.StartAsync();
        var reason = (await AnswerAsync(await app.PostAsync(document, Structured), HttpStatusCode.UnprocessableEntity)).GetProperty("results")[0].GetProperty("reason");
        Assert.Equal(("cloudevent", field), (reason.GetProperty("rule").GetString(), reason.GetProperty("field").GetString()));
        Assert.Contains(found, reason.GetProperty("found").GetString(), StringComparison.Ordinal);
        var letter = Assert.Single(app.Log.Read(Letters));
        Assert.Equal((document, Structured), (Encoding.UTF8.GetString(letter.Original), letter.Json.GetProperty("content_type").GetString()));
    }

    [Theory]
    [InlineData("17", "json")]
    [InlineData("{\"specversion\":\"1.0\"", "json")]
    [InlineData("""{"specversion":"1.0","id":"\uD800","source":"/s","type":"t","data":{}}""", "encoding")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{}} {}""", "json")]
    public async Task What_is_no_document_is_rejected_as_one(string document, string rule)
    {
        await using var app = await TestIngestion.StartAsync();
        var answer = await AnswerAsync(await app.PostAsync(document, Structured), HttpStatusCode.UnprocessableEntity);
        Assert.Equal(rule, answer.GetProperty("results")[0].GetProperty("reason").GetProperty("rule").GetString());
        Assert.Equal(document, Encoding.UTF8.GetString(Assert.Single(app.Log.Read(Letters)).Original));
    }

    [Fact]
    public async Task Attributes_beyond_what_headers_hold_are_refused()
    {
        await using var app = await TestIngestion.StartAsync();
        foreach (var more in new[] { string.Concat(Enumerable.Range(0, 100).Select(i => $",\"x{i}\":\"v\"")), $",\"x\":\"{new string('v', 20_000)}\"" })
        {
            var reason = (await AnswerAsync(await app.PostAsync(Event(1, more), Structured), HttpStatusCode.UnprocessableEntity)).GetProperty("results")[0].GetProperty("reason");
            Assert.StartsWith("more than 64 attributes", reason.GetProperty("found").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_batch_is_taken_event_by_event_and_each_rejected_one_is_told()
    {
        await using var app = await TestIngestion.StartAsync();
        var answer = await AnswerAsync(await app.PostAsync($"[{Event(0)}, 5, {Event(2, data: """{"place":1}""")},{Event(3).Replace("\"id\":\"e3\",", "", StringComparison.Ordinal)}, {Event(4)}]", Batch), HttpStatusCode.MultiStatus);
        Assert.Equal((2, 3), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetInt32()));
        Assert.Equal(
            [(1, "json", null), (2, "type", "place"), (3, "cloudevent", "id")],
            answer.GetProperty("results").EnumerateArray().Select(item => (item.GetProperty("index").GetInt32(), item.GetProperty("reason").GetProperty("rule").GetString(), item.GetProperty("reason").GetProperty("field").GetString())));
        Assert.Equal(["e0", "e4"], app.Log.Read(Samples.Topic).Select(item => item.Id));
        // What the data lacks is told of the data, which can be mended and sent again.
        var letter = app.Log.Read(Letters)[1];
        Assert.Equal(("""{"place":1}""", "application/json", "e2"), (Encoding.UTF8.GetString(letter.Original), letter.Json.GetProperty("content_type").GetString(), letter.Id));
        Assert.Equal("/shop", letter.Json.GetProperty("headers").GetProperty("ce_source").GetString());
    }

    [Fact]
    public async Task A_batch_of_any_length_is_taken_and_an_empty_one_is_one()
    {
        await using var app = await TestIngestion.StartAsync();
        var answer = await AnswerAsync(await app.PostAsync($"[{string.Join(",\n", Enumerable.Range(0, 20_000).Select(i => Event(i)))}]", Batch), HttpStatusCode.Accepted);
        Assert.Equal(20_000, answer.GetProperty("accepted").GetInt32());
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"e{i}"), app.Log.Read(Samples.Topic).Select(item => item.Id));
        Assert.Equal(0, (await AnswerAsync(await app.PostAsync(" [ ] ", Batch), HttpStatusCode.Accepted)).GetProperty("accepted").GetInt32());
        Assert.Equal("empty_body", (await AnswerAsync(await app.PostAsync(" ", Batch), HttpStatusCode.BadRequest)).GetProperty("error").GetString());
        Assert.Equal("empty_body", (await AnswerAsync(await app.PostAsync("", Structured), HttpStatusCode.BadRequest)).GetProperty("error").GetString());
        var single = await AnswerAsync(await app.PostAsync(Event(1), Batch), HttpStatusCode.BadRequest);
        Assert.Contains("expected '[' of an array", single.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_in_Avro_is_read_by_its_media_type_in_each_mode()
    {
        var registry = new FakeRegistry().Add(AvroBodies.OldId, "other", AvroBodies.OldSchema);
        await using var app = await TestIngestion.StartAsync(configure: services => services.AddSingleton(_ => registry.Client()));
        var framed = AvroBodies.Framed(3);
        var document = $$"""{"specversion":"1.0","id":"a","source":"/s","type":"t","datacontenttype":"application/avro","data_base64":"{{Convert.ToBase64String(framed)}}"}""";
        await AnswerAsync(await app.PostAsync(document, Structured), HttpStatusCode.Accepted);
        await AnswerAsync(await app.PostAsync($"[{document},{document}]", Batch), HttpStatusCode.Accepted);
        await AnswerAsync(await BinaryAsync(app, framed, "application/avro", Attributes()), HttpStatusCode.Accepted);
        Assert.Equal(Enumerable.Repeat("P3|3|null|1767225603000000", 4), MemoryLog.Rows(app.Log.Read(Samples.Topic), Samples.Contract));
        await AnswerAsync(await app.PostAsync($$"""{"specversion":"1.0","id":"j","source":"/s","type":"t","datacontenttype":"application/vnd.visit+json","data_base64":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(Samples.Good(4)))}}"}""", Structured), HttpStatusCode.Accepted);
        registry.Down = true;
        var unknown = Convert.ToBase64String(AvroBodies.Framed(3, id: 999));
        Assert.Equal("not_ready", (await AnswerAsync(await app.PostAsync(document.Replace(Convert.ToBase64String(framed), unknown, StringComparison.Ordinal), Structured), HttpStatusCode.ServiceUnavailable)).GetProperty("error").GetString());
        Assert.Equal((5, 0), (app.Log.Count(Samples.Topic), app.Log.Count(Letters)));
    }

    [Fact]
    public async Task In_binary_mode_headers_are_the_attributes()
    {
        await using var app = await TestIngestion.StartAsync();
        await AnswerAsync(await BinaryAsync(app, Samples.Good(1), "application/json; charset=utf-8", Attributes(("ce-subject", "Euro%20%E2%82%AC"), ("Ce-Ext", "\"quoted \\\"text\\\"\""), ("ce-time", "2026-01-31T12:30:00+01:00"))), HttpStatusCode.Accepted);
        await AnswerAsync(await BinaryAsync(app, Samples.Good(2), null, Attributes(("ce-subject", "100% %zz %4"))), HttpStatusCode.Accepted);
        Assert.Equal("100% %zz %4", app.Log.Read(Samples.Topic)[1].Headers["ce_subject"]);
        var stored = app.Log.Read(Samples.Topic);
        Assert.Equal(("b1", "/shop", "Euro €", "quoted \"text\"", "visit"), (stored[0].Id, stored[0].Source, stored[0].Headers["ce_subject"], stored[0].Headers["ce_ext"], stored[0].Headers["ce_type"]));
        // Without the mark of the mode a header gives a single event its id, and no more.
        await AnswerAsync(await BinaryAsync(app, Samples.Good(3), "application/json", ("ce-id", "mine")), HttpStatusCode.Accepted);
        Assert.Equal(("mine", "/http"), (app.Log.Read(Samples.Topic)[2].Id, app.Log.Read(Samples.Topic)[2].Source));
    }

    [Theory]
    [InlineData("ce-type", "ce-type", "", "type", "empty")]
    [InlineData("ce-id", null, null, "id", "nothing")]
    [InlineData("ce-subject", "ce-subject", "%ff", "subject", "%ff")]
    [InlineData("ce-datacontenttype", "ce-datacontenttype", "text/plain", "datacontenttype", "twice")]
    [InlineData("ce-specversion", "ce-specversion", "2.0", "specversion", "'2.0'")]
    public async Task In_binary_mode_a_wrong_header_rejects_the_event_by_its_name(string without, string? name, string? value, string field, string found)
    {
        await using var app = await TestIngestion.StartAsync();
        var headers = Attributes().Where(header => header.Item1 != without).ToList();
        if (name is not null)
            headers.Add((name, value!));
        var reason = (await AnswerAsync(await BinaryAsync(app, Samples.Good(1), "application/json", [.. headers]), HttpStatusCode.UnprocessableEntity)).GetProperty("results")[0].GetProperty("reason");
        Assert.Equal(("cloudevent", field), (reason.GetProperty("rule").GetString(), reason.GetProperty("field").GetString()));
        Assert.Contains(found, reason.GetProperty("found").GetString(), StringComparison.Ordinal);
        Assert.Equal(Samples.Good(1), Encoding.UTF8.GetString(Assert.Single(app.Log.Read(Letters)).Original));
    }

    [Fact]
    public async Task In_binary_mode_data_that_becomes_no_row_is_kept_with_its_attributes()
    {
        await using var app = await TestIngestion.StartAsync();
        await AnswerAsync(await BinaryAsync(app, $"[{Samples.Good(1)}]", "application/json", Attributes(("traceparent", Trace))), HttpStatusCode.UnprocessableEntity);
        await AnswerAsync(await BinaryAsync(app, "a,b", "text/csv", Attributes()), HttpStatusCode.UnprocessableEntity);
        await AnswerAsync(await BinaryAsync(app, "", "application/json", Attributes()), HttpStatusCode.UnprocessableEntity);
        Assert.True(DeadLetterReader.TryRead(app.Log.Read(Letters)[0].Payload, out var letter, out var error), error);
        Assert.Equal("visit", letter.Headers!["ce_type"]);
        Assert.Equal("b1", letter.Headers!["ce_id"]);
    }

    [Fact]
    public async Task With_an_idempotency_key_an_event_keeps_its_id_and_its_lane_is_the_source()
    {
        var records = new MemoryRecords();
        await using var app = await TestIngestion.StartAsync(records: records, configure: services => services.AddSingleton<IKeyStore>(new MemoryKeys(records)));
        var headers = Attributes(("Idempotency-Key", "k"));
        await AnswerAsync(await BinaryAsync(app, Samples.Good(1), "application/json", headers), HttpStatusCode.Accepted);
        Assert.True((await BinaryAsync(app, Samples.Good(1), "application/json", headers)).Headers.Contains("Idempotency-Replayed"));
        await AnswerAsync(await BinaryAsync(app, Samples.Good(1), "application/json", [.. headers, ("ce-subject", "other")]), HttpStatusCode.UnprocessableEntity);
        var stored = Assert.Single(app.Log.Read(Samples.Topic));
        Assert.Equal(("b1", 0L, "/shop"), (stored.Id, stored.Sequence, stored.Headers["ce_originsource"]));
        Assert.StartsWith("/http/", stored.Source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_keeps_its_source_in_a_publish_of_several_requests()
    {
        var (blocked, release) = (new TaskCompletionSource(), new TaskCompletionSource<IReadOnlyList<int>>());
        IReadOnlyList<OutgoingEvent>? together = null;
        await using var app = await TestIngestion.StartAsync(log: new MemoryLog
        {
            OnPublish = (_, events) =>
            {
                together = events;
                blocked.TrySetResult();
                return release.Task;
            },
        });
        var first = app.PostAsync(Samples.Good(0));
        await blocked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var requests = new[] { app.PostAsync(Event(1), Structured), app.PostAsync(Samples.Good(2)), app.PostAsync(Event(3), Structured) };
        release.SetResult([]);
        foreach (var request in (Task<HttpResponseMessage>[])[first, .. requests])
            await AnswerAsync(await request, HttpStatusCode.Accepted);
        Assert.NotNull(together);
        Assert.Equal(["/http", "/http", "/shop", "/shop"], app.Log.Read(Samples.Topic).Select(item => item.Source).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Over_gRPC_payloads_may_be_structured_events()
    {
        await using var app = await TestIngestion.StartAsync();
        using var channel = GrpcChannel.ForAddress(app.App.Urls.First());
        var client = new Grpc.V1.Ingestion.IngestionClient(channel);
        Grpc.V1.Event[] events = [new() { Payload = ByteString.CopyFromUtf8(Event(1)) }, new() { Payload = ByteString.CopyFromUtf8("{}") }];
        var reply = await client.PublishBatchAsync(new PublishBatchRequest { Stream = Samples.Topic, ContentType = Structured, Events = { events } });
        Assert.Equal((1, 1, "cloudevent", "specversion"), (reply.Accepted, reply.Rejected, reply.Rejections[0].Rule, reply.Rejections[0].Field));
        using var call = client.Publish();
        await call.RequestStream.WriteAsync(new PublishRequest { Open = new Open { Stream = Samples.Topic, ContentType = Structured }, Events = { new Grpc.V1.Event { Payload = ByteString.CopyFromUtf8(Event(2)) } } });
        await call.RequestStream.CompleteAsync();
        while (await call.ResponseStream.MoveNext(default))
        {
        }

        Assert.Equal([("e1", "/shop"), ("e2", "/shop")], app.Log.Read(Samples.Topic).Select(item => (item.Id, item.Source)));
    }
}
