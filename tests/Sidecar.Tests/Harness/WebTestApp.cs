using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>An HTTP app with one handler for every verb and path.</summary>
internal sealed class WebTestApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebTestApp(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>Starts on a free port, or on a given one. With a certificate it speaks TLS, and asks callers for theirs if told so.</summary>
    public static async Task<WebTestApp> StartAsync(RequestDelegate handle, int port = 0, HttpProtocols protocols = HttpProtocols.Http1, X509Certificate2? certificate = null, Func<X509Certificate2, bool>? client = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = protocols;
                if (certificate is not null)
                {
                    listen.UseHttps(certificate, https =>
                    {
                        https.ClientCertificateMode = client is null ? ClientCertificateMode.NoCertificate : ClientCertificateMode.RequireCertificate;
                        if (client is not null)
                            https.ClientCertificateValidation = (found, _, _) => client(found);
                    });
                }
            });
        });
        var app = builder.Build();
        app.Run(handle);
        await app.StartAsync();
        return new WebTestApp(app);
    }

    /// <summary>The path as it was sent, before the server's decoding.</summary>
    public static string RawTarget(HttpContext context) => context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;

    public async ValueTask DisposeAsync()
    {
        await TestHosts.EndAsync(_app);
    }
}
