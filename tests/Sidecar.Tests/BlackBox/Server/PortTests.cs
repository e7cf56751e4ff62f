using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using RealTimeMesh.Pluggable;
using RealTimeMesh.Pluggable.Testing;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Server;

public sealed class PortTests : IAsyncLifetime
{
    private Daprd _daprd = null!;

    public async ValueTask InitializeAsync() => _daprd = await Daprd.StartAsync();

    public ValueTask DisposeAsync() => _daprd.DisposeAsync();

    [Fact]
    public async Task All_six_ports_take_connections()
    {
        foreach (var port in (int[])[_daprd.HttpPort, _daprd.GrpcPort, _daprd.InternalGrpcPort, _daprd.PublicPort, _daprd.MetricsPort, _daprd.ProfilePort])
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            Assert.True(client.Connected);
        }
    }

    [Fact]
    public async Task Internal_port_is_taken_before_components_start()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var plug = new TestPubSub
        {
            OnInit = _ =>
            {
                begun.TrySetResult();
                return release.Task;
            },
        };
        await using var server = await PluggableComponentServer.StartAsync(plug);
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup
        {
            Resources = [Manifests.Component("pub", "pubsub.component")],
            Environment = new Dictionary<string, string> { [PluggableOptions.FolderVariable] = server.Folder },
        });
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        using (var client = new TcpClient())
            await client.ConnectAsync(IPAddress.Loopback, daprd.InternalGrpcPort);
        release.SetResult();
        await daprd.ReadyAsync();
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{daprd.InternalGrpcPort}");
        var error = await Assert.ThrowsAsync<RpcException>(async () => await channel.CreateCallInvoker().AsyncUnaryCall(GrpcEchoApp.Unary, null, new CallOptions([new("dapr-app-id", daprd.AppId)]), "x"));
        Assert.Contains("app channel not initialized", error.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1.0/healthz", HttpStatusCode.NoContent)]
    [InlineData("/v1.0/healthz/outbound", HttpStatusCode.NoContent)]
    [InlineData("/v1.0/metadata", HttpStatusCode.OK)]
    [InlineData("/v1.0/state/store/key", HttpStatusCode.NotFound)]
    [InlineData("/metrics", HttpStatusCode.NotFound)]
    public async Task Public_port_serves_health_and_metadata_alone(string path, HttpStatusCode expected)
    {
        using var response = await _daprd.Http.GetAsync($"http://127.0.0.1:{_daprd.PublicPort}{path}");
        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Metrics_port_gives_prometheus_text_on_every_path()
    {
        foreach (var path in (string[])["/", "/metrics"])
        {
            using var response = await _daprd.Http.GetAsync($"http://127.0.0.1:{_daprd.MetricsPort}{path}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
            Assert.Contains("dapr_http_server_request_count", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }
}
