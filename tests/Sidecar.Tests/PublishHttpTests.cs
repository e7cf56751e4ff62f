using System.Net;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Tests;

public sealed class PublishHttpTests : IAsyncLifetime
{
    private SidecarHarness _sidecar = null!;

    public async ValueTask InitializeAsync() => _sidecar = await SidecarHarness.StartAsync();

    public ValueTask DisposeAsync() => _sidecar.DisposeAsync();

    [Fact]
    public async Task A_json_body_becomes_the_data_of_a_cloud_event_with_its_numbers_intact()
    {
        using var response = await PostAsync("/v1.0/publish/pubsub/a/b", """{"n":12345678901234567890.10}""", "application/json");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        var json = await EventAsync("a/b");
        Assert.Equal("1.0", json.GetProperty("specversion").GetString());
        Assert.Equal("com.dapr.event.sent", json.GetProperty("type").GetString());
        Assert.Equal("app1", json.GetProperty("source").GetString());
        Assert.Equal("a/b", json.GetProperty("topic").GetString());
        Assert.Equal("pubsub", json.GetProperty("pubsubname").GetString());
        Assert.Equal("application/json", json.GetProperty("datacontenttype").GetString());
        Assert.Equal("12345678901234567890.10", json.GetProperty("data").GetProperty("n").GetRawText());
        Assert.Equal("00-00000000000000000000000000000000-0000000000000000-00", json.GetProperty("traceparent").GetString());
    }

    [Fact]
    public async Task A_body_without_content_type_is_text_and_binary_is_base64()
    {
        using var text = await PostAsync("/v1.0/publish/pubsub/text", """{"a":1}""", null);
        using var binary = await PostAsync("/v1.0/publish/pubsub/binary", "hi", "application/octet-stream");

        Assert.Equal("""{"a":1}""", (await EventAsync("text")).GetProperty("data").GetString());
        Assert.Equal("aGk=", (await EventAsync("binary")).GetProperty("data_base64").GetString());
    }

    [Fact]
    public async Task Metadata_overrides_cloud_event_fields_and_becomes_headers_and_the_key()
    {
        using var response = await PostAsync("/v1.0/publish/pubsub/t?metadata.cloudevent.id=mine&metadata.cloudevent.Subject=s&metadata.partitionKey=k1&metadata.color=blue", "x", "text/plain");

        var message = Assert.Single(await _sidecar.MessagesAsync("t"));
        Assert.Equal("k1", message.Key);
        Assert.Equal("blue", message.Headers.Find("color"));
        Assert.Null(message.Headers.Find("partitionKey"));
        var json = await EventAsync("t");
        Assert.Equal("mine", json.GetProperty("id").GetString());
        Assert.Equal("s", json.GetProperty("subject").GetString());
    }

    [Fact]
    public async Task A_cloud_event_passes_through_with_topic_set_and_gaps_filled()
    {
        using var response = await PostAsync("/v1.0/publish/pubsub/ce", """{"id":"7","source":"me","topic":"other","data":{"a":1},"traceid":7,"traceparent":5}""", "application/cloudevents+json; charset=utf-8");

        var json = await EventAsync("ce");
        Assert.Equal("7", json.GetProperty("id").GetString());
        Assert.Equal("me", json.GetProperty("source").GetString());
        Assert.Equal("ce", json.GetProperty("topic").GetString());
        Assert.Equal("com.dapr.event.sent", json.GetProperty("type").GetString());
        Assert.Equal(5, json.GetProperty("traceparent").GetInt32());
    }

    [Fact]
    public async Task A_raw_payload_is_stored_as_it_stands_with_the_trace_as_a_header()
    {
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1.0/publish/pubsub/raw?metadata.rawPayload=true") { Content = new StringContent("bytes") };
        request.Headers.Add("traceparent", Trace);
        using var response = await _sidecar.Http.SendAsync(request);

        var message = Assert.Single(await _sidecar.MessagesAsync("raw"));
        Assert.Equal("bytes", Encoding.UTF8.GetString(message.Value.Span));
        Assert.Equal(Trace, message.Headers.Find("traceparent"));
    }

