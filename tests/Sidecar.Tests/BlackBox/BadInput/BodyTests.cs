using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BadInput;

/// <summary>Bodies that cannot be read: daprd's status, code and, where it has one of its own, text.</summary>
public sealed class BodyTests(BadInputSidecar sidecar) : IClassFixture<BadInputSidecar>
{
    private const string CloudEvent = "application/cloudevents+json";
    private const string Json = "application/json";

    [Theory]
    [InlineData("/v1.0/publish/ps/t", CloudEvent, "{\"id\"", 500, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent")]
    [InlineData("/v1.0/publish/ps/t", CloudEvent, "[1]", 500, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent")]
    [InlineData("/v1.0/publish/ps/t", CloudEvent, "", 500, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent")]
    [InlineData("/v1.0/publish/ps/t?metadata.rawPayload=maybe", Json, "{}", 400, "ERR_PUBSUB_REQUEST_METADATA", "failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is 'maybe'")]
    [InlineData("/v1.0/publish/nope/t", Json, "{}", 404, "ERR_PUBSUB_NOT_FOUND", "pubsub nope is not found")]
    [InlineData("/v1.0/publish/bulk/nope/t", Json, "{", 404, "ERR_PUBSUB_NOT_FOUND", "pubsub nope is not found")]
    [InlineData("/v1.0/publish/bulk/ps/t", Json, "[", 400, "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request for topic t pubsub ps: unexpected EOF")]
    [InlineData("/v1.0/publish/bulk/ps/t", Json, "", 400, "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request for topic t pubsub ps: EOF")]
    [InlineData("/v1.0/publish/bulk/ps/t", Json, "{}", 400, "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request for topic t pubsub ps: json: cannot unmarshal object into Go value of type []http.bulkPublishMessageEntry")]
    [InlineData("/v1.0/publish/bulk/ps/t", Json, "\ufeff[]", 400, "ERR_PUBSUB_EVENTS_SER", "error when unmarshaling the request for topic t pubsub ps: invalid character 'ï' looking for beginning of value")]
    [InlineData("/v1.0/state/ss", Json, "", 400, "ERR_MALFORMED_REQUEST", "EOF")]
    [InlineData("/v1.0/state/ss", Json, "{}", 400, "ERR_MALFORMED_REQUEST", "json: cannot unmarshal object into Go value of type []state.SetRequest")]
    [InlineData("/v1.0/state/ss", Json, "[{}]", 400, "ERR_MALFORMED_REQUEST", "\"key\" is a required field")]
    [InlineData("/v1.0/state/ss", Json, "[{\"key\":\"a\"},]", 400, "ERR_MALFORMED_REQUEST", "invalid character ']' looking for beginning of value")]
    [InlineData("/v1.0/state/ss", Json, "[{\"key\":\"a\",\"etag\":1}]", 400, "ERR_MALFORMED_REQUEST", "json: cannot unmarshal number into Go struct field SetRequest.etag of type string")]
    [InlineData("/v1.0/state/ss", Json, "[{\"key\":\"a||b\",\"value\":1}]", 400, "ERR_MALFORMED_REQUEST", "input key/keyPrefix 'a||b' can't contain '||'")]
    [InlineData("/v1.0/state/nope", Json, "{", 400, "ERR_STATE_STORE_NOT_FOUND", "state store nope is not found")]
    [InlineData("/v1.0/state/ss/bulk", Json, "{\"keys\":", 400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: unexpected EOF")]
    [InlineData("/v1.0/state/ss/bulk", Json, "{\"keys\":[1]}", 400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: json: cannot unmarshal number into Go struct field BulkGetRequest.keys of type string")]
    [InlineData("/v1.0/state/ss/transaction", Json, "{\"operations\":[{\"operation\":\"merge\",\"request\":{\"key\":\"a\"}}]}", 400, "ERR_NOT_SUPPORTED_STATE_OPERATION", "operation type merge not supported")]
    [InlineData("/v1.0/state/ss/transaction", Json, "[]", 400, "ERR_MALFORMED_REQUEST", "failed deserializing HTTP body: json: cannot unmarshal array into Go value of type http.stateTransactionRequestBody")]
    [InlineData("/v1.0-alpha1/state/ss/query", Json, "{", 500, "ERR_STATE_STORE_NOT_SUPPORTED", "state store does not support querying")]
    public async Task Body_that_cannot_be_read_is_refused_with_daprds_code_and_text(string target, string contentType, string body, int status, string code, string message)
    {
        var error = await PostAsync(target, contentType, Encoding.UTF8.GetBytes(body));
        Assert.Equal((status, code), (error.Status, error.Code));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        await sidecar.AssertAliveAsync();
    }

    [Theory]
    [InlineData("/v1.0/state/ss")]
    [InlineData("/v1.0/state/ss/bulk")]
    [InlineData("/v1.0/state/ss/transaction")]
    [InlineData("/v1.0/publish/bulk/ps/t")]
    public async Task Hundred_thousand_open_brackets_are_refused_as_too_deep(string target)
    {
        foreach (var open in (string[])["[", "{\"a\":"])
        {
            var error = await PostAsync(target, Json, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(open, 100_000))));
            Assert.Equal(400, error.Status);
            Assert.EndsWith("exceeded max depth", error.Message, StringComparison.Ordinal);
        }

        await sidecar.AssertAliveAsync();
    }

    [Fact]
    public async Task Value_of_hundreds_of_levels_is_stored_and_returned()
    {
        const int Depth = 900;
        var value = new string('[', Depth) + new string(']', Depth);
        using var content = Content(Json, Encoding.UTF8.GetBytes($"[{{\"key\":\"deep\",\"value\":{value}}}]"));
        using var saved = await sidecar.Daprd.Http.PostAsync("/v1.0/state/ss", content);
        Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
        Assert.Equal(value, await sidecar.Daprd.Http.GetStringAsync("/v1.0/state/ss/deep"));
        using var keys = Content(Json, """{"keys":["deep"]}"""u8.ToArray());
        using var all = await sidecar.Daprd.Http.PostAsync("/v1.0/state/ss/bulk", keys);
        Assert.Contains($"\"data\":{value}", await all.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_utf_8_in_a_value_becomes_the_replacement_character()
    {
        using var content = Content(Json, [.. "[{\"key\":\"odd\",\"value\":\"a"u8, 0xff, .. "b\"}]"u8]);
        using var saved = await sidecar.Daprd.Http.PostAsync("/v1.0/state/ss", content);
        Assert.Equal(HttpStatusCode.NoContent, saved.StatusCode);
        Assert.Equal("\"a\ufffdb\"", await sidecar.Daprd.Http.GetStringAsync("/v1.0/state/ss/odd"));
    }

    [Fact]
    public async Task Thousand_bad_requests_at_once_are_all_refused_and_the_next_good_one_succeeds()
    {
        (string Target, byte[] Body, int Status)[] bad =
        [
            ("/v1.0/state/ss", "{"u8.ToArray(), 400), ("/v1.0/publish/nope/t", new byte[10_000], 404), ("/v1.0/publish/bulk/ps/t", "nonsense"u8.ToArray(), 400), ("/v1.0/state/nope", [], 400), ("/v1.0/nothing/here", [], 404),
        ];
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = sidecar.Daprd.Http.BaseAddress };
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(async n =>
        {
            var (target, body, status) = bad[n % bad.Length];
            using var content = Content(Json, body);
            using var response = await client.PostAsync(target, content);
            Assert.Equal(status, (int)response.StatusCode);
        }));
        using var good = Content(Json, "{}"u8.ToArray());
        using var published = await client.PostAsync("/v1.0/publish/ps/t", good);
        Assert.Equal(HttpStatusCode.NoContent, published.StatusCode);
        await sidecar.AssertAliveAsync();
    }

    private static ByteArrayContent Content(string contentType, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return content;
    }

    private async Task<(int Status, string Code, string Message)> PostAsync(string target, string contentType, byte[] body)
    {
        using var content = Content(contentType, body);
        using var response = await sidecar.Daprd.Http.PostAsync(target, content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.Content.Headers.ContentType?.ToString() == Json, $"{(int)response.StatusCode} {response.Content.Headers.ContentType} {text}");
        var error = JsonDocument.Parse(text).RootElement;
        return ((int)response.StatusCode, error.GetProperty("errorCode").GetString()!, error.GetProperty("message").GetString()!);
    }
}
