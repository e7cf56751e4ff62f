using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace RealTimeMesh.Sidecar.Server;

/// <summary>
/// Ends what is left of connections when a sidecar stops. A client that does not close its side of a stream which has ended during
/// the stop can keep Kestrel waiting for seconds: as long as the whole grace is by default.
/// </summary>
internal sealed class OpenConnections(SidecarOptions options, TimeProvider time) : IHostedLifecycleService, IDisposable
{
    private const int TicksOfQuiet = 4;

    private readonly ConcurrentDictionary<ConnectionContext, bool> _connections = new();
    private readonly CancellationTokenSource _stopped = new();
    private Task _ending = Task.CompletedTask;
    private int _requests;

    /// <summary>Watches the connections of a port.</summary>
    public ConnectionDelegate Connections(ConnectionDelegate next) => async connection =>
    {
        _connections[connection] = true;
        try
        {
            await next(connection);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    };

    /// <summary>Counts the requests under way.</summary>
    public RequestDelegate Requests(RequestDelegate next) => context =>
    {
        Interlocked.Increment(ref _requests);
        Task request;
        try
        {
            request = next(context);
        }
        catch
        {
            Interlocked.Decrement(ref _requests);
            throw;
        }

        if (!request.IsCompletedSuccessfully)
            return EndAsync(request);
        Interlocked.Decrement(ref _requests);
        return request;
    };

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before the server stops, which waits for its connections.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _ending = AbortWhenQuietAsync();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopped.CancelAsync();
        await _ending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopped.Dispose();

    private async Task EndAsync(Task request)
    {
        try
        {
            await request;
        }
        finally
        {
            Interlocked.Decrement(ref _requests);
        }
    }

    /// <summary>An answer may still be on its way to the client when its request is no longer under way: hence the time of quiet.</summary>
    private async Task AbortWhenQuietAsync()
    {
        using var timer = new PeriodicTimer(options.ConnectionLinger / TicksOfQuiet, time);
        var quiet = 0;
        while (quiet < TicksOfQuiet && await timer.WaitForNextTickAsync(_stopped.Token))
            quiet = Volatile.Read(ref _requests) == 0 ? quiet + 1 : 0;
        foreach (var connection in _connections.Keys)
            connection.Abort(new ConnectionAbortedException("the sidecar stops and no request is under way"));
    }
}
