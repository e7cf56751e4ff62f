using Microsoft.Extensions.Hosting;
using RealTimeMesh.Ingestion.Keys;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>
/// Publishes and counts what waits when the service stops. It starts first and so stops last among this service's
/// workers, within the host's shutdown time.
/// </summary>
internal sealed class DrainOnStop(StreamCatalog catalog, IdempotencyKeys keys) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var stream in catalog.Streams)
        {
            await stream.Publisher.DrainAsync(cancellationToken);
            await stream.Ledger.DrainAsync(cancellationToken);
        }

        await keys.ReleaseAsync(cancellationToken);
    }
}
