using Grpc.Core;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Resiliency;

/// <summary>Policies on proxied calls that say they are streams (<c>dapr-stream</c>): they are for the beginning alone.</summary>
public sealed class StreamPolicyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Error_of_a_stream_that_has_begun_is_the_callers()
    {
        await using var app = await GrpcEchoApp.StartAsync();
        var calls = 0;
        app.Answer = (_, _) =>
        {
            Interlocked.Increment(ref calls);
            throw new RpcException(new Status(StatusCode.Aborted, "as asked"));
        };
        await using var callee = await Daprd.StartAsync(new DaprdSetup { AppProtocol = "grpc", AppPort = app.Port });
        await using var caller = await Daprd.StartAsync(new DaprdSetup { Resources = [Policies("1s", 3, 1)] });
        foreach (var (stream, expected) in ((string, int)[])[("true", 1), ("true", 1), ("true", 1), ("false", 4)])
        {
            Interlocked.Exchange(ref calls, 0);
            var error = await Assert.ThrowsAsync<RpcException>(async () => await caller.Channel.CreateCallInvoker().AsyncUnaryCall(GrpcEchoApp.Unary, null, Options(callee, stream), "x"));
            Assert.Equal((StatusCode.Aborted, "as asked", expected), (error.StatusCode, error.Status.Detail, calls));
        }
    }

    [Fact]
    public async Task Stream_may_last_longer_than_the_timeout()
    {
        await using var app = await GrpcEchoApp.StartAsync();
        await using var callee = await Daprd.StartAsync(new DaprdSetup { AppProtocol = "grpc", AppPort = app.Port });
        await using var caller = await Daprd.StartAsync(new DaprdSetup { Resources = [Policies("500ms", 3, 1)] });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        using var call = caller.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(GrpcEchoApp.Stream, null, Options(callee, "true").WithCancellationToken(limit.Token));
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(1.5); i++)
        {
            await call.RequestStream.WriteAsync($"{i}", limit.Token);
            Assert.True(await call.ResponseStream.MoveNext(limit.Token));
            Assert.Equal($"echo {i}", call.ResponseStream.Current);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(limit.Token));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Call_that_cannot_begin_is_tried_again_until_the_sidecar_is_there(string stream)
    {
        var names = $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata: {name: names}
            spec:
              nameResolution:
                component: sqlite
                configuration:
                  connectionString: {{Path.Combine(_folder.Path, "names.db")}}
                  updateInterval: 60s
            """;
        await using var app = await GrpcEchoApp.StartAsync();
        await using var callee = await Daprd.StartAsync(new DaprdSetup { AppProtocol = "grpc", AppPort = app.Port, Configs = [names] });
        await using var caller = await Daprd.StartAsync(new DaprdSetup { Resources = [Policies("20s", 300, 50)], Configs = [names] });
        await callee.KillAsync();
        var calling = caller.Channel.CreateCallInvoker().AsyncUnaryCall(GrpcEchoApp.Unary, null, Options(callee, stream), "x").ResponseAsync;
        await caller.LoggedAsync("Error processing operation");
        Assert.False(calling.IsCompleted);
        await callee.RestartAsync();
        Assert.Equal("x", await calling.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System));
    }

    [Fact]
    public async Task Breaker_without_retries_opens_on_errors_of_the_app()
    {
        await using var app = await GrpcEchoApp.StartAsync();
        app.Answer = (_, _) => throw new RpcException(new Status(StatusCode.Aborted, "as asked"));
        await using var callee = await Daprd.StartAsync(new DaprdSetup { AppProtocol = "grpc", AppPort = app.Port });
        await using var caller = await Daprd.StartAsync(new DaprdSetup
        {
            Resources = ["apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata: {name: r}\nspec: {policies: {circuitBreakers: {DefaultAppCircuitBreakerPolicy: {maxRequests: 1, timeout: 60s, trip: consecutiveFailures >= 2}}}}"],
        });
        string[] details = ["as asked", "as asked", "circuit breaker is open"];
        foreach (var detail in details)
        {
            var error = await Assert.ThrowsAsync<RpcException>(async () => await caller.Channel.CreateCallInvoker().AsyncUnaryCall(GrpcEchoApp.Unary, null, Options(callee, "false"), "x"));
            Assert.Equal(detail, error.Status.Detail);
        }
    }

    private static CallOptions Options(Daprd callee, string stream) => new([new("dapr-app-id", callee.AppId), new("dapr-stream", stream)]);

    private static string Policies(string timeout, int retries, int pause) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: {name: myresiliency}
        spec:
          policies:
            timeouts:
              DefaultAppTimeoutPolicy: {{timeout}}
            retries:
              DefaultAppRetryPolicy: {policy: constant, duration: {{pause}}ms, maxRetries: {{retries}}}
        """;
}
