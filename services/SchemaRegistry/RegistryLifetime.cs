using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using RealTimeMesh.SchemaRegistry.Storage;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>
/// Opens the registry before the first request is accepted (a folder that cannot be used stops the start), tells others
/// where it listens, and takes over writing when the process that did it is gone.
/// </summary>
internal sealed class RegistryLifetime(RegistryStore store, IServer server, IConfiguration configuration, TimeProvider time, ILogger<RegistryLifetime> logger) : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        store.Open();
        return base.StartAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (Address() is { } address)
            store.Announce(address);

        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, time);
        while (!store.IsWriter)
        {
            try
            {
                store.TakeOver();
                await timer.WaitForNextTickAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                Log.TakeOverFailed(logger, e, store.Folder);
                await timer.WaitForNextTickAsync(stoppingToken);
            }
        }
    }

    private string? Address()
    {
        if (configuration["SCHEMA_REGISTRY_ADVERTISED_URL"] is { Length: > 0 } told)
            return told;

        // Other machines reach an address for all interfaces by this machine's name.
        return server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()?
            .Replace("[::]", Environment.MachineName, StringComparison.Ordinal)
            .Replace("0.0.0.0", Environment.MachineName, StringComparison.Ordinal)
            .Replace("*", Environment.MachineName, StringComparison.Ordinal)
            .Replace("+", Environment.MachineName, StringComparison.Ordinal);
    }
}
