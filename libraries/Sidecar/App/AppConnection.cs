using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.App;

/// <summary>Waits for the app to listen on its port, then watches its health.</summary>
internal sealed class AppConnection(SidecarOptions options, AppHealth health, AppChannel http, AppGrpc grpc, TimeProvider time, ILogger<AppConnection> logger)
    : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DialTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>A line in the log for so many polls.</summary>
    private const int PollsPerLine = 100;

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _discovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;

    public bool HasApp => options.AppPort > 0;

    /// <summary>True as soon as the app takes connections; at once where there is no app.</summary>
    public bool IsDiscovered => _discovered.Task.IsCompletedSuccessfully;

    /// <summary>Ends when the app takes connections; at once where there is no app.</summary>
    public Task DiscoveredAsync(CancellationToken cancellationToken) => _discovered.Task.WaitAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Last of all: while requests and deliveries end, the app's health still counts.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (HasApp)
                await WaitAsync(cancellationToken);
            else
                Log.NoAppChannel(logger);
            if (options.AppMaxConcurrency > 0)
                Log.AppConcurrency(logger, options.AppMaxConcurrency);
            _discovered.TrySetResult();
            await health.RunAsync(options.AppProtocol.IsGrpc() ? grpc.ProbeAsync : http.ProbeAsync, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped before the app came.
        }
        catch (Exception exception)
        {
            // Whoever waits for the app learns of it, and readiness stays off.
            Log.AppConnectionFailed(logger, exception, options.AppPort);
            _discovered.TrySetException(exception);
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        Log.WaitingOnPort(logger, options.AppProtocol.Name(), options.AppPort);
        for (var polls = 1; !await IsListeningAsync(cancellationToken); polls++)
        {
            await Task.Delay(Poll, time, cancellationToken);
            if (polls % PollsPerLine == 0)
                Log.WaitingForApp(logger, options.AppPort);
        }

        Log.AppDiscovered(logger, options.AppPort);
    }

    private async Task<bool> IsListeningAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(DialTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(options.AppAddress, options.AppPort, linked.Token);
            if (options.AppProtocol.HasTls())
                await ShakeHandsAsync(socket, linked.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or IOException or AuthenticationException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task ShakeHandsAsync(Socket socket, CancellationToken cancellationToken)
    {
        await using var stream = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false);
        await stream.AuthenticateAsClientAsync(AppTransport.TlsOptions(options), cancellationToken);
    }
}
