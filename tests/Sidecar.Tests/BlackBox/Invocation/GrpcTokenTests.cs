using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using RpcMetadata = Grpc.Core.Metadata;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

/// <summary>Tokens and names that a gRPC app is told, by <c>InvokeService</c> and by calls of its own services.</summary>
public sealed class GrpcTokenTests : IAsyncLifetime
{
    private readonly GrpcTestApp _app = new();
    private GrpcEchoApp _echo = null!;
    private RpcMetadata? _got;

    public async ValueTask InitializeAsync()
    {
        _app.OnInvoke = (_, call) =>
        {
            _got = call.RequestHeaders;
            return Task.FromResult(new InvokeResponse());
        };
        await _app.StartAsync();
        _echo = await GrpcEchoApp.StartAsync();
        _echo.Answer = (request, call) =>
        {
            _got = call.RequestHeaders;
            return Task.FromResult(request);
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _echo.DisposeAsync();
    }

    /// <param name="callers">Token for the caller's own app; <c>self</c> where caller and callee are one.</param>
    /// <param name="callees">Token for the callee's app.</param>
    [Theory]
    [InlineData("self", null)]
    [InlineData("self", "abc")]
    [InlineData(null, "abc")]
    [InlineData("abc", null)]
    [InlineData("abc", "def")]
    public async Task App_gets_the_token_of_its_own_sidecar_alone(string? callers, string? callees)
    {
        foreach (var proxied in (bool[])[false, true])
        {
            await using var callee = await Daprd.StartAsync(new DaprdSetup { AppPort = proxied ? _echo.Port : _app.Port, AppProtocol = "grpc", Environment = Variable("APP_API_TOKEN", callees) });
            await using var remote = callers == "self" ? null : await Daprd.StartAsync(new DaprdSetup { AppProtocol = "grpc", Environment = Variable("APP_API_TOKEN", callers) });
            await CallAsync(remote ?? callee, callee, proxied);
            Assert.Equal(callees is null ? [] : [callees], _got!.Where(entry => entry.Key == "dapr-api-token").Select(entry => entry.Value));
        }
    }

    [Fact]
    public async Task Token_of_the_api_stays_with_the_sidecar()
    {
        foreach (var proxied in (bool[])[false, true])
        {
            await using var caller = await Daprd.StartAsync(new DaprdSetup { AppId = "app1", AppProtocol = "grpc", Environment = Variable("DAPR_API_TOKEN", "abc") });
            await using var callee = await Daprd.StartAsync(new DaprdSetup { AppPort = proxied ? _echo.Port : _app.Port, AppProtocol = "grpc" });
            await CallAsync(caller, callee, proxied, "abc");
            Assert.DoesNotContain(_got!, entry => entry.Key == "dapr-api-token");
        }
    }

    [Fact]
    public async Task App_learns_names_and_namespace_of_its_caller()
    {
        foreach (var proxied in (bool[])[false, true])
        {
            await using var caller = await Daprd.StartAsync(new DaprdSetup { AppId = "app-caller", Environment = Variable("NAMESPACE", "app-caller-namespace") });
            await using var callee = await Daprd.StartAsync(new DaprdSetup { AppId = "app-callee", AppPort = proxied ? _echo.Port : _app.Port, AppProtocol = "grpc", Environment = Variable("APP_API_TOKEN", "abc") });
            await CallAsync(caller, callee, proxied);
            Assert.Equal("app-caller", _got!.GetValue("dapr-caller-app-id"));
            Assert.Equal("app-callee", _got!.GetValue("dapr-callee-app-id"));
            Assert.Equal("abc", _got!.GetValue("dapr-api-token"));
            if (!proxied)
                Assert.Equal("app-caller-namespace", _got!.GetValue("dapr-caller-namespace"));
        }
    }

    private static Dictionary<string, string> Variable(string name, string? value) => value is null ? [] : new() { [name] = value };

    private static async Task CallAsync(Daprd caller, Daprd callee, bool proxied, string? token = null)
    {
        var headers = new RpcMetadata();
        if (token is not null)
            headers.Add("dapr-api-token", token);
        if (proxied)
        {
            headers.Add("dapr-app-id", callee.AppId);
            Assert.Equal("ping", await caller.Channel.CreateCallInvoker().AsyncUnaryCall(GrpcEchoApp.Unary, null, new CallOptions(headers), "ping"));
            return;
        }

        await caller.Grpc.InvokeServiceAsync(
            new InvokeServiceRequest { Id = callee.AppId, Message = new InvokeRequest { Method = "helloworld", Data = new(), HttpExtension = new HTTPExtension { Verb = HTTPExtension.Types.Verb.Get } } },
            headers);
    }
}
