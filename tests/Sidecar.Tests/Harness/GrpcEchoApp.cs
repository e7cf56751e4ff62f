using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>A gRPC app with a service of its own, which no sidecar knows: messages are texts.</summary>
internal sealed class GrpcEchoApp : IAsyncDisposable
{
    private static readonly Marshaller<string> Text = Marshallers.StringMarshaller;

    public static readonly Method<string, string> Unary = new(MethodType.Unary, "test.Echo", "Unary", Text, Text);

    public static readonly Method<string, string> Stream = new(MethodType.DuplexStreaming, "test.Echo", "Stream", Text, Text);

    private readonly WebApplication _app;

    private GrpcEchoApp(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>Answers <see cref="Unary"/>; by default with the request. <see cref="Stream"/> echoes each message as it comes.</summary>
    public Func<string, ServerCallContext, Task<string>> Answer { get; set; } = (request, _) => Task.FromResult(request);

    /// <summary>Starts on a free port. With a certificate it speaks TLS.</summary>
    public static async Task<GrpcEchoApp> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton<IServiceMethodProvider<GrpcEchoApp>, Methods>();
        GrpcEchoApp? echo = null;
        builder.Services.AddSingleton(_ => echo!);
        var app = builder.Build();
        echo = new GrpcEchoApp(app);
        app.MapGrpcService<GrpcEchoApp>();
        await app.StartAsync();
        return echo;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
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
