using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

public sealed class InvocationTokenTests
{
    [Fact]
    public async Task App_gets_the_token_of_its_own_sidecar_and_never_that_of_the_api()
    {
        var seen = "";
        await using var app = await WebTestApp.StartAsync(context =>
        {
            if (!context.Request.Path.StartsWithSegments("/dapr", StringComparison.Ordinal))
                seen = context.Request.Headers["dapr-api-token"].ToString();
            return Task.CompletedTask;
        });
        await using var caller = await Daprd.StartAsync(new DaprdSetup { Environment = new Dictionary<string, string> { ["APP_API_TOKEN"] = "abc", ["DAPR_API_TOKEN"] = "xyz" } });
        await using var callee = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port, Environment = new Dictionary<string, string> { ["APP_API_TOKEN"] = "def" } });
        await using var open = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port });
        foreach (var (target, token) in ((Daprd, string)[])[(callee, "def"), (open, "")])
        {
            await caller.Grpc.InvokeServiceAsync(
                new InvokeServiceRequest { Id = target.AppId, Message = new InvokeRequest { Method = "hello", HttpExtension = new HTTPExtension { Verb = HTTPExtension.Types.Verb.Get } } },
                new CallOptions([new("dapr-api-token", "xyz")]));
            Assert.Equal(token, seen);
        }
    }

    [Fact]
    public async Task Baggage_reaches_the_app_and_comes_back_and_what_is_none_is_refused()
    {
        var seen = "";
        await using var app = await WebTestApp.StartAsync(context =>
        {
            seen = context.Request.Headers["baggage"].ToString();
            return Task.CompletedTask;
        });
        await using var daprd = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port });
        using var sent = await SendAsync("key1=value1,key2=value2");
        Assert.Equal(200, (int)sent.StatusCode);
        Assert.Equal("key1=value1,key2=value2", seen);
        Assert.Equal("key1=value1,key2=value2", sent.Headers.GetValues("baggage").Single());
        using var refused = await SendAsync("invalid-baggage");
        Assert.Equal(400, (int)refused.StatusCode);
        Assert.Contains("invalid baggage header", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await daprd.Grpc.GetMetadataAsync(new GetMetadataRequest(), new CallOptions([new("baggage", "invalid-baggage")])));
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("invalid baggage header", error.Status.Detail, StringComparison.Ordinal);

        Task<HttpResponseMessage> SendAsync(string baggage)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, $"/v1.0/invoke/{daprd.AppId}/method/test");
            request.Headers.TryAddWithoutValidation("baggage", baggage);
            return daprd.Http.SendAsync(request);
        }
    }
}
