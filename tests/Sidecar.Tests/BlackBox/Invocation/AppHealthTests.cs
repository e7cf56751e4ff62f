using System.Net;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

public sealed class AppHealthTests
{
    [Fact]
    public async Task Unhealthy_app_is_not_invoked_and_a_healthy_one_is_again()
    {
        var healthy = true;
        await using var app = await WebTestApp.StartAsync(context =>
        {
            if (context.Request.Path == "/foo")
                context.Response.StatusCode = Volatile.Read(ref healthy) ? 200 : 503;
            return context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}");
        });
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            AppPort = app.Port, AppHealthCheck = true, AppHealthProbeInterval = 1, AppHealthThreshold = 1, Flags = ["--app-health-check-path=/foo"],
        });
        await WaitAsync(200, "GET /myfunc");
        for (var cycle = 0; cycle < 2; cycle++)
        {
            Volatile.Write(ref healthy, false);
            await WaitAsync(500, "app is not in a healthy state");
            Volatile.Write(ref healthy, true);
            await WaitAsync(200, "GET /myfunc");
        }

        Assert.Contains("App entered un-healthy status", daprd.Log, StringComparison.Ordinal);
        Assert.Contains("App entered healthy status", daprd.Log, StringComparison.Ordinal);

        Task WaitAsync(int status, string text) => Eventually.TrueAsync(
            async () =>
            {
                using var response = await daprd.Http.GetAsync($"/v1.0/invoke/{daprd.AppId}/method/myfunc");
                return (int)response.StatusCode == status && (await response.Content.ReadAsStringAsync()).Contains(text, StringComparison.Ordinal);
            },
            () => $"{status} {text}\n{daprd.Log}");
    }

    [Fact]
    public async Task App_that_comes_late_is_waited_for_and_invoked()
    {
        var port = FreePorts.Next();
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { AppPort = port });
        await daprd.LoggedAsync($"application protocol: http. waiting on port {port}.  This will block until the app is listening on that port.");
        await using var app = await WebTestApp.StartAsync(context => context.Response.WriteAsync("here"), port);
        await daprd.ReadyAsync();
        Assert.Contains($"application discovered on port {port}", daprd.Log, StringComparison.Ordinal);
        Assert.Equal("here", await daprd.Http.GetStringAsync($"/v1.0/invoke/{daprd.AppId}/method/x"));
    }

    [Fact]
    public async Task Grpc_app_that_comes_late_is_waited_for_and_invoked_once_it_is_healthy()
    {
        var port = FreePorts.Take(1)[0];
        await using var daprd = await Daprd.LaunchAsync(new DaprdSetup { AppPort = port, AppProtocol = "grpc", AppHealthCheck = true, AppHealthProbeInterval = 1, AppHealthThreshold = 1 });
        await daprd.LoggedAsync($"application protocol: grpc. waiting on port {port}.  This will block until the app is listening on that port.");
        await using var app = new GrpcTestApp
        {
            HealthCheck = _ => Task.FromResult(new HealthCheckResponse()),
            OnInvoke = (request, _) => Task.FromResult(new InvokeResponse { ContentType = request.Method }),
        };
        await app.StartAsync(port);
        await daprd.ReadyAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    var answer = await daprd.Grpc.InvokeServiceAsync(new InvokeServiceRequest { Id = daprd.AppId, Message = new InvokeRequest { Method = "Ping" } });
                    return answer.ContentType == "Ping";
                }
                catch (RpcException exception)
                {
                    Assert.Contains("app is not in a healthy state", exception.Status.Detail, StringComparison.Ordinal);
                    return false;
                }
            },
            () => $"an answer\n{daprd.Log}");
    }

    [Fact]
    public async Task Call_without_an_app_is_500()
    {
        await using var daprd = await Daprd.StartAsync();
        using var response = await daprd.Http.GetAsync($"/v1.0/invoke/{daprd.AppId}/method/x");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("cannot invoke local endpoint: app channel not initialized", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task App_gets_no_more_calls_at_once_than_it_allows()
    {
        var (here, most) = (0, 0);
        await using var app = await WebTestApp.StartAsync(async context =>
        {
            var now = Interlocked.Increment(ref here);
            most = Math.Max(most, now);
            await Task.Yield();
            Interlocked.Decrement(ref here);
            await context.Response.WriteAsync("ok");
        });
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Flags = ["--app-max-concurrency=1"] });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => daprd.Http.GetStringAsync($"/v1.0/invoke/{daprd.AppId}/method/x")));
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Caller_that_waits_for_the_apps_turn_is_let_go_at_its_deadline()
    {
        var (calls, release) = (0, new TaskCompletionSource());
        await using var app = await WebTestApp.StartAsync(async context =>
        {
            if (context.Request.Path != "/x")
                return;
            Interlocked.Increment(ref calls);
            await release.Task;
        });
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Flags = ["--app-max-concurrency=1"] });
        var first = daprd.Http.GetStringAsync($"/v1.0/invoke/{daprd.AppId}/method/x");
        await Eventually.TrueAsync(() => Volatile.Read(ref calls) == 1, () => "the first call");
        var request = new InvokeServiceRequest { Id = daprd.AppId, Message = new InvokeRequest { Method = "x", HttpExtension = new HTTPExtension { Verb = HTTPExtension.Types.Verb.Get } } };
        var error = await Assert.ThrowsAsync<RpcException>(async () => await daprd.Grpc.InvokeServiceAsync(request, deadline: TimeProvider.System.GetUtcNow().AddSeconds(1).UtcDateTime));
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        release.SetResult();
        await first;
        // Nobody holds the place any more, and the call that was let go never reaches the app.
        await daprd.Http.GetStringAsync($"/v1.0/invoke/{daprd.AppId}/method/x");
        Assert.Equal(2, calls);
    }
}
