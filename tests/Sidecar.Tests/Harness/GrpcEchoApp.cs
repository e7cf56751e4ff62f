using System.Security.Cryptography.X509Certificates;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>A gRPC app with a service of its own, which no sidecar knows: messages are texts.</summary>
internal sealed class GrpcEchoApp : IAsyncDisposable
{
    private static readonly Marshaller<string> Text = Marshallers.StringMarshaller;

    public static readonly Method<string, string> Unary = new(MethodType.Unary, "test.Echo", "Unary", Text, Text);

    public static readonly Method<string, string> Stream = new(MethodType.DuplexStreaming, "test.Echo", "Stream", Text, Text);

    private WebApplication? _app;

    private GrpcEchoApp()
    {
    }

    public int Port => new Uri(_app!.Urls.First()).Port;

    /// <summary>Answers <see cref="Unary"/>; by default with the request. <see cref="Stream"/> echoes each message as it comes.</summary>
    public Func<string, ServerCallContext, Task<string>> Answer { get; set; } = (request, _) => Task.FromResult(request);

    /// <summary>Starts on a free port. With a certificate it speaks TLS.</summary>
    public static async Task<GrpcEchoApp> StartAsync(X509Certificate2? certificate = null)
    {
        var echo = new GrpcEchoApp();
        echo._app = await TestHosts.StartGrpcAsync(echo, new Methods(), certificate: certificate);
        return echo;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await TestHosts.EndAsync(_app);
    }

    private sealed class Methods : IServiceMethodProvider<GrpcEchoApp>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<GrpcEchoApp> context)
        {
            context.AddUnaryMethod(Unary, [], (app, request, call) => app.Answer(request, call));
            context.AddDuplexStreamingMethod(Stream, [], async (_, requests, answers, call) =>
            {
                await call.WriteResponseHeadersAsync(new global::Grpc.Core.Metadata { { "x-stream", "begun" } });
                while (await requests.MoveNext(call.CancellationToken))
                    await answers.WriteAsync("echo " + requests.Current);
                call.ResponseTrailers.Add("x-end", "done");
            });
        }
    }
}
