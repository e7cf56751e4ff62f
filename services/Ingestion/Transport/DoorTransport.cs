using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Ingestion.Transport;

/// <summary>How connections come to this service: HTTP/1.1 and HTTP/2 with prior knowledge on the same port, bounded in what each may hold.</summary>
internal static class DoorTransport
{
    /// <summary>What a connection may have sent that nobody has read yet, bytes. Ten thousand stalled ones hold 320 MB at the very most.</summary>
    private const int UnreadBytes = 32 * 1024;

    private const int UnsentBytes = 16 * 1024;

    public static void Configure(WebApplicationBuilder builder, IngestionOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // A connection that was recognised by its preface passes for one with TLS, and its requests say http.
            kestrel.AllowAlternateSchemes = true;
            var limits = kestrel.Limits;
            limits.MaxConcurrentConnections = options.MaxConnections;
            limits.MaxRequestBufferSize = UnreadBytes;
            limits.MaxResponseBufferSize = UnsentBytes;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            limits.MaxRequestHeadersTotalSize = 16 * 1024;
            limits.Http2.InitialConnectionWindowSize = 256 * 1024;
            limits.Http2.InitialStreamWindowSize = 128 * 1024;
            kestrel.ConfigureEndpointDefaults(endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1AndHttp2;
                var time = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
                ((IConnectionBuilder)endpoint).Use(next => PriorKnowledge.Recognise(next, time));
            });
        });
        // Said once for each port without TLS, and not true here.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
    }
}
