using Microsoft.Extensions.Hosting;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Subscriptions;

namespace RealTimeMesh.Sidecar.Health;

/// <summary>How a sidecar ends. A service of the application, for the process that holds it.</summary>
public sealed class SidecarEnding
{
    private readonly IHostApplicationLifetime _lifetime;
    private readonly AppHealth _health;
    private readonly SubscriptionHost _subscriptions;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _fault;

    internal SidecarEnding(IHostApplicationLifetime lifetime, AppHealth health, SubscriptionHost subscriptions, TimeProvider time)
    {
        _lifetime = lifetime;
        _health = health;
        _subscriptions = subscriptions;
        _time = time;
    }

    /// <summary>Why the sidecar cannot go on; null where it was asked to stop.</summary>
    public string? Fault => _fault;

    /// <summary>Ends when the sidecar stops and its deliveries have ended: the time for a graceful stop counts from here.</summary>
    public Task Drained => _drained.Task;

    /// <summary>
    /// Holds a stop back: deliveries end, the API goes on, until the app is unhealthy or the time is over.
    /// </summary>
    /// <returns>True where the app turned unhealthy.</returns>
    public async Task<bool> BlockAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var unhealthy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _health.Changed += Observe;
        try
        {
            var stopped = _subscriptions.StopDeliveriesAsync(over.Token);
            // An app that is not healthy has nothing to finish.
            if (!_health.IsHealthy)
                unhealthy.TrySetResult();
            var ended = await Task.WhenAny(unhealthy.Task, Task.Delay(duration, _time, over.Token));
            await over.CancelAsync();
            await stopped.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            return ended == unhealthy.Task;
        }
        finally
        {
            _health.Changed -= Observe;
        }

        void Observe(AppStatus status)
        {
            if (!status.IsHealthy)
                unhealthy.TrySetResult();
        }
    }

    /// <summary>Ends the sidecar because of a fault.</summary>
    internal void Fail(string fault)
    {
        _fault ??= fault;
        _lifetime.StopApplication();
    }

    internal void SetDrained() => _drained.TrySetResult();
}
