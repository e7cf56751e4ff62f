namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>Counters of policies: <c>dapr_resiliency_loaded</c>, <c>_count</c>, <c>_activations_total</c> and <c>_cb_state</c>.</summary>
internal interface IResiliencyMetrics
{
    void Loaded(string name, string @namespace);

    /// <summary>A policy applies to a call. With a circuit breaker, its state is <see cref="PolicyUse.Status"/> and the gauge follows it.</summary>
    void Executed(in PolicyUse use);

    /// <summary>A policy acted: a first retry, a timeout, a change of a breaker's state.</summary>
    void Activated(in PolicyUse use);
}

/// <summary>The labels of a policy's counters, with daprd's values.</summary>
/// <param name="Name">The Resiliency document read last: daprd counts everything under its name.</param>
/// <param name="Policy"><c>timeout</c>, <c>retry</c> or <c>circuitbreaker</c>.</param>
/// <param name="FlowDirection"><c>inbound</c> or <c>outbound</c>.</param>
/// <param name="Target"><c>app_ID</c> or <c>TYPE_NAME</c> of a component.</param>
/// <param name="Status">State of a circuit breaker, else empty.</param>
internal readonly record struct PolicyUse(string Name, string Namespace, string Policy, string FlowDirection, string Target, string Status);

internal sealed class NoResiliencyMetrics : IResiliencyMetrics
{
    public static NoResiliencyMetrics Instance { get; } = new();

    public void Loaded(string name, string @namespace)
    {
    }

    public void Executed(in PolicyUse use)
    {
    }

    public void Activated(in PolicyUse use)
    {
    }
}
