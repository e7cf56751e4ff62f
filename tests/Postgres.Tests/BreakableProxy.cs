using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.Postgres.Tests;

/// <summary>A road to a server that can be broken: by resets on one or both sides, or by silence.</summary>
internal sealed class BreakableProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<(Socket Client, Socket Server)> _pairs = [];
    private readonly int _target;
    private readonly Task _accepting;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _left = long.MaxValue;
    private volatile bool _silent;

    public BreakableProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Passes so many bytes from the server, then resets all connections.</summary>
    public void BreakAfter(long bytes) => Interlocked.Exchange(ref _left, bytes);

    /// <summary>Completes once <see cref="BreakAfter"/> has broken them.</summary>
    public Task Broken => _ended.Task;

    /// <summary>Nothing passes any more, in either direction; nobody is told.</summary>
    public void Silence() => _silent = true;

    /// <summary>All connections end with a reset; new ones pass.</summary>
    public void Reset() => Reset(server: true);

    /// <summary>The client's side alone is reset: the server thinks it is still there.</summary>
    public void ResetClient() => Reset(server: false);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        Reset();
        await _accepting;
        _stopping.Dispose();
    }

    private void Reset(bool server)
    {
        lock (_pairs)
        {
            foreach (var (client, other) in _pairs)
            {
                // Without waiting: a reset.
                client.Close(0);
                if (server)
                    other.Close(0);
            }

            if (server)
                _pairs.Clear();
        }

        Interlocked.Exchange(ref _left, long.MaxValue);
        _silent = false;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stopping.Token);
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await server.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
                lock (_pairs)
                    _pairs.Add((client, server));
                _ = PassAsync(client, server, counted: false);
                _ = PassAsync(server, client, counted: true);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }

    private async Task PassAsync(Socket from, Socket to, bool counted)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stopping.Token) is > 0 and var count)
            {
                if (counted && Interlocked.Add(ref _left, -count) < 0)
                {
                    Reset();
                    _ended.TrySetResult();
                    return;
                }

                for (var sent = 0; sent < count && !_silent;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stopping.Token);
            }

            // Silence hides the end of one side from the other, too.
            if (!_silent)
                to.Close();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One side is gone; where the client's alone was reset, the other stays as it is.
        }
    }
}
