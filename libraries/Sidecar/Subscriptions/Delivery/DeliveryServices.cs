using Microsoft.Extensions.Logging;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Resiliency;
using RealTimeMesh.Sidecar.Telemetry;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>What a delivery needs of the sidecar.</summary>
internal sealed record DeliveryServices(TimeProvider Time, SidecarMetrics Metrics, SidecarTracing Tracing, ResiliencyProvider Resiliency, ILogger Logger);

/// <summary>A way to settle batches of a broker: by handing them to a subscriber, by dead letters, or not at all.</summary>
internal interface IDelivery
{
    /// <param name="closing">Cancelled when the subscription ends: attempts that run may end, nothing is tried again.</param>
    /// <param name="cancellationToken">Ends running attempts.</param>
    Task<BatchOutcome> DeliverAsync(DeliveryBatch batch, CancellationToken closing, CancellationToken cancellationToken);
}

/// <summary>How a batch ended.</summary>
/// <param name="IsUnreachable">The subscriber gave no usable answer: it is not to be asked again at once.</param>
internal readonly record struct BatchOutcome(DeliveryResult Result, bool IsUnreachable = false);
