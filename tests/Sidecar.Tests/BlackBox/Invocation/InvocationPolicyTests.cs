using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

/// <summary>Resiliency policies of apps.</summary>
public sealed class InvocationPolicyTests
{
    [Theory]
    [InlineData("", 500, 3)]
    [InlineData("200", 200, 1)]
    [InlineData("500", 500, 3)]
    [InlineData("200,301", 301, 1)]
    [InlineData("400-550", 404, 3)]
    [InlineData("200,400-500,501", 502, 1)]
    [InlineData("200,400-500,501", 501, 3)]
    public async Task Status_of_the_app_decides_how_often_it_is_called(string codes, int status, int calls)
    {
        await using var apps = await Apps.StartAsync(Retry("DefaultAppRetryPolicy", 2, $"httpStatusCodes: \"{codes}\""));
        using var response = await apps.PostAsync(new StringContent($"{status}"));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal($"{status}", await response.Content.ReadAsStringAsync());
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(calls, apps.Calls);
    }

    [Fact]
    public async Task Chunked_request_is_made_once_and_one_of_known_length_again()
    {
        await using var apps = await Apps.StartAsync(Retry("DefaultAppRetryPolicy", 3, null));
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync("500"u8.ToArray());
        await pipe.Writer.CompleteAsync();
        using var streamed = await apps.PostAsync(new StreamContent(pipe.Reader.AsStream()));
        Assert.Equal((500, 1), ((int)streamed.StatusCode, apps.Calls));
        using var repeated = await apps.PostAsync(new StringContent("500"));
        Assert.Equal((500, 5), ((int)repeated.StatusCode, apps.Calls));
    }

    [Fact]
    public async Task Open_circuit_keeps_calls_from_the_app_also_streamed_ones()
    {
        await using var apps = await Apps.StartAsync("""
            policies:
                circuitBreakers:
                  DefaultAppCircuitBreakerPolicy:
                    maxRequests: 1
                    timeout: 60s
                    trip: consecutiveFailures >= 3
            """);
        for (var i = 0; i < 4; i++)
        {
            var pipe = new Pipe();
            await pipe.Writer.WriteAsync("500"u8.ToArray());
            await pipe.Writer.CompleteAsync();
            using var response = await apps.PostAsync(new StreamContent(pipe.Reader.AsStream()));
            Assert.Equal(500, (int)response.StatusCode);
            if (i == 3)
                Assert.Contains("circuit breaker is open", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(3, apps.Calls);
    }

    [Theory]
    [InlineData("", 1, 3)]
    [InlineData("1", 2, 1)]
    [InlineData("6-14", 9, 3)]
    [InlineData("6-14", 15, 1)]
    [InlineData("1-5", 0, 1)]
    public async Task Status_of_a_proxied_call_decides_how_often_it_is_made(string codes, int status, int calls)
    {
        await using var app = await GrpcEchoApp.StartAsync();
        var count = 0;
        app.Answer = (request, _) =>
        {
            Interlocked.Increment(ref count);
            return status == 0 ? Task.FromResult(request) : throw new RpcException(new Status((StatusCode)status, "as asked"));
        };
        await using var callee = await Daprd.StartAsync(new DaprdSetup { AppProtocol = "grpc", AppPort = app.Port });
        await using var caller = await Daprd.StartAsync(new DaprdSetup { Resources = [Document(Retry("DefaultAppRetryPolicy", 2, $"gRPCStatusCodes: \"{codes}\""))] });
        var call = caller.Channel.CreateCallInvoker().AsyncUnaryCall(GrpcEchoApp.Unary, null, new CallOptions([new("dapr-app-id", callee.AppId)]), "x");
        if (status == 0)
        {
            Assert.Equal("x", await call);
        }
        else
        {
            var error = await Assert.ThrowsAsync<RpcException>(async () => await call);
            Assert.Equal((StatusCode)status, error.StatusCode);
            Assert.Equal("as asked", error.Status.Detail);
        }

        Assert.Equal(calls, count);
    }

    private static string Retry(string name, int retries, string? matching) => $"""
        policies:
            retries:
              {name}:
                policy: constant
                duration: 1ms
                maxRetries: {retries}
        {(matching is null ? "" : $"        matching:\n                  {matching}")}
        """;

    private static string Document(string spec) => $"apiVersion: dapr.io/v1alpha1\nkind: Resiliency\nmetadata:\n  name: myresiliency\nspec:\n  {spec.ReplaceLineEndings("\n")}\n";

    private sealed class Apps(WebTestApp app, Daprd callee, Daprd caller, ConcurrentQueue<string> bodies) : IAsyncDisposable
    {
        public int Calls => bodies.Count;

        public static async Task<Apps> StartAsync(string policies)
        {
            var bodies = new ConcurrentQueue<string>();
            var app = await WebTestApp.StartAsync(async context =>
            {
                if (context.Request.Path != "/retry")
                    return;
                using var reader = new StreamReader(context.Request.Body);
                var body = await reader.ReadToEndAsync();
                bodies.Enqueue(body);
                context.Response.StatusCode = int.Parse(body, CultureInfo.InvariantCulture);
                context.Response.ContentType = "text/plain";
                await context.Response.WriteAsync(body);
            });
            var callee = await Daprd.StartAsync(new DaprdSetup { AppPort = app.Port });
            var caller = await Daprd.StartAsync(new DaprdSetup { Resources = [Document(policies)] });
            return new Apps(app, callee, caller, bodies);
        }

        public Task<HttpResponseMessage> PostAsync(HttpContent content) => caller.Http.PostAsync($"/v1.0/invoke/{callee.AppId}/method/retry", content);

        public async ValueTask DisposeAsync()
        {
            await caller.DisposeAsync();
            await callee.DisposeAsync();
            await app.DisposeAsync();
        }
    }
}
