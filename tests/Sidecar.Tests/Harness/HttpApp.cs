using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>An app whose every request goes to one handler.</summary>
internal sealed class HttpApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HttpApp(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>Starts on a port, or on a free one.</summary>
    public static async Task<HttpApp> StartAsync(RequestDelegate handle, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1));
        var app = builder.Build();
        app.Run(handle);
        await app.StartAsync();
        return new HttpApp(app);
    }

    public async ValueTask DisposeAsync()
    {
        await TestHosts.EndAsync(_app);
    }
}
