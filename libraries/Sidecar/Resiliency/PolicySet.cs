using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>
/// All policies and targets by name. Documents are read one after the other, later ones over earlier ones. What a
/// document says before its first fault stays, as in daprd.
/// </summary>
internal sealed class PolicySet
{
    private const long LeastBuiltInRetries = 3;

    private readonly ILogger _logger;

    public PolicySet(ILogger logger)
    {
        _logger = logger;
        Retries = BuiltInPolicies.Create();
    }

    public Dictionary<string, TimeSpan> Timeouts { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, RetryPolicy> Retries { get; }

    public Dictionary<string, CircuitBreakerPolicy> CircuitBreakers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, TargetText> Apps { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, ComponentTargetText> Components { get; } = new(StringComparer.Ordinal);

    /// <exception cref="InvalidPolicyException">The document is invalid.</exception>
    public void Read(ResiliencyDocument document)
    {
        ReadTimeouts(document);
        foreach (var (name, retry) in document.Retries)
            ReadRetry(name, retry);
        foreach (var (name, breaker) in document.CircuitBreakers)
            CircuitBreakers[name] = PolicyDecoding.Breaker(name, breaker);
        foreach (var (name, target) in document.Apps)
        {
            CheckCacheSize(target);
            Apps[name] = target;
        }

        foreach (var target in document.Actors.Values)
            CheckActor(target);
        foreach (var (name, target) in document.Components)
            Components[name] = target;
    }

    /// <summary>Logs each policy that a target names and no document defines.</summary>
    public void TellUnknown()
    {
        foreach (var (name, target) in Apps)
            TellUnknown("app " + name, target);
        foreach (var (name, target) in Components)
        {
            TellUnknown($"component {name} inbound", target.Inbound);
            TellUnknown($"component {name} outbound", target.Outbound);
        }
    }

    private void ReadTimeouts(ResiliencyDocument document)
    {
        foreach (var (name, text) in document.Timeouts)
            Timeouts[name] = PolicyDuration.TryParse(text, out var error) ?? throw new InvalidPolicyException($"invalid duration \"{name}\", {text}: {error}");
    }

    private void ReadRetry(string name, RetryText text)
    {
        var retry = PolicyDecoding.Retry(name, text);
        if (name == BuiltInPolicies.ActorNotFoundRetries)
        {
            Log.ProtectedPolicyKept(_logger, name);
            return;
        }

        if (BuiltInPolicies.IsBuiltIn(name) && retry.MaxRetries < LeastBuiltInRetries)
        {
            Log.BuiltInRetryRaised(_logger, name);
            retry = retry with { MaxRetries = LeastBuiltInRetries };
        }

        Retries[name] = retry with { HttpCodes = RetryPolicy.ParseHttpCodes(text.HttpStatusCodes), GrpcCodes = RetryPolicy.ParseGrpcCodes(text.GrpcStatusCodes) };
    }

    private static void CheckActor(TargetText target)
    {
        if (target.CircuitBreaker.Length > 0)
        {
            if (target.CircuitBreakerScope.Length == 0)
                throw new InvalidPolicyException("actor circuit breakers must include scope");
            if (target.CircuitBreakerScope is not ("type" or "id" or "both"))
                throw new InvalidPolicyException($"unknown circuit breaker scope \"{target.CircuitBreakerScope}\"");
        }

        CheckCacheSize(target);
    }

    private static void CheckCacheSize(TargetText target)
    {
        if (target.CircuitBreakerCacheSize is < 0 or > int.MaxValue)
            throw new InvalidPolicyException("must provide a positive size");
    }

    private void TellUnknown(string target, TargetText names)
    {
        if (names.Timeout.Length > 0 && !Timeouts.ContainsKey(names.Timeout))
            Log.PolicyUnknown(_logger, target, "timeout", names.Timeout);
        if (names.Retry.Length > 0 && !Retries.ContainsKey(names.Retry))
            Log.PolicyUnknown(_logger, target, "retry", names.Retry);
        if (names.CircuitBreaker.Length > 0 && !CircuitBreakers.ContainsKey(names.CircuitBreaker))
            Log.PolicyUnknown(_logger, target, "circuit breaker", names.CircuitBreaker);
    }
}
