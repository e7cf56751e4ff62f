using System.Net;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using RealTimeMesh.Components;
using RealTimeMesh.Pluggable;
using RealTimeMesh.Pluggable.Protocol;
using RealTimeMesh.Pluggable.Testing;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Components;

/// <summary>Components behind Unix sockets, seen through the sidecar's API.</summary>
public sealed class PluggableTests
{
    private const string CloudEvent = """{"data":"helloworld","datacontenttype":"text/plain","id":"b959cd5a-29e5-42ca-89e2-c66f4402f273","pubsubname":"foo","source":"foo","specversion":"1.0","time":"2024-03-27T23:47:53Z","topic":"bar","traceid":"00-00000000000000000000000000000000-0000000000000000-00","traceparent":"00-00000000000000000000000000000000-0000000000000000-00","tracestate":"","type":"com.dapr.event.sent"}""";

    [Fact]
    public async Task State_is_kept_by_the_component_and_its_features_are_in_the_metadata()
    {
        var memory = (IStateStore)await new InMemoryStateType().StartAsync(new ComponentSpec { Name = "s", Type = "state.in-memory" }, new ComponentContext("app", "", TimeProvider.System), default);
        var plug = new TestStateStore(memory) { Features = ["ETAG", "TRANSACTIONAL", "TTL"] };
        await using var server = await PluggableComponentServer.StartAsync(state: plug);
        await using var daprd = await StartAsync(server, Manifests.Component("mystore", "state.component", ("url", "u")));
        Assert.Contains("pluggable component 'component' was successfully registered for 'dapr.proto.components.v1.StateStore'", daprd.Log, StringComparison.Ordinal);
        Assert.Equal("u", Assert.Single(plug.Initialized)["url"]);
        var client = daprd.Client();
        await client.SaveStateAsync("mystore", "k", "v", metadata: new Dictionary<string, string> { ["ttlInSeconds"] = "100" });
        Assert.Equal("v", await client.GetStateAsync<string>("mystore", "k"));
        using var response = await daprd.Http.GetAsync("/v1.0/state/mystore/k");
        Assert.True(response.Headers.Contains("Etag"));
        await client.DeleteStateAsync("mystore", "k");
        Assert.Null(await client.GetStateAsync<string>("mystore", "k"));
        var component = Assert.Single((await daprd.MetadataAsync()).GetProperty("components").EnumerateArray());
        Assert.Equal(["ETAG", "TRANSACTIONAL", "TTL"], component.GetProperty("capabilities").EnumerateArray().Select(c => c.GetString()));
    }

    [Fact]
    public async Task A_message_of_the_component_reaches_the_app_whatever_its_metadata_and_is_acknowledged()
    {
        await using var app = await TestApp.StartAsync("[]");
        var plug = new TestPubSub();
        await using var server = await PluggableComponentServer.StartAsync(plug);
        await using var daprd = await StartAsync(
            server, Manifests.Component("foo", "pubsub.component"), "apiVersion: dapr.io/v1alpha1\nkind: Subscription\nmetadata: { name: s }\nspec: { topic: bar, route: /abc, pubsubname: foo }\n", app.Port);
        plug.Deliver(new PullMessagesResponse { Data = ByteString.CopyFromUtf8(CloudEvent), TopicName = "bar", Id = "foo", Metadata = { ["content-length"] = "123" } });
        var delivered = await app.NextAsync();
        Assert.Equal(("/abc", "helloworld"), (delivered.Path, delivered.Json.GetProperty("data").GetString()));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var acknowledgement = await plug.Acknowledgements.Reader.ReadAsync(limit.Token);
        Assert.Equal(("foo", null), (acknowledgement.AckMessageId, acknowledgement.AckError));
        Assert.Equal(0, await daprd.StopAsync());
    }

    [Fact]
    public async Task A_publish_reaches_the_component_and_its_refusal_the_publisher()
    {
        var plug = new TestPubSub { OnPublish = (request, _) => request.Topic == "closed" ? throw new RpcException(new Status(StatusCode.FailedPrecondition, "invalid topic")) : Task.CompletedTask };
        await using var server = await PluggableComponentServer.StartAsync(plug);
        await using var daprd = await StartAsync(server, Manifests.Component("mypubsub", "pubsub.component"));
        using var body = new StringContent("hello", Encoding.UTF8, "text/plain");
        using var accepted = await daprd.Http.PostAsync("/v1.0/publish/mypubsub/open?metadata.rawPayload=true", body);
        Assert.Equal(HttpStatusCode.NoContent, accepted.StatusCode);
        var published = Assert.Single(plug.Published);
        Assert.Equal(("mypubsub", "open", "hello"), (published.PubsubName, published.Topic, published.Data.ToStringUtf8()));
        using var refused = await daprd.Http.PostAsync("/v1.0/publish/mypubsub/closed", new StringContent("x"));
        Assert.False(refused.IsSuccessStatusCode);
        Assert.Contains("invalid topic", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_of_a_pluggable_store_is_resolved_for_a_component_that_stands_before_it()
    {
        var secrets = new TestSecretStore { Secrets = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["store"] = new Dictionary<string, string> { ["url"] = "from-the-vault" } } };
        var plug = new TestPubSub();
        await using var server = await PluggableComponentServer.StartAsync(plug, secrets: secrets);
        const string PubSub = """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: mypubsub }
            spec: { type: pubsub.component, version: v1, metadata: [ { name: brokerUrl, secretKeyRef: { name: store, key: url } } ] }
            auth: { secretStore: vault }
            """;
        await using var daprd = await StartAsync(server, PubSub, Manifests.Component("vault", "secretstores.component"));
        Assert.Equal("from-the-vault", Assert.Single(plug.Initialized)["brokerUrl"]);
    }

    private static Task<Daprd> StartAsync(PluggableComponentServer server, string first, string? second = null, int? appPort = null) => Daprd.StartAsync(new DaprdSetup
    {
        AppPort = appPort,
        Resources = second is null ? [first] : [first, second],
        Environment = new Dictionary<string, string> { [PluggableOptions.FolderVariable] = server.Folder },
    });
}
