using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Telemetry;

/// <summary>Counts what resiliency policies do.</summary>
internal sealed class ResiliencyMetrics(SidecarMetrics metrics) : IResiliencyMetrics
{
    public void Loaded(string name, string @namespace) => metrics.PolicyLoaded(name, @namespace);

    public void Executed(in PolicyUse use) => metrics.PolicyExecuted(use.Name, use.Namespace, use.Policy, use.FlowDirection, use.Target, use.Status);

    public void Activated(in PolicyUse use) => metrics.PolicyActivated(use.Name, use.Namespace, use.Policy, use.FlowDirection, use.Target, use.Status);
}
