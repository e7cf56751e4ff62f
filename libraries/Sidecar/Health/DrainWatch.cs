using Microsoft.Extensions.Hosting;

namespace RealTimeMesh.Sidecar.Health;

/// <summary>Registered before the parts that deliver, so that its turn to stop comes after theirs.</summary>
internal sealed class DrainWatch(SidecarEnding ending) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        ending.SetDrained();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
