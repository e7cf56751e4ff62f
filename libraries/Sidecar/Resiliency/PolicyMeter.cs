namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>Counts what the policies of one target do.</summary>
internal sealed class PolicyMeter(IResiliencyMetrics metrics, string name, string @namespace, bool inbound, string target)
{
    private const string Timeout = "timeout";
    private const string Retry = "retry";
    private const string Breaker = "circuitbreaker";

    private readonly string _direction = inbound ? "inbound" : "outbound";

    /// <summary>The runner's policies apply to a further call.</summary>
    public void Executed(PolicyRunner runner)
    {
        if (runner.Timeout != TimeSpan.Zero)
            metrics.Executed(Use(Timeout));
        if (runner.Retry is not null)
            metrics.Executed(Use(Retry));
        if (runner.Breaker is { } breaker)
            metrics.Executed(Use(Breaker, CircuitBreaker.TextOf(breaker.State)));
    }

    public void TimeoutActivated() => metrics.Activated(Use(Timeout));

    public void RetryActivated() => metrics.Activated(Use(Retry));

    public void BreakerChanged(CircuitBreaker breaker) => metrics.Activated(Use(Breaker, CircuitBreaker.TextOf(breaker.State)));

    private PolicyUse Use(string policy, string status = "") => new(name, @namespace, policy, _direction, target, status);
}
