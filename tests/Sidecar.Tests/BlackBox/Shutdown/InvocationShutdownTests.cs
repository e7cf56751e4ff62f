using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Shutdown;

/// <summary>Sidecars that end while a call goes through them: the caller's, the callee's, the only one.</summary>
public sealed class InvocationShutdownTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly GrpcTestApp _grpc = new();
    private volatile bool _healthy = true;
    private HttpApp _http = null!;

    public async ValueTask InitializeAsync()
    {
        _http = await HttpApp.StartAsync(async context =>
        {
            if (context.Request.Path == "/healthz")
                context.Response.StatusCode = _healthy ? 200 : 503;
            else if (context.Request.Path == "/foo")
                await HoldAsync();
        });
        _grpc.HealthCheck = _ => _healthy ? Task.FromResult(new global::Dapr.AppCallback.Autogen.Grpc.v1.HealthCheckResponse()) : throw new RpcException(new Status(StatusCode.Unknown, "not healthy"));
        _grpc.OnInvoke = async (_, _) =>
        {
            await HoldAsync();
            return new InvokeResponse();
        };
        await _grpc.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _release.TrySetResult();
        await _http.DisposeAsync();
        await _grpc.DisposeAsync();
    }

    [Theory]
    [InlineData("http", "local", false)]
    [InlineData("http", "caller", false)]
    [InlineData("http", "callee", false)]
    [InlineData("grpc", "local", false)]
    [InlineData("grpc", "caller", false)]
    [InlineData("grpc", "callee", false)]
    [InlineData("grpc", "caller", true)]
    [InlineData("grpc", "callee", true)]
    public async Task Call_in_flight_is_answered_before_the_sidecar_of_its_one_end_or_the_other_ends(string protocol, string role, bool block)
    {
        await using var first = await StartAsync(protocol, block);
        await using var second = role == "local" ? null : await StartAsync(protocol, block);
        var ending = second ?? first;
        await first.HasHealthyAppAsync();
        await ending.HasHealthyAppAsync();
        var (caller, callee) = role switch { "caller" => (ending, first), "callee" => (first, ending), _ => (first, first) };

        var call = CallAsync(protocol, caller, callee);
        await _arrived.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        ending.Signal(PosixSignal.SIGINT);
        await ending.LoggedAsync(block ? "Blocking graceful shutdown for 3m0s" : "Dapr is shutting down");
        if (!block)
            await DaprdReads.RefusesAsync(role == "callee" ? ending.InternalGrpcPort : ending.HttpPort);
        Assert.False(call.IsCompleted, ending.Log);
        _release.SetResult();
        await call.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        if (block)
        {
            // The app's end is what ends the block; the other sidecar shares the app.
            await CallAsync(protocol, caller, callee);
            _healthy = false;
            Assert.Equal(0, await ending.ExitedAsync());
            return;
        }

        if (role == "callee")
            Assert.Equal(HttpStatusCode.InternalServerError, (await first.PostAsync($"/v1.0/invoke/{callee.AppId}/method/foo")).Status);
        else
            await Assert.ThrowsAsync<HttpRequestException>(() => caller.PostAsync($"/v1.0/invoke/{callee.AppId}/method/foo"));
        Assert.Equal(0, await ending.ExitedAsync());
    }

    [Fact]
    public async Task Call_of_an_http_endpoint_in_flight_is_answered_before_the_sidecar_ends()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Resources = [$"apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata:\n  name: mywebsite\nspec:\n  version: v1alpha1\n  baseUrl: http://localhost:{_http.Port}\n"],
        });
        var call = daprd.PostAsync("/v1.0/invoke/mywebsite/method/foo");
        await _arrived.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        daprd.Signal(PosixSignal.SIGINT);
        await DaprdReads.RefusesAsync(daprd.HttpPort);
        Assert.False(call.IsCompleted, daprd.Log);
        _release.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await call).Status);
        await Assert.ThrowsAsync<HttpRequestException>(() => daprd.PostAsync("/v1.0/invoke/mywebsite/method/foo"));
        Assert.Equal(0, await daprd.ExitedAsync());
    }

    [Fact]
    public async Task Call_that_outlasts_the_grace_sees_the_end_of_its_connection_and_the_code_is_1()
    {
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = _http.Port, Flags = ["--dapr-graceful-shutdown-seconds=1"] });
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, daprd.HttpPort);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1.0/invoke/{daprd.AppId}/method/foo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"));
        await _arrived.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        Assert.Equal(1, await daprd.StopAsync());
        await daprd.LoggedAsync("Graceful shutdown timeout exceeded, forcing shutdown");
        // An end, not a reset.
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
    }

    private Task<Daprd> StartAsync(string protocol, bool block) => Daprd.StartAsync(new DaprdSetup
    {
        AppPort = protocol == "http" ? _http.Port : _grpc.Port,
        AppProtocol = protocol,
        AppHealthCheck = true,
        AppHealthProbeInterval = 1,
        AppHealthThreshold = 1,
        Flags = [block ? "--dapr-block-shutdown-duration=180s" : "--dapr-graceful-shutdown-seconds=180"],
    });

    private static async Task CallAsync(string protocol, Daprd caller, Daprd callee)
    {
        if (protocol == "http")
        {
            var answer = await caller.PostAsync($"/v1.0/invoke/{callee.AppId}/method/foo");
            Assert.True(answer.Status == HttpStatusCode.OK, answer.Body);
            return;
        }

        await caller.Grpc.InvokeServiceAsync(new InvokeServiceRequest
        {
            Id = callee.AppId,
            Message = new InvokeRequest { Method = "foo", HttpExtension = new HTTPExtension { Verb = HTTPExtension.Types.Verb.Post } },
        });
    }

    private Task HoldAsync()
    {
        _arrived.TrySetResult();
        return _release.Task;
    }
}
