using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RealTimeMesh.Benchmarks.Load;

/// <summary>Ten thousand connections, each with one NDJSON request that is open for long.</summary>
internal sealed class ManyClients : IAsyncDisposable
{
    public const int Connections = 10_000;

    private readonly List<Socket> _sockets = new(Connections);

    private ManyClients()
    {
    }

    public static async Task<ManyClients> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var clients = new ManyClients();
        for (var i = 0; i < Connections; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            clients._sockets.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        }

        return clients;
    }

    /// <summary>Begins the requests.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) =>
        SendAsync(Encoding.ASCII.GetBytes($"POST /v1/streams/{IngestEvents.Plain}/events HTTP/1.1\r\nHost: mesh\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"), cancellationToken);

    /// <summary>Sends a line on each.</summary>
    public Task SendLineAsync(CancellationToken cancellationToken)
    {
        var line = IngestEvents.Lines(1, 1);
        return SendAsync([.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{line.Length:x}\r\n")), .. line, .. "\r\n"u8], cancellationToken);
    }

    /// <summary>Ends the requests and returns how many were answered with 202.</summary>
    public async Task<int> FinishAsync(CancellationToken cancellationToken)
    {
        await SendAsync("0\r\n\r\n"u8.ToArray(), cancellationToken);
        var accepted = 0;
        foreach (var socket in _sockets)
            accepted += await IsAcceptedAsync(socket, cancellationToken) ? 1 : 0;
        return accepted;
    }

    public ValueTask DisposeAsync()
    {
        _sockets.ForEach(socket => socket.Dispose());
        return default;
    }

    private async Task SendAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        foreach (var socket in _sockets)
            await socket.SendAsync(bytes, cancellationToken);
    }

    private static async Task<bool> IsAcceptedAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[512];
        try
        {
            var count = await socket.ReceiveAsync(buffer, cancellationToken);
            return Encoding.ASCII.GetString(buffer, 0, count).StartsWith("HTTP/1.1 202", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
