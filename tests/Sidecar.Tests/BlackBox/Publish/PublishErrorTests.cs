using System.Net;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Publish;

/// <summary>Refused publishes, over both APIs.</summary>
public sealed class PublishErrorTests(PublishErrorTests.Sidecar sidecar) : IClassFixture<PublishErrorTests.Sidecar>
{
    private Daprd Daprd => sidecar.Daprd;

    [Theory]
    [InlineData("")]
    [InlineData("?metadata.a=b")]
    public async Task An_unknown_pubsub_is_404_and_told_by_its_error_info_alone(string query)
    {
        var answer = await Daprd.PostAsync($"/v1.0/publish/pubsub-doesn't-exist/topic{query}");
        Assert.Equal((HttpStatusCode.NotFound, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal(("ERR_PUBSUB_NOT_FOUND", "pubsub pubsub-doesn't-exist is not found"), (answer.Code, answer.Message));
        Assert.Equal(1, answer.DetailCount);
        Assert.Equal(("DAPR_PUBSUB_NOT_FOUND", "dapr.io"), (answer.Detail("ErrorInfo").GetProperty("reason").GetString(), answer.Detail("ErrorInfo").GetProperty("domain").GetString()));
    }

    [Fact]
    public async Task An_unknown_pubsub_over_grpc_is_an_invalid_argument()
    {
        var (error, status) = await Daprd.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = "pubsub-doesn't-exist" }).FailsAsync();
        Assert.Equal((StatusCode.InvalidArgument, "pubsub pubsub-doesn't-exist is not found"), (error.StatusCode, error.Status.Detail));
        Assert.Equal("DAPR_PUBSUB_NOT_FOUND", status.Info().Reason);
        Assert.Single(status.Details);
    }

    [Theory]
    [InlineData("", "", "pubsub name is empty", "DAPR_PUBSUB_NAME_EMPTY", "")]
    [InlineData("mypubsub", "", "topic is empty in pubsub mypubsub", "DAPR_PUBSUB_TOPIC_NAME_EMPTY", "mypubsub")]
    public async Task Empty_names_over_grpc_are_told_with_the_resource(string pubsub, string topic, string message, string reason, string resource)
    {
        var (error, status) = await Daprd.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = pubsub, Topic = topic }).FailsAsync();
        Assert.Equal((StatusCode.InvalidArgument, message), (error.StatusCode, error.Status.Detail));
        Assert.Equal((reason, "dapr.io", 0), (status.Info().Reason, status.Info().Domain, status.Info().Metadata.Count));
        Assert.Equal(("pubsub", resource, ""), (status.Resource().ResourceType, status.Resource().ResourceName, status.Resource().Owner));
    }

    [Fact]
    public async Task A_raw_payload_that_is_no_boolean_is_400()
    {
        const string Text = "failed deserializing metadata. Error: rawPayload value must be a valid boolean: actual is 'invalidBooleanValue'";
        var answer = await Daprd.PostAsync("/v1.0/publish/mypubsub/topic?metadata.rawPayload=invalidBooleanValue");
        Assert.Equal((HttpStatusCode.BadRequest, "ERR_PUBSUB_REQUEST_METADATA", Text), (answer.Status, answer.Code, answer.Message));
        Assert.Equal("DAPR_PUBSUB_METADATA_DESERIALIZATION", answer.Detail("ErrorInfo").GetProperty("reason").GetString());
        Assert.Equal("mypubsub", answer.Detail("ResourceInfo").GetProperty("resource_name").GetString());
        var (error, status) = await Daprd.Grpc.PublishEventAsync(new PublishEventRequest { PubsubName = "mypubsub", Topic = "topic", Metadata = { ["rawPayload"] = "invalidBooleanValue" } }).FailsAsync();
        Assert.Equal((StatusCode.InvalidArgument, Text), (error.StatusCode, error.Status.Detail));
        Assert.Equal("invalidBooleanValue", status.Info().Metadata["rawPayload"]);
    }

    [Fact]
    public async Task A_broken_cloud_event_is_500_over_http_and_an_invalid_argument_over_grpc()
    {
        var answer = await Daprd.PostAsync("/v1.0/publish/mypubsub/topic?metadata.rawPayload=false", "{\"}", "application/cloudevents+json");
        Assert.Equal((HttpStatusCode.InternalServerError, "ERR_PUBSUB_CLOUD_EVENTS_SER", "cannot create cloudevent"), (answer.Status, answer.Code, answer.Message));
        Assert.Equal("DAPR_PUBSUB_CLOUD_EVENT_CREATION", answer.Detail("ErrorInfo").GetProperty("reason").GetString());
        Assert.Equal("unexpected EOF", answer.Detail("ErrorInfo").GetProperty("metadata").GetProperty("error").GetString());
        Assert.Equal(("pubsub", "mypubsub"), (answer.Detail("ResourceInfo").GetProperty("resource_type").GetString(), answer.Detail("ResourceInfo").GetProperty("resource_name").GetString()));
        var (error, status) = await Daprd.Grpc.PublishEventAsync(new PublishEventRequest
        {
            PubsubName = "mypubsub",
            Topic = "topic",
            Data = ByteString.CopyFromUtf8("{\"missing_quote: invalid}"),
            DataContentType = "application/cloudevents+json",
        }).FailsAsync();
        Assert.Equal((StatusCode.InvalidArgument, "cannot create cloudevent"), (error.StatusCode, error.Status.Detail));
        Assert.Equal(Daprd.AppId, status.Info().Metadata["appID"]);
    }

    [Theory]
    [InlineData("application/cloudevents+json", "[1]", "json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData("application/cloudevents+json", "x", "invalid character 'x' looking for beginning of value")]
    [InlineData("application/cloudevents+json", "{\"a\" 1}", "invalid character '1' after object key")]
    [InlineData("application/cloudevents+json; charset=utf-8", "", "EOF")]
    public async Task The_cause_is_told_in_the_words_of_gos_decoder(string contentType, string body, string cause)
    {
        var answer = await Daprd.PostAsync("/v1.0/publish/mypubsub/topic", body, contentType);
        Assert.Equal(cause, answer.Detail("ErrorInfo").GetProperty("metadata").GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("/v1.0/publish/mypubsub")]
    [InlineData("/v1.0/publish/mypubsub/")]
    public async Task A_path_without_a_topic_is_no_publish(string path) => Assert.Equal(HttpStatusCode.NotFound, (await Daprd.PostAsync(path)).Status);

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task Success_is_204_without_a_body(string verb)
    {
        var answer = await Daprd.SendAsync(new HttpMethod(verb), "/v1.0/publish/mypubsub/a/b/c", "{}", "application/json");
        Assert.Equal((HttpStatusCode.NoContent, ""), (answer.Status, answer.Body));
    }

    /// <summary>One sidecar for all.</summary>
    public sealed class Sidecar : IAsyncLifetime
    {
        internal Daprd Daprd { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Manifests.InMemoryPubSub("mypubsub")] });

        public ValueTask DisposeAsync() => Daprd.DisposeAsync();
    }
}
