using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Streaming;

namespace RealTimeMesh.StreamProcessor;

/// <summary>
/// Reads the stored positions at start, so that the ledger is right before the first event. The sidecar may come up
/// after this service, so an unreachable store is waited for; deliveries need not wait for this.
/// </summary>
internal sealed class Restorer(StreamSet streams, ProcessorOptions options, TimeProvider time, ILogger<Restorer> log) : BackgroundService
{
    private volatile string? _waitingFor = "the first attempt to read the stored positions";

    /// <summary>Why the service is not ready; null once it is.</summary>
    public string? WaitingFor => _waitingFor;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        IEnumerable<(string Name, Func<CancellationToken, Task> Restore)> engines =
        [
            .. streams.Workers.Select(worker => (worker.Engine.Stream.Topic, (Func<CancellationToken, Task>)worker.Engine.RestoreAsync)),
            .. streams.Flows.Select(flow => (flow.Engine.Plan.Name, (Func<CancellationToken, Task>)flow.Engine.RestoreAsync)),
        ];
        foreach (var (name, restore) in engines)
        {
            while (!await TryRestoreAsync(name, restore, stoppingToken))
                await Task.Delay(options.RestoreRetry, time, stoppingToken);
        }

        _waitingFor = null;
    }

    private async Task<bool> TryRestoreAsync(string name, Func<CancellationToken, Task> restore, CancellationToken cancellationToken)
    {
        try
        {
            await restore(cancellationToken);
            return true;
        }
        catch (RpcException exception)
        {
            Wait(exception.Status.Detail, reason => log.WaitingForState(reason));
        }
        catch (StreamingException exception)
        {
            Wait(exception.Message, reason => log.StateUnusable(name, reason));
        }

        cancellationToken.ThrowIfCancellationRequested();
        return false;
    }

    /// <summary>Remembers the reason and logs it when it is a new one.</summary>
    private void Wait(string reason, Action<string> write)
    {
        if (_waitingFor != reason)
            write(reason);
        _waitingFor = reason;
    }
}

/// <summary>Healthy once the stored positions are read.</summary>
internal sealed class RestoredHealthCheck(Restorer restorer) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(restorer.WaitingFor is { } reason ? HealthCheckResult.Unhealthy($"positions are not restored: {reason}") : HealthCheckResult.Healthy());
}
