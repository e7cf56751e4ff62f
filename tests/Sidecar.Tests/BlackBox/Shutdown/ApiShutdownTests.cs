using System.Net;
using Dapr.Client.Autogen.Grpc.v1;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Shutdown;

public sealed class ApiShutdownTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Shutdown_through_the_api_is_graceful_and_ends_with_code_0(bool grpc)
    {
        await using var daprd = await Daprd.StartAsync();
        await ShutDownAsync(daprd, grpc, force: false);
        Assert.Equal(0, await daprd.ExitedAsync());
        await daprd.LoggedAsync("Shutdown requested via API");
        await daprd.LoggedAsync("Daprd shutdown gracefully");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Forced_shutdown_through_the_api_ends_at_once_with_code_1(bool grpc)
    {
        await using var daprd = await Daprd.StartAsync();
        await ShutDownAsync(daprd, grpc, force: true);
        Assert.Equal(1, await daprd.ExitedAsync());
        await daprd.LoggedAsync("Force shutdown requested, exiting immediately without graceful shutdown");
        Assert.DoesNotContain("Daprd shutdown gracefully", daprd.Log, StringComparison.Ordinal);
    }

    private static async Task ShutDownAsync(Daprd daprd, bool grpc, bool force)
    {
        if (grpc)
        {
            await daprd.Grpc.ShutdownAsync(new ShutdownRequest(), force ? new global::Grpc.Core.Metadata { { "dapr-force-shutdown", "true" } } : []);
            return;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1.0/shutdown");
        if (force)
            request.Headers.Add("Dapr-Force-Shutdown", "true");
        using var response = await daprd.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }
}
