using System.Net;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Publish;

/// <summary>What a subscriber gets of what was published.</summary>
public sealed class EnvelopeTests(PublishingSidecar sidecar) : IClassFixture<PublishingSidecar>
{
    private const string NoTrace = "00-00000000000000000000000000000000-0000000000000000-00";

    private Daprd Daprd => sidecar.Daprd;

    [Fact]
    public async Task The_envelope_names_app_component_topic_time_and_the_absent_trace()
    {
        var json = await PublishAsync("""{"message":"hi"}""", "application/json");
        Assert.Equal("1.0", Text(json, "specversion"));
        Assert.Equal("com.dapr.event.sent", Text(json, "type"));
        Assert.Equal(Daprd.AppId, Text(json, "source"));
        Assert.Equal(("mypubsub", "t"), (Text(json, "pubsubname"), Text(json, "topic")));
        Assert.True(Guid.TryParse(Text(json, "id"), out _));
        Assert.InRange(TimeProvider.System.GetUtcNow() - json.GetProperty("time").GetDateTimeOffset(), TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(60));
        Assert.Equal((NoTrace, NoTrace, ""), (Text(json, "traceid"), Text(json, "traceparent"), Text(json, "tracestate")));
        Assert.Equal("hi", json.GetProperty("data").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData(null, """{"a":1}""", "text/plain", "data", "\"{\\\"a\\\":1}\"")]
    [InlineData("application/json", """{"n":12345678901234567890.10}""", "application/json", "data", """{"n":12345678901234567890.10}""")]
    [InlineData("application/json; charset=utf-8", "[1]", "application/json; charset=utf-8", "data", "[1]")]
    [InlineData("APPLICATION/JSON", "1", "APPLICATION/JSON", "data", "1")]
    [InlineData("application/json", "{broken", "application/json", "data", "\"{broken\"")]
    [InlineData("application/json", "", "application/json", "data", "\"\"")]
    [InlineData("application/json", "{\"a\":1} rest", "application/json", "data", """{"a":1}""")]
    [InlineData("text/plain", "ü\n\"", "text/plain", "data", "\"ü\\n\\\"\"")]
    [InlineData("foo/bar", "x", "foo/bar", "data", "\"x\"")]
    [InlineData("application/octet-stream", "hi", "application/octet-stream", "data_base64", "\"aGk=\"")]
    [InlineData("application/cloudevents+protobuf", "hi", "application/cloudevents+protobuf", "data_base64", "\"aGk=\"")]
    public async Task The_content_type_decides_how_data_travels(string? contentType, string body, string seenType, string field, string expected)
    {
        var json = await PublishAsync(body, contentType);
        Assert.Equal(seenType, Text(json, "datacontenttype"));
        Assert.Equal(JsonSerializer.Serialize(JsonDocument.Parse(expected).RootElement), JsonSerializer.Serialize(json.GetProperty(field)));
    }

    [Fact]
    public async Task Numbers_keep_every_digit()
    {
        var json = await PublishAsync("""{"n":12345678901234567890123.1000}""", "application/json");
        Assert.Equal("12345678901234567890123.1000", json.GetProperty("data").GetProperty("n").GetRawText());
    }

    [Fact]
    public async Task Metadata_override_fields_of_the_envelope_without_regard_to_case()
    {
        var json = await PublishAsync("x", "text/plain", "?metadata.cloudevent.id=mine&metadata.CloudEvent.Type=kind&metadata.cloudevent.source=here&metadata.cloudevent.subject=s&metadata.cloudevent.traceid=a&metadata.cloudevent.tracestate=b");
        Assert.Equal(("mine", "kind", "here", "s"), (Text(json, "id"), Text(json, "type"), Text(json, "source"), Text(json, "subject")));
        Assert.Equal(("a", "a", "b"), (Text(json, "traceid"), Text(json, "traceparent"), Text(json, "tracestate")));
    }

    [Fact]
    public async Task A_cloud_event_keeps_its_fields_but_topic_and_component()
    {
        var json = await PublishAsync("""{"specversion":"1.0","id":"7","source":"me","topic":"other","pubsubname":"other","type":"k","time":"never","mine":{"a":[1]},"data":{"b":2}}""", "application/cloudevents+json");
        Assert.Equal(("7", "me", "k", "never"), (Text(json, "id"), Text(json, "source"), Text(json, "type"), Text(json, "time")));
        Assert.Equal(("t", "mypubsub"), (Text(json, "topic"), Text(json, "pubsubname")));
        Assert.Equal(1, json.GetProperty("mine").GetProperty("a")[0].GetInt32());
        Assert.Equal((NoTrace, NoTrace), (Text(json, "traceid"), Text(json, "traceparent")));
    }

    [Fact]
    public async Task A_cloud_event_with_gaps_is_filled_up()
    {
        var json = await PublishAsync("""{"id":"8","source":null,"data":1}""", "application/cloudevents+json");
        Assert.Equal(("Dapr", "com.dapr.event.sent", "1.0"), (Text(json, "source"), Text(json, "type"), Text(json, "specversion")));
        Assert.True(json.TryGetProperty("time", out _));
    }

    [Theory]
    [InlineData("""{"id":"9","specversion":"1.0","source":"s","type":"t","traceid":5,"data":"x"}""")]
    [InlineData("""{"id":"9","specversion":"1.0","source":"s","type":"t","traceid":{},"traceparent":[1],"data":"x"}""")]
    public async Task A_trace_that_is_no_text_does_not_hinder_delivery(string body) =>
        Assert.Equal("9", Text(await PublishAsync(body, "application/cloudevents+json"), "id"));

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02", "a=b")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "")]
    public async Task The_publishers_trace_reaches_the_subscriber_flags_included(string trace, string state)
    {
        var headers = state.Length > 0 ? new[] { ("traceparent", trace), ("tracestate", state) } : [("traceparent", trace)];
        await Daprd.PostAsync("/v1.0/publish/mypubsub/t", "x", null, headers);
        var delivered = await sidecar.App.NextAsync();
        Assert.Equal(trace, delivered.Headers["traceparent"]);
        Assert.Equal((trace, state), (Text(delivered.Json, "traceparent"), Text(delivered.Json, "tracestate")));
    }

    [Fact]
    public async Task A_publish_over_grpc_is_wrapped_alike()
    {
        await Daprd.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = "mypubsub", Topic = "t", Data = ByteString.CopyFromUtf8("""{"a":1}"""), DataContentType = "application/json", Metadata = { ["cloudevent.id"] = "g" } });
        var json = (await sidecar.App.NextAsync()).Json;
        Assert.Equal(("g", Daprd.AppId, NoTrace), (Text(json, "id"), Text(json, "source"), Text(json, "traceparent")));
        Assert.Equal(1, json.GetProperty("data").GetProperty("a").GetInt32());
        await Daprd.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = "mypubsub", Topic = "t" });
        json = (await sidecar.App.NextAsync()).Json;
        Assert.Equal(("text/plain", ""), (Text(json, "datacontenttype"), Text(json, "data")));
    }

    [Theory]
    [InlineData("ttlInSeconds", "10", true)]
    [InlineData("TTL", "1h30m", true)]
    [InlineData("ttlInSeconds", "-1", false)]
    [InlineData("ttlInSeconds", "soon", false)]
    public async Task A_time_to_live_becomes_an_expiration_where_the_broker_has_none(string name, string value, bool expires)
    {
        var json = await PublishAsync("x", "text/plain", $"?metadata.{name}={value}");
        Assert.Equal(expires, json.TryGetProperty("expiration", out _));
    }

    private async Task<JsonElement> PublishAsync(string body, string? contentType, string query = "")
    {
        var answer = await Daprd.PostAsync($"/v1.0/publish/mypubsub/t{query}", body, contentType);
        Assert.True(answer.Status == HttpStatusCode.NoContent, answer.Body);
        return (await sidecar.App.NextAsync()).Json;
    }

    private static string Text(JsonElement json, string field) => json.GetProperty(field).GetString()!;
}
