using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>Healthy once every stream takes events.</summary>
internal sealed class StreamsHealthCheck(StreamCatalog catalog) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var waiting = catalog.Streams.Where(stream => stream.Problem is not null).Select(stream => $"stream '{stream.Spec.Topic}': {stream.Problem}").ToList();
        return Task.FromResult(waiting.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join("; ", waiting)));
    }
}
