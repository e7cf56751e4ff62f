namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>A resource of kind <c>Resiliency</c> (dapr.io/v1alpha1), as written.</summary>
internal sealed record ResiliencyDocument
{
    public string Name { get; init; } = "";

    public string Namespace { get; init; } = "";

    /// <summary>App ids it is for; empty for all.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    public IReadOnlyDictionary<string, string> Timeouts { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, RetryText> Retries { get; init; } = new Dictionary<string, RetryText>();

    public IReadOnlyDictionary<string, BreakerText> CircuitBreakers { get; init; } = new Dictionary<string, BreakerText>();

    public IReadOnlyDictionary<string, TargetText> Apps { get; init; } = new Dictionary<string, TargetText>();

    public IReadOnlyDictionary<string, TargetText> Actors { get; init; } = new Dictionary<string, TargetText>();

    public IReadOnlyDictionary<string, ComponentTargetText> Components { get; init; } = new Dictionary<string, ComponentTargetText>();

    public bool IsFor(string appId) => Scopes.Count == 0 || Scopes.Contains(appId, StringComparer.Ordinal);
}

/// <summary>The fields daprd reads of a retry policy; empty where absent.</summary>
internal sealed record RetryText(string Policy, string Duration, string MaxInterval, long? MaxRetries, string HttpStatusCodes, string GrpcStatusCodes);

internal sealed record BreakerText(long MaxRequests, string Interval, string Timeout, string Trip);

/// <summary>Names of the policies of a target; empty where it has none.</summary>
internal sealed record TargetText(string Timeout, string Retry, string CircuitBreaker, string CircuitBreakerScope, long CircuitBreakerCacheSize)
{
    public static TargetText Empty { get; } = new("", "", "", "", 0);
}

internal sealed record ComponentTargetText(TargetText Inbound, TargetText Outbound);
