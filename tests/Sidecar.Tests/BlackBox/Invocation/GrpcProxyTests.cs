using Grpc.Core;
using RpcMetadata = Grpc.Core.Metadata;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

public sealed class GrpcProxyTests : IAsyncLifetime
{
    private GrpcEchoApp? _app;
    private Daprd? _caller;
    private Daprd? _callee;

    public async ValueTask InitializeAsync()
    {
        _app = await GrpcEchoApp.StartAsync();
        _caller = await Daprd.StartAsync(new DaprdSetup { AppProtocol = "grpc" });
        _callee = await Daprd.StartAsync(new DaprdSetup { AppProtocol = "grpc", AppPort = _app.Port });
    }

    public async ValueTask DisposeAsync()
    {
        if (_caller is not null)
            await _caller.DisposeAsync();
        if (_callee is not null)
            await _callee.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
    }

    [Fact]
    public async Task Call_of_an_apps_own_service_passes_metadata_both_ways_and_tells_who_calls()
    {
        foreach (var sidecar in (Daprd[])[_caller!, _callee!])
        {
            RpcMetadata? got = null;
            _app!.Answer = (request, call) =>
            {
                got = call.RequestHeaders;
                call.ResponseTrailers.Add("x-trailer", "late");
                return Task.FromResult("answer to " + request);
            };
            using var call = sidecar.Channel.CreateCallInvoker().AsyncUnaryCall(
                GrpcEchoApp.Unary, null, new CallOptions(new RpcMetadata { { "dapr-app-id", _callee!.AppId }, { "dapr-caller-app-id", "somebody-else" }, { "x-mine", "1" }, { "x-some-bin", (byte[])[0, 255] } }), "hello");
            Assert.Equal("answer to hello", await call.ResponseAsync);
            Assert.Equal("late", call.GetTrailers().GetValue("x-trailer"));
            Assert.Null(got!.GetValue("dapr-app-id"));
            Assert.Equal("1", got.GetValue("x-mine"));
            Assert.Equal([0, 255], got.GetValueBytes("x-some-bin"));
            if (sidecar != _caller)
                continue;
            Assert.Equal(_caller!.AppId, got.GetValue("dapr-caller-app-id"));
            Assert.Equal(_callee.AppId, got.GetValue("dapr-callee-app-id"));
        }
    }

    [Fact]
    public async Task Error_of_the_app_keeps_code_and_message()
    {
        _app!.Answer = (_, _) => throw new RpcException(new Status((StatusCode)9, "not now: ä"));
        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync("x"));
        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.Equal("not now: ä", error.Status.Detail);
    }

    [Fact]
    public async Task Stream_is_handed_on_message_by_message_in_both_directions()
    {
        foreach (var sidecar in (Daprd[])[_caller!, _callee!])
        {
            using var call = sidecar.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(GrpcEchoApp.Stream, null, new CallOptions(Target()));
            Assert.Equal("begun", (await Soon(call.ResponseHeadersAsync, "headers")).GetValue("x-stream"));
            for (var i = 0; i < 20; i++)
            {
                await call.RequestStream.WriteAsync($"{i}");
                // The next is sent only when this one is back.
                Assert.True(await Soon(call.ResponseStream.MoveNext(default), $"answer {i} of {sidecar.AppId}"));
                Assert.Equal($"echo {i}", call.ResponseStream.Current);
            }

            await call.RequestStream.CompleteAsync();
            Assert.False(await Soon(call.ResponseStream.MoveNext(default), $"end of {sidecar.AppId}"));
            Assert.Equal("done", call.GetTrailers().GetValue("x-end"));
        }
    }

    [Fact]
    public async Task Megabytes_pass()
    {
        var text = new string('x', 3 << 20);
        Assert.Equal(text, await CallAsync(text));
    }

    [Fact]
    public async Task Deadline_of_the_caller_ends_the_call_in_the_app()
    {
        var cancelled = new TaskCompletionSource();
        _app!.Answer = async (_, call) =>
        {
            using var registration = call.CancellationToken.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.CancellationToken);
            return "";
        };
        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync("x", TimeProvider.System.GetUtcNow().AddSeconds(5).UtcDateTime));
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
    }

    [Fact]
    public async Task Call_without_an_app_id_is_refused_with_daprds_words()
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await _caller!.Channel.CreateCallInvoker().AsyncUnaryCall(GrpcEchoApp.Unary, null, default, "x"));
        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.Equal("failed to proxy request: required metadata dapr-callee-app-id or dapr-app-id not found", error.Status.Detail);
    }

    private async Task<string> CallAsync(string text, DateTime? deadline = null) =>
        await _caller!.Channel.CreateCallInvoker().AsyncUnaryCall(GrpcEchoApp.Unary, null, new CallOptions(Target(), deadline), text);

    private static async Task<T> Soon<T>(Task<T> task, string what)
    {
        if (await Task.WhenAny(task, Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System)) != task)
            Assert.Fail($"not within 20 seconds: {what}");
        return await task;
    }

    private RpcMetadata Target() => new() { { "dapr-app-id", _callee!.AppId } };
}
