using System.Net;
using System.Security.Cryptography.X509Certificates;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>How the apps of tests start and end.</summary>
internal static class TestHosts
{
    /// <summary>Starts a gRPC server without logs on a port of loopback; 0 takes a free one. With a certificate it speaks TLS.</summary>
    public static async Task<WebApplication> StartGrpcAsync<TApp>(TApp app, IServiceMethodProvider<TApp> methods, int port = 0, X509Certificate2? certificate = null)
        where TApp : class
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(app);
        builder.Services.AddSingleton(methods);
        var server = builder.Build();
        server.MapGrpcService<TApp>();
        await server.StartAsync();
        return server;
    }

    /// <summary>Ends a server at once: what is under way is cut off.</summary>
    public static async Task EndAsync(WebApplication server)
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await server.StopAsync(now.Token);
        await server.DisposeAsync();
    }
}
