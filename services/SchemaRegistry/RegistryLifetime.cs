namespace RealTimeMesh.SchemaRegistry;

/// <summary>Opens the registry before the first request is accepted: a folder that cannot be used stops the start.</summary>
internal sealed class RegistryLifetime(Registry registry) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        registry.Open();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
