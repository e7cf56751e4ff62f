using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Health;

public sealed class HealthzTests
{
    [Fact]
    public async Task Health_is_204_on_the_api_and_the_public_port()
    {
        await using var daprd = await Daprd.StartAsync();
        foreach (var port in (int[])[daprd.HttpPort, daprd.PublicPort])
        {
            Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(daprd, $"http://localhost:{port}/v1.0/healthz")).Status);
            Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(daprd, $"http://127.0.0.1:{port}/v1.0/healthz/outbound")).Status);
        }
    }

    [Fact]
    public async Task All_ports_take_connections()
    {
        await using var app = await TestApp.StartAsync("[]");
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port });
        foreach (var port in (int[])[daprd.GrpcPort, daprd.HttpPort, daprd.MetricsPort, daprd.InternalGrpcPort, daprd.PublicPort, daprd.ProfilePort])
        {
            using var client = new TcpClient();
            await client.ConnectAsync("localhost", port);
            Assert.True(client.Connected);
        }
    }

    [Fact]
    public async Task App_id_in_the_query_must_be_the_own()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppId = "me" });
        Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(daprd, "/v1.0/healthz?appid=me")).Status);
        var (status, body) = await GetAsync(daprd, "/v1.0/healthz?appid=other");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Equal("""{"errorCode":"ERR_HEALTH_APPID_NOT_MATCH","message":"dapr app-id does not match"}""", body);
    }

    [Fact]
    public async Task Sidecar_that_waits_for_its_app_is_not_ready_but_its_outbound_apis_are()
    {
        var port = FreePorts.Next();
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { AppPort = port });
        await daprd.LoggedAsync("This will block until the app is listening on that port.");
        var (status, body) = await GetAsync(daprd, "/v1.0/healthz");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.StartsWith("""{"errorCode":"ERR_HEALTH_NOT_READY","message":"dapr is not ready: [""", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await GetAsync(daprd, "/v1.0/healthz/outbound")).Status);
        await using var app = await TestApp.StartAsync("[]", port);
        await daprd.ReadyAsync();
    }

    [Fact]
    public async Task Unhealthy_app_does_not_keep_the_sidecar_from_being_ready_and_is_not_asked()
    {
        var healthy = false;
        var asked = 0;
        await using var app = await HttpApp.StartAsync(context =>
        {
            if (context.Request.Path == "/healthz")
                context.Response.StatusCode = Volatile.Read(ref healthy) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            else if (context.Request.Path == "/dapr/subscribe" || context.Request.Path == "/dapr/config")
                Interlocked.Increment(ref asked);
            return Task.CompletedTask;
        });
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, AppHealthCheck = true, AppHealthProbeInterval = 1, AppHealthThreshold = 1, Resources = [Manifests.InMemoryPubSub("pub")] });
        Assert.Equal(0, Volatile.Read(ref asked));
        Volatile.Write(ref healthy, true);
        await Eventually.TrueAsync(() => Volatile.Read(ref asked) == 2, () => "each init endpoint asked once after the first good probe");
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(Daprd daprd, string address)
    {
        using var response = await daprd.Http.GetAsync(new Uri(daprd.Http.BaseAddress!, address));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
