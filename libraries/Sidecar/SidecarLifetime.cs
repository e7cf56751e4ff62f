using Microsoft.Extensions.Hosting;

namespace RealTimeMesh.Sidecar;

/// <summary>Leaves signals to the process that holds the sidecar: it knows in which order its parts stop.</summary>
internal sealed class SidecarLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
