using Microsoft.Extensions.Hosting;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>Lifetime of a service that another program starts and stops: reacts to no signal.</summary>
internal sealed class HostedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
