using System.Net;
using System.Net.Sockets;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>The way to an app, which a test can break off and make slow to open: connections are taken at once and served later.</summary>
internal sealed class AppRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private readonly int _appPort;
    private readonly Task _accepting;
    private List<Socket> _accepted = [];
    private TimeSpan _stall;

    public AppRelay(int appPort)
    {
        _appPort = appPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections so far.</summary>
    public int Count { get; private set; }

    /// <summary>How long a new connection waits from here on.</summary>
    public void Stall(TimeSpan duration) => _stall = duration;

    /// <summary>Ends all connections, stalled ones too.</summary>
    public void CloseAccepted()
    {
        lock (_gate)
        {
            foreach (var socket in _accepted)
                socket.Dispose();
            _accepted = [];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Dispose();
        await _accepting;
        CloseAccepted();
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_ended.Token);
                lock (_gate)
                {
                    Count++;
                    _accepted.Add(socket);
                }

                _ = ServeAsync(socket, _stall);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // Ended.
        }
    }

    private async Task ServeAsync(Socket socket, TimeSpan stall)
    {
        try
        {
            using var app = new TcpClient();
            await using var near = new NetworkStream(socket, ownsSocket: true);
            await Task.Delay(stall, TimeProvider.System, _ended.Token);
            await app.ConnectAsync(IPAddress.Loopback, _appPort, _ended.Token);
            var far = app.GetStream();
            await Task.WhenAny(near.CopyToAsync(far, _ended.Token), far.CopyToAsync(near, _ended.Token));
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One of the two has gone.
        }
    }
}
