using System.Net;
using System.Runtime.InteropServices;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Shutdown;

public sealed class BlockShutdownTests : IAsyncLifetime
{
    private readonly SemaphoreSlim _delivered = new(0);
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _healthy = true;
    private HttpApp _app = null!;

    public async ValueTask InitializeAsync() => _app = await HttpApp.StartAsync(async context =>
    {
        switch (context.Request.Path.Value)
        {
            case "/dapr/subscribe":
                await context.Response.WriteAsync("""[{"pubsubname":"foo","topic":"topic","route":"route"},{"pubsubname":"foo","topic":"held","route":"held"}]""");
                break;
            case "/healthz":
                context.Response.StatusCode = _healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
                break;
            case "/route":
                _delivered.Release();
                break;
            case "/held":
                _held.TrySetResult();
                await _release.Task;
                break;
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _delivered.Dispose();
    }

    [Fact]
    public async Task Apis_stay_up_and_deliveries_stop_until_the_time_is_over()
    {
        await using var daprd = await StartAsync("2s");
        daprd.Signal(PosixSignal.SIGINT);
        await daprd.LoggedAsync("Blocking graceful shutdown for 2s or until app reports unhealthy...");
        await SaveAsync(daprd);
        await PublishAsync(daprd, "topic");
        Assert.Equal(0, await daprd.ExitedAsync());
        Assert.Equal(0, _delivered.CurrentCount);
        await daprd.LoggedAsync("Block shutdown period expired, entering shutdown...");
        await daprd.LoggedAsync("Daprd shutdown gracefully");
    }

    [Fact]
    public async Task Unhealthy_app_ends_the_block()
    {
        await using var daprd = await StartAsync("180s");
        daprd.Signal(PosixSignal.SIGINT);
        await daprd.LoggedAsync("Blocking graceful shutdown for 3m0s or until app reports unhealthy...");
        await PublishAsync(daprd, "topic");
        await SaveAsync(daprd);
        _healthy = false;
        Assert.Equal(0, await daprd.ExitedAsync());
        Assert.Equal(0, _delivered.CurrentCount);
        await daprd.LoggedAsync("App reported unhealthy, entering shutdown...");
        await daprd.LoggedAsync("Daprd shutdown gracefully");
    }

    [Fact]
    public async Task App_that_was_unhealthy_before_the_signal_is_not_waited_for()
    {
        await using var daprd = await StartAsync("180s");
        _healthy = false;
        await daprd.LoggedAsync("App entered un-healthy status");
        Assert.Equal(0, await daprd.StopAsync());
        await daprd.LoggedAsync("App reported unhealthy, entering shutdown...");
    }

    [Theory]
    [InlineData(false, "egress_count")]
    [InlineData(true, "egress_bulk_count")]
    public async Task Delivery_in_flight_may_end_during_the_block_and_is_counted(bool bulk, string egress)
    {
        await using var daprd = await StartAsync("180s");
        if (bulk)
            await daprd.Grpc.BulkPublishEventAsync(new BulkPublishRequest { PubsubName = "foo", Topic = "held", Entries = { new BulkPublishRequestEntry { EntryId = "1", Event = ByteString.CopyFromUtf8("""{"status":"completed"}"""), ContentType = "application/json" } } });
        else
            await PublishAsync(daprd, "held");
        await _held.Task.WaitAsync(TimeSpan.FromSeconds(60));
        daprd.Signal(PosixSignal.SIGINT);
        await daprd.LoggedAsync("Blocking graceful shutdown for 3m0s");
        await SaveAsync(daprd);
        _release.SetResult();
        await daprd.MetricAsync($"dapr_component_pubsub_{egress}{{app_id=\"{daprd.AppId}\",component=\"foo\",namespace=\"\",success=\"true\",topic=\"held\"}}", 1);
        await daprd.MetricAsync($"dapr_component_pubsub_ingress_count{{app_id=\"{daprd.AppId}\",component=\"foo\",namespace=\"\",process_status=\"success\",status=\"success\",topic=\"held\"}}", 1);
        _healthy = false;
        Assert.Equal(0, await daprd.ExitedAsync());
    }

    [Fact]
    public async Task Shutdown_through_the_api_is_not_held_back()
    {
        await using var daprd = await StartAsync("180s");
        using (var response = await daprd.Http.PostAsync("/v1.0/shutdown", null))
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(0, await daprd.ExitedAsync());
        Assert.DoesNotContain("Blocking graceful shutdown", daprd.Log, StringComparison.Ordinal);
    }

    /// <summary>A sidecar that has delivered once.</summary>
    private async Task<Daprd> StartAsync(string block)
    {
        var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = _app.Port,
            AppHealthCheck = true,
            AppHealthProbeInterval = 1,
            AppHealthThreshold = 1,
            Resources = [Manifests.InMemoryPubSub("foo"), Manifests.InMemoryState("mystore")],
            Flags = [$"--dapr-block-shutdown-duration={block}", "--app-health-check-path=/healthz"],
        });
        await Eventually.TrueAsync(async () => DaprdReads.List(await daprd.MetadataAsync(), "subscriptions").Length == 2, () => "two subscriptions");
        await PublishAsync(daprd, "topic");
        Assert.True(await _delivered.WaitAsync(TimeSpan.FromSeconds(60)));
        return daprd;
    }

    private static async Task PublishAsync(Daprd daprd, string topic)
    {
        using var response = await daprd.Http.PostAsync($"/v1.0/publish/foo/{topic}", new StringContent("""{"status":"completed"}"""));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private static async Task SaveAsync(Daprd daprd)
    {
        using var response = await daprd.Http.PostAsync("/v1.0/state/mystore", new StringContent("""[{"key":"key","value":"value"}]"""));
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }
}
