using System.Diagnostics;

namespace RealTimeMesh.Sidecar.Telemetry;

/// <summary>Spans of publish and delivery, made only when somebody listens.</summary>
internal sealed class SidecarTracing : IDisposable
{
    private readonly ActivitySource _source = new("RealTimeMesh.Sidecar");

    public void Dispose() => _source.Dispose();

    public Activity? StartPublish(string topic, string? traceParent, int count) => Start($"publish {topic}", ActivityKind.Producer, topic, traceParent, count);

    public Activity? StartDelivery(string topic, string? traceParent, int count) => Start($"deliver {topic}", ActivityKind.Consumer, topic, traceParent, count);

    public bool IsListenedTo => _source.HasListeners();

    private Activity? Start(string name, ActivityKind kind, string topic, string? traceParent, int count)
    {
        if (!_source.HasListeners())
            return null;
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        var activity = _source.StartActivity(name, kind, parent);
        activity?.SetTag("messaging.system", "dapr");
        activity?.SetTag("messaging.destination.name", topic);
        activity?.SetTag("messaging.batch.message_count", count);
        return activity;
    }
}
