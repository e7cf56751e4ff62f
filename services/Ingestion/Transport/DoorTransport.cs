using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace RealTimeMesh.Ingestion.Transport;

/// <summary>Bounds what a connection may hold before anyone reads it.</summary>
internal static class DoorTransport
{
    /// <summary>What a connection may have sent that nobody has read yet, bytes. Ten thousand stalled ones hold 320 MB at the very most.</summary>
    private const int UnreadBytes = 32 * 1024;

    private const int UnsentBytes = 16 * 1024;

    public static void Configure(WebApplicationBuilder builder, IngestionOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var limits = kestrel.Limits;
            limits.MaxConcurrentConnections = options.MaxConnections;
            limits.MaxRequestBufferSize = UnreadBytes;
            limits.MaxResponseBufferSize = UnsentBytes;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            limits.MaxRequestHeadersTotalSize = 16 * 1024;
            // Clients that know nothing of percent encoding write ISO 8859-1 or UTF-8: which of them shows in the bytes.
            kestrel.RequestHeaderEncodingSelector = static name => name.StartsWith("ce-", StringComparison.OrdinalIgnoreCase) ? Encoding.Latin1 : null;
            limits.Http2.InitialConnectionWindowSize = 256 * 1024;
            limits.Http2.InitialStreamWindowSize = 128 * 1024;
        });
    }
}
