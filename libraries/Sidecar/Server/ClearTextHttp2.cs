using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>
/// HTTP/2 without TLS on a port of HTTP/1.1 (RFC 9113, section 3.3): Kestrel serves only one of them on such a port, so a
/// connection that begins with HTTP/2's preface is handed to the pipeline of a port that speaks nothing else.
/// </summary>
internal sealed class ClearTextHttp2
{
    private static readonly byte[] Preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8];

    private ConnectionDelegate? _http2;

    /// <summary>Remembers the pipeline of an HTTP/2 port.</summary>
    public ConnectionDelegate Offer(ConnectionDelegate next)
    {
        _http2 ??= next;
        return next;
    }

    /// <summary>Serves HTTP/2 on a connection that has agreed on it.</summary>
    public Task RunAsync(ConnectionContext connection) =>
        _http2 is { } http2 ? http2(connection) : throw new InvalidOperationException("no HTTP/2 port is open; expected one before the HTTP port");

    /// <summary>Looks at the first bytes of each connection.</summary>
    public ConnectionDelegate Accept(ConnectionDelegate next) => async connection =>
    {
        var pipeline = _http2 is { } http2 && await BeginsWithPrefaceAsync(connection) ? http2 : next;
        await pipeline(connection);
    };

    private static async ValueTask<bool> BeginsWithPrefaceAsync(ConnectionContext connection)
    {
        // A connection that says nothing must not hold up the server's stop.
        var requested = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, requested);
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

            var length = (int)Math.Min(read.Buffer.Length, Preface.Length);
            var equal = Matches(read.Buffer.Slice(0, length));
            var decided = !equal || length == Preface.Length || read.IsCompleted || read.IsCanceled;
            input.AdvanceTo(read.Buffer.Start, decided ? read.Buffer.Start : read.Buffer.End);
            if (decided)
                return equal && length == Preface.Length;
        }
    }

    private static bool Matches(in ReadOnlySequence<byte> start)
    {
        var at = 0;
        foreach (var segment in start)
        {
            if (!segment.Span.SequenceEqual(Preface.AsSpan(at, segment.Length)))
                return false;
            at += segment.Length;
        }

        return true;
    }
}