    [Fact]
    public async Task Errors_take_daprs_shape()
    {
        using var unknown = await PostAsync("/v1.0/publish/nope/t", "x", "text/plain");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("application/json", unknown.Content.Headers.ContentType!.ToString());
        Assert.Equal(
            """{"errorCode":"ERR_PUBSUB_NOT_FOUND","message":"pubsub nope is not found","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"DAPR_PUBSUB_NOT_FOUND","domain":"dapr.io","metadata":{}}]}""",
            await unknown.Content.ReadAsStringAsync());

        await ErrorAsync("/v1.0/publish/pubsub", "x", HttpStatusCode.NotFound, "ERR_TOPIC_NAME_EMPTY", "topic is empty in pubsub pubsub");
        await ErrorAsync("/v1.0/publish/pubsub/t?metadata.rawPayload=maybe", "x", HttpStatusCode.BadRequest, "ERR_PUBSUB_REQUEST_METADATA", "failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is 'maybe'");
        await ErrorAsync("/v1.0/publish/pubsub/t", "{", HttpStatusCode.InternalServerError, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent", "application/cloudevents+json");
        await ErrorAsync("/v1.0/publish/bulk/pubsub/t", "[", HttpStatusCode.BadRequest, "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request for topic t pubsub pubsub: unexpected EOF");
        await ErrorAsync("/v1.0/publish/bulk/pubsub/t", "{}", HttpStatusCode.BadRequest, "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request for topic t pubsub pubsub: json: cannot unmarshal object into Go value of type []http.bulkPublishMessageEntry");
        await ErrorAsync("/v1.0/publish/bulk/pubsub/t", """[{"entryId":"1","event":1,"contentType":"application/json"},{"entryId":"1","event":1,"contentType":"application/json"}]""", HttpStatusCode.BadRequest, "ERR_PUBSUB_EVENTS_SER", "error marshaling events to bytes for topic t pubsub pubsub. error: entryId is duplicated or not present for entry");
    }

    [Fact]
    public async Task A_bulk_publish_wraps_each_entry_and_its_metadata_wins()
    {
        using var response = await PostAsync(
            "/v1.0/publish/bulk/pubsub/bulk?metadata.color=blue&metadata.shape=round",
            """[{"entryId":"1","event":{"a":1},"contentType":"application/json","metadata":{"color":"red","partitionKey":"k"}},{"entryId":"2","event":"text","contentType":"text/plain"}]""",
            "application/json");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        var messages = await _sidecar.MessagesAsync("bulk");
        Assert.Equal(2, messages.Count);
        Assert.Equal("k", messages[0].Key);
        Assert.Equal("red", messages[0].Headers.Find("color"));
        Assert.Equal("round", messages[0].Headers.Find("shape"));
        Assert.Equal("blue", messages[1].Headers.Find("color"));
        Assert.Equal(1, JsonDocument.Parse(messages[0].Value).RootElement.GetProperty("data").GetProperty("a").GetInt32());
        Assert.Equal("text", JsonDocument.Parse(messages[1].Value).RootElement.GetProperty("data").GetString());
    }

    [Fact]
    public async Task Names_are_unescaped_by_query_rules_and_repeated_slashes_collapse()
    {
        using var response = await PostAsync("/v1.0//publish///pubsub/my+topic%2Fü/", "x", "text/plain");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Single(await _sidecar.MessagesAsync("my topic/ü"));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_cannot_be_published()
    {
        await using var sidecar = await SidecarHarness.StartAsync(new SidecarOptions { AppId = "app1", MaxBodyBytes = 1000 });
        using var fits = await sidecar.Http.PostAsync("/v1.0/publish/pubsub/t", new ByteArrayContent(new byte[1000]));
        using var large = await sidecar.Http.PostAsync("/v1.0/publish/pubsub/t", new ByteArrayContent(new byte[1001]));

        Assert.Equal(HttpStatusCode.NoContent, fits.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, large.StatusCode);
        Assert.Contains("error when publishing to topic t in pubsub pubsub: stream too large", await large.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_refuses_gives_429_or_500_and_is_counted()
    {
        var broker = new RefusingBroker();
        await using var sidecar = await SidecarHarness.StartAsync(broker: broker);
        broker.Fault = new BrokerOverloadedException("full");
        using var overloaded = await sidecar.Http.PostAsync("/v1.0/publish/pubsub/t", new StringContent("x"));
        broker.Fault = new IOException("disk");
        using var failed = await sidecar.Http.PostAsync("/v1.0/publish/pubsub/t", new StringContent("x"));

        Assert.Equal(HttpStatusCode.TooManyRequests, overloaded.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Contains("error when publishing to topic t in pubsub pubsub: disk", await failed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("""dapr_component_pubsub_egress_count{app_id="app1",component="pubsub",namespace="",success="false",topic="t"} 2""", await sidecar.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private async Task ErrorAsync(string path, string body, HttpStatusCode status, string code, string message, string contentType = "text/plain")
    {
        using var response = await PostAsync(path, body, contentType);
        Assert.Equal(status, response.StatusCode);
        var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(code, json.GetProperty("errorCode").GetString());
        Assert.Equal(message, json.GetProperty("message").GetString());
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body, string? contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await _sidecar.Http.PostAsync(path, content);
    }

    private async Task<JsonElement> EventAsync(string topic) => JsonDocument.Parse((await _sidecar.MessagesAsync(topic))[^1].Value).RootElement;
}
