using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>
/// HTTP/2 without TLS on the ports of HTTP/1.1 (RFC 9113, section 3.3): Kestrel serves only one of them on such a port, so a
/// connection that begins with HTTP/2's preface is handed to the pipeline of an endpoint that speaks nothing else and
/// that nobody can connect to.
/// </summary>
public static class ClearTextHttp2
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    private static ReadOnlySpan<byte> PrefaceBytes => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Serves both on every <c>http://</c> address of the application. Call it after the addresses are set.</summary>
    public static WebApplicationBuilder AddHttp2WithoutTls(this WebApplicationBuilder builder)
    {
        var urls = (builder.Configuration[WebHostDefaults.ServerUrlsKey] ?? "http://localhost:5000").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var addresses = urls.Select(BindingAddress.Parse).ToArray();
        // TLS agrees on the protocol by itself, and needs Kestrel's own reading of the addresses.
        if (addresses.Any(address => !address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) || address.IsUnixPipe))
            return builder;
        // The addresses are opened below, of which Kestrel warns as if that were a mistake.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error);
        builder.Services.AddSingleton<IConnectionListenerFactory, NowhereListenerFactory>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var http2 = new TaskCompletionSource<ConnectionDelegate>(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (var address in addresses)
                Listen(kestrel, address, listen => listen.Use(next => connection => ServeAsync(connection, next, http2.Task)));
            kestrel.Listen(new NowhereEndPoint(), listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Use(next =>
                {
                    http2.TrySetResult(next);
                    return next;
                });
            });
        });
        return builder;
    }

    private static void Listen(KestrelServerOptions kestrel, BindingAddress address, Action<ListenOptions> configure)
    {
        void Http1(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            configure(listen);
        }

        if (address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            kestrel.ListenLocalhost(address.Port, Http1);
        else if (IPAddress.TryParse(address.Host, out var ip))
            kestrel.Listen(ip, address.Port, Http1);
        else
            kestrel.ListenAnyIP(address.Port, Http1);
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate http1, Task<ConnectionDelegate> http2)
    {
        var pipeline = await IsHttp2Async(connection) ? await http2 : http1;
        await pipeline(connection);
    }

    private static async Task<bool> IsHttp2Async(ConnectionContext connection)
    {
        // A connection that says nothing must not hold up the server's stop.
        var requested = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, requested);
        // Nor stay for ever: the pipeline has limits of its own for those.
        ended.CancelAfter(Silence);
        return await BeginsWithPrefaceAsync(connection.Transport.Input, ended.Token);
    }

    private static async ValueTask<bool> BeginsWithPrefaceAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read;
            try
            {
                read = await input.ReadAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ConnectionAbortedException or ConnectionResetException)
            {
                // The pipeline meets the same end and deals with it.
                return false;
            }

            var start = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, Preface.Length)).ToArray();
            var equal = PrefaceBytes.StartsWith(start);
            var decided = !equal || start.Length == Preface.Length || read.IsCompleted || read.IsCanceled;
            input.AdvanceTo(read.Buffer.Start, decided ? read.Buffer.Start : read.Buffer.End);
            if (decided)
                return equal && start.Length == Preface.Length;
        }
    }

    private sealed class NowhereEndPoint : EndPoint
    {
        public override string ToString() => "http2";
    }

    /// <summary>Opens the endpoint that nobody can connect to.</summary>
    private sealed class NowhereListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
    {
        public bool CanBind(EndPoint endpoint) => endpoint is NowhereEndPoint;

        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => new(new NowhereListener(endpoint));
    }

    private sealed class NowhereListener(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => await _closed.Task.WaitAsync(cancellationToken);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _closed.TrySetResult(null);
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
