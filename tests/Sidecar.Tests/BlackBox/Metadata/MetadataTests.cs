using System.Net;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Metadata;

public sealed class MetadataTests : IAsyncLifetime
{
    private const string Resources = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: pubsub
        spec:
          type: pubsub.in-memory
          version: v1
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Subscription
        metadata:
          name: sub
        spec:
          topic: B
          route: /B
          pubsubname: pubsub
          deadLetterTopic: dead
        """;

    private TestApp _app = null!;
    private Daprd _daprd = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await TestApp.StartAsync("[]");
        _daprd = await Daprd.StartAsync(new DaprdSetup { Resources = [Resources], AppPort = _app.Port, Flags = ["--app-max-concurrency=7"] });
    }

    public async ValueTask DisposeAsync()
    {
        await _daprd.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Both_ports_tell_identity_version_app_and_subscriptions_with_flat_rules()
    {
        foreach (var port in (int[])[_daprd.HttpPort, _daprd.PublicPort])
        {
            using var document = JsonDocument.Parse(await _daprd.Http.GetStringAsync($"http://localhost:{port}/v1.0/metadata"));
            var metadata = document.RootElement;
            Assert.Equal(_daprd.AppId, metadata.GetProperty("id").GetString());
            Assert.Matches(@"^(edge|\d+\.\d+\.\d+(-rc\.\d+)?)$", metadata.GetProperty("runtimeVersion").GetString());
            Assert.Matches(@"^(edge|\d+\.\d+\.\d+(-rc\.\d+)?)$", metadata.GetProperty("extended").GetProperty("daprRuntimeVersion").GetString());
            var app = metadata.GetProperty("appConnectionProperties");
            Assert.Equal(_app.Port, app.GetProperty("port").GetInt32());
            Assert.Equal("http", app.GetProperty("protocol").GetString());
            Assert.Equal("127.0.0.1", app.GetProperty("channelAddress").GetString());
            Assert.Equal(7, app.GetProperty("maxConcurrency").GetInt32());
            Assert.Contains(metadata.GetProperty("enabledFeatures").EnumerateArray(), feature => feature.GetString() == "HotReload");
            var subscription = Assert.Single(metadata.GetProperty("subscriptions").EnumerateArray());
            Assert.Equal("dead", subscription.GetProperty("deadLetterTopic").GetString());
            Assert.Equal("DECLARATIVE", subscription.GetProperty("type").GetString());
            var rule = Assert.Single(subscription.GetProperty("rules").EnumerateArray());
            Assert.Equal("/B", rule.GetProperty("path").GetString());
        }
    }

    [Fact]
    public async Task Without_placement_the_actor_runtime_is_disabled_and_there_is_no_scheduler()
    {
        var json = await _daprd.MetadataAsync();
        var actors = json.GetProperty("actorRuntime");
        Assert.Equal("DISABLED", actors.GetProperty("runtimeStatus").GetString());
        Assert.False(actors.GetProperty("hostReady").GetBoolean());
        Assert.Equal("placement: disconnected", actors.GetProperty("placement").GetString());
        Assert.False(json.TryGetProperty("scheduler", out _));
        Assert.False(json.TryGetProperty("workflows", out _));

        var message = await _daprd.Grpc.GetMetadataAsync(new GetMetadataRequest());
        Assert.Equal(new ActorRuntime { RuntimeStatus = ActorRuntime.Types.ActorRuntimeStatus.Disabled, Placement = "placement: disconnected" }, message.ActorRuntime);
        Assert.Null(message.Scheduler);
        Assert.Equal(7, message.AppConnectionProperties.MaxConcurrency);
        Assert.Equal("/B", Assert.Single(Assert.Single(message.Subscriptions).Rules.Rules).Path);
    }

    [Fact]
    public async Task Labels_are_set_by_put_and_told_by_both_apis()
    {
        using var put = await _daprd.Http.PutAsync("/v1.0/metadata/cliPID", new StringContent("1234"));
        Assert.Equal(HttpStatusCode.NoContent, put.StatusCode);
        await _daprd.Grpc.SetMetadataAsync(new SetMetadataRequest { Key = "other", Value = "ünï" });

        var extended = (await _daprd.MetadataAsync()).GetProperty("extended");
        Assert.Equal("1234", extended.GetProperty("cliPID").GetString());
        Assert.Equal("ünï", extended.GetProperty("other").GetString());
        Assert.Equal("1234", (await _daprd.Grpc.GetMetadataAsync(new GetMetadataRequest())).ExtendedMetadata["cliPID"]);
    }

    [Fact]
    public async Task Health_checks_of_the_app_are_told_with_their_settings()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = _app.Port,
            AppHealthCheck = true,
            AppHealthProbeInterval = 3,
            AppHealthThreshold = 2,
            Flags = ["--app-health-check-path=/up", "--app-health-probe-timeout=200"],
        });
        var health = (await daprd.MetadataAsync()).GetProperty("appConnectionProperties").GetProperty("health");
        Assert.Equal("/up", health.GetProperty("healthCheckPath").GetString());
        Assert.Equal("3s", health.GetProperty("healthProbeInterval").GetString());
        Assert.Equal("200ms", health.GetProperty("healthProbeTimeout").GetString());
        Assert.Equal(2, health.GetProperty("healthThreshold").GetInt32());
    }
}
