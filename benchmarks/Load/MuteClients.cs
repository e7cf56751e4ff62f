using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>Connections that send requests, of which every line is refused so that answers are as long as they get, and never read one.</summary>
internal static class MuteClients
{
    public const int Connections = 100;

    /// <summary>What the client's side takes in by itself: next to nothing, so that answers wait at the server.</summary>
    private const int ReceiveBytes = 4 * 1024;

    /// <summary>Sends as much as is taken; a connection that is cut comes again. Returns requests sent whole, and cuts.</summary>
    public static async Task<(long Requests, long Cuts)> RunAsync(int port, int lines, TimeSpan time, CancellationToken cancellationToken)
    {
        var body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"id\":1}\n", lines)));
        byte[] request = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"POST /v1/streams/{IngestEvents.Plain}/events HTTP/1.1\r\nHost: mesh\r\nContent-Type: application/x-ndjson\r\nContent-Length: {body.Length}\r\n\r\n")), .. body];
        long requests = 0, cuts = 0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(time);
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(RepeatAsync, cancellationToken)));
        return (requests, cuts);

        async Task RepeatAsync()
        {
            while (!limit.IsCancellationRequested)
            {
                try
                {
                    await SendAsync();
                }
                catch (SocketException)
                {
                    // Cut off, which is what should become of it.
                    Interlocked.Increment(ref cuts);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    return;
                }
            }
        }

        async Task SendAsync()
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = ReceiveBytes };
            await socket.ConnectAsync(IPAddress.Loopback, port, limit.Token);
            while (true)
            {
                for (var sent = 0; sent < request.Length;)
                    sent += await socket.SendAsync(request.AsMemory(sent), limit.Token);
                Interlocked.Increment(ref requests);
            }
        }
    }
}
