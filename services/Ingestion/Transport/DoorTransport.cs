using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace RealTimeMesh.Ingestion.Transport;

/// <summary>Bounds what a connection may hold before anyone reads it, and for how long.</summary>
internal static class DoorTransport
{
    /// <summary>What a connection may have sent that nobody has read yet, bytes. Ten thousand stalled ones hold 320 MB at the very most.</summary>
    private const int UnreadBytes = 32 * 1024;

    private const int UnsentBytes = 16 * 1024;

    /// <summary>
    /// Bytes of answers that the system keeps for a connection whose client does not read; it doubles them for its own use.
    /// By itself it would keep 4 MB for each before anyone here noticed.
    /// </summary>
    private const int SystemUnsentBytes = 64 * 1024;

    /// <summary>The server looks once a second.</summary>
    private static readonly TimeSpan ShortestGrace = TimeSpan.FromSeconds(2);

    public static void Configure(WebApplicationBuilder builder, IngestionOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var limits = kestrel.Limits;
            limits.MaxConcurrentConnections = options.MaxConnections;
            limits.MaxRequestBufferSize = UnreadBytes;
            limits.MaxResponseBufferSize = UnsentBytes;
            limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            limits.MinResponseDataRate = new MinDataRate(options.MinAnswerBytesPerSecond, options.AnswerTimeout > ShortestGrace ? options.AnswerTimeout : ShortestGrace);
            limits.MaxRequestHeadersTotalSize = 16 * 1024;
            // Clients that know nothing of percent encoding write ISO 8859-1 or UTF-8: which of them shows in the bytes.
            kestrel.RequestHeaderEncodingSelector = static name => name.StartsWith("ce-", StringComparison.OrdinalIgnoreCase) ? Encoding.Latin1 : null;
            limits.Http2.InitialConnectionWindowSize = 256 * 1024;
            limits.Http2.InitialStreamWindowSize = 128 * 1024;
        });
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = Listen);
    }

    /// <summary>Accepted sockets have what the listening one has.</summary>
    private static Socket Listen(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        if (socket.ProtocolType == ProtocolType.Tcp)
            socket.SendBufferSize = SystemUnsentBytes;
        return socket;
    }
}
