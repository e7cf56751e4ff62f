using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Sidecar.Tests.BlackBox.Publish;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.BulkPublish;

public sealed class BulkPublishTests(PublishingSidecar sidecar) : IClassFixture<PublishingSidecar>
{
    private const string Prefix = "error when unmarshaling the request for topic topic pubsub mypubsub: ";

    private Daprd Daprd => sidecar.Daprd;

    [Theory]
    [InlineData("""{"entryID": "}""", "unexpected EOF")]
    [InlineData("""{"entryID": ""}""", "json: cannot unmarshal object into Go value of type []http.bulkPublishMessageEntry")]
    [InlineData("", "EOF")]
    [InlineData("\"x\"", "json: cannot unmarshal string into Go value of type []http.bulkPublishMessageEntry")]
    [InlineData("[1]", "json: cannot unmarshal number into Go value of type http.bulkPublishMessageEntry")]
    [InlineData("[{\"entryId\":1}]", "json: cannot unmarshal number into Go struct field bulkPublishMessageEntry.entryId of type string")]
    [InlineData("[{},]", "invalid character ']' looking for beginning of value")]
    [InlineData("[{\"metadata\":{\"a\":true}}]", "json: cannot unmarshal bool into Go struct field bulkPublishMessageEntry.metadata of type string")]
    [InlineData("[{\"a\":nul}]", "invalid character '}' in literal null (expecting 'l')")]
    [InlineData("[\"\n\"]", "invalid character '\\n' in string literal")]
    public async Task A_malformed_body_is_told_in_gos_words(string body, string cause)
    {
        foreach (var path in (string[])["/v1.0/publish/bulk/mypubsub/topic", "/v1.0-alpha1/publish/bulk/mypubsub/topic"])
        {
            var answer = await Daprd.PostAsync(path, body);
            Assert.Equal((HttpStatusCode.BadRequest, "application/json", "ERR_PUBSUB_EVENTS_SER"), (answer.Status, answer.ContentType, answer.Code));
            Assert.Equal(Prefix + cause, answer.Message);
            Assert.Equal((2, "DAPR_PUBSUB_UNMARSHAL_EVENTS", "mypubsub"), (answer.DetailCount, answer.Detail("ErrorInfo").GetProperty("reason").GetString(), answer.Detail("ResourceInfo").GetProperty("resource_name").GetString()));
        }
    }

    [Theory]
    [InlineData("""[{"entryId":"1","event":"a"}]""", "error: mismatch between contentType and event")]
    [InlineData("""[{"entryId":"1","event":1,"contentType":"text/plain"}]""", "error: mismatch between contentType and event")]
    [InlineData("""[{"entryId":"1","event":"a*bc","contentType":"application/octet-stream"}]""", "error: unable to decode base64 application/octect-stream data: illegal base64 data at input byte 1")]
    [InlineData("""[{"entryId":"1","event":"abcde","contentType":"application/octet-stream"}]""", "error: unable to decode base64 application/octect-stream data: illegal base64 data at input byte 4")]
    public async Task An_event_that_does_not_go_with_its_content_type_is_400(string body, string cause)
    {
        var answer = await Daprd.PostAsync("/v1.0/publish/bulk/mypubsub/topic", body);
        Assert.Equal((HttpStatusCode.BadRequest, "ERR_PUBSUB_EVENTS_SER"), (answer.Status, answer.Code));
        Assert.Equal($"error when marshalling cloud event envelope for topic topic pubsub mypubsub: {cause}", answer.Message);
        Assert.Equal("DAPR_PUBSUB_MARSHAL_ENVELOPE", answer.Detail("ErrorInfo").GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("same")]
    public async Task Entries_need_ids_of_their_own(string id)
    {
        const string Text = "error marshaling events to bytes for topic topic pubsub mypubsub. error: entryId is duplicated or not present for entry";
        var request = new BulkPublishRequest { PubsubName = "mypubsub", Topic = "topic" };
        for (var i = 0; i < 2; i++)
            request.Entries.Add(new BulkPublishRequestEntry { EntryId = id, Event = ByteString.CopyFromUtf8("x"), ContentType = "text/plain" });
        var (error, status) = await Daprd.Grpc.BulkPublishEventAsync(request).FailsAsync();
        Assert.Equal((StatusCode.InvalidArgument, Text), (error.StatusCode, error.Status.Detail));
        Assert.Equal(("DAPR_PUBSUB_MARSHAL_EVENTS", Daprd.AppId), (status.Info().Reason, status.Info().Metadata["appID"]));
        Assert.Equal("mypubsub", status.Resource().ResourceName);
#pragma warning disable CS0612 // Old clients call it by this name.
        var (alpha, _) = await Daprd.Grpc.BulkPublishEventAlpha1Async(request).FailsAsync();
#pragma warning restore CS0612
        Assert.Equal(Text, alpha.Status.Detail);
        var answer = await Daprd.PostAsync("/v1.0/publish/bulk/mypubsub/topic", $$"""[{"entryId":"{{id}}","event":"a","contentType":"text/plain"},{"entryId":"{{id}}","event":"b","contentType":"text/plain"}]""");
        Assert.Equal((HttpStatusCode.BadRequest, Text), (answer.Status, answer.Message));
    }

    [Theory]
    [InlineData("/v1.0/publish/bulk/mypubsub/t")]
    [InlineData("/v1.0-alpha1/publish/bulk/mypubsub/t")]
    public async Task Every_entry_is_wrapped_and_delivered_by_itself(string path)
    {
        var answer = await Daprd.PostAsync(
            path,
            """[{"entryId":"1","event":"hi","contentType":"text/plain"},{"entryId":"2","event":{"a":1},"contentType":"application/json"},{"EntryID":"3","event":"aGk=","contentType":"application/octet-stream"},{"entryId":"4","event":{"id":"mine","data":1,"source":"s","type":"t","specversion":"1.0"},"contentType":"application/cloudevents+json"}]""");
        Assert.Equal((HttpStatusCode.NoContent, ""), (answer.Status, answer.Body));
        Assert.Equal("hi", (await sidecar.App.NextAsync()).Json.GetProperty("data").GetString());
        Assert.Equal(1, (await sidecar.App.NextAsync()).Json.GetProperty("data").GetProperty("a").GetInt32());
        Assert.Equal("aGk=", (await sidecar.App.NextAsync()).Json.GetProperty("data_base64").GetString());
        Assert.Equal("mine", (await sidecar.App.NextAsync()).Json.GetProperty("id").GetString());
    }

    [Fact]
    public async Task No_entries_are_published_as_none()
    {
        Assert.Equal(HttpStatusCode.NoContent, (await Daprd.PostAsync("/v1.0/publish/bulk/mypubsub/t", "[]")).Status);
        Assert.Empty((await Daprd.Grpc.BulkPublishEventAsync(new BulkPublishRequest { PubsubName = "mypubsub", Topic = "t" })).FailedEntries);
    }

    [Fact]
    public async Task Unknown_and_empty_names_are_refused_as_for_one_event()
    {
        var answer = await Daprd.PostAsync("/v1.0/publish/bulk/nope/t", "[");
        Assert.Equal((HttpStatusCode.NotFound, "ERR_PUBSUB_NOT_FOUND"), (answer.Status, answer.Code));
        var (error, _) = await Daprd.Grpc.BulkPublishEventAsync(new BulkPublishRequest { PubsubName = "mypubsub" }).FailsAsync();
        Assert.Equal("topic is empty in pubsub mypubsub", error.Status.Detail);
    }
}
