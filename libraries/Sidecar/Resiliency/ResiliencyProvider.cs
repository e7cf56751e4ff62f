using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>What a component is, as daprd names it in policies and metrics.</summary>
internal enum ComponentKind
{
    Pubsub,
    Statestore,
    Binding,
    Configuration,
    Lock,
    Crypto,
    Conversation,
    Secretstore,
}

/// <summary>
/// Finds the policies of a target: those it names, or where no document names the target at all, the default ones. Circuit
/// breakers live here; runners may be made and dropped.
/// </summary>
internal sealed class ResiliencyProvider
{
    private readonly PolicySet _policies;
    private readonly RunnerServices _services;
    private readonly IResiliencyMetrics _metrics;
    private readonly ConcurrentDictionary<(string Name, ComponentKind Kind, bool Inbound), PolicyRunner> _componentRunners = new();
    private readonly ConcurrentDictionary<string, Lazy<CircuitBreaker>> _componentBreakers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, BreakerCache> _appBreakers = new(StringComparer.Ordinal);
    private readonly TargetText _appDefaults;
    private readonly string _name = "";
    private readonly string _namespace = "";

    /// <summary>Reads documents; one that is invalid is logged and left out.</summary>
    public ResiliencyProvider(IEnumerable<ResiliencyDocument> documents, TimeProvider time, ILogger logger, IResiliencyMetrics? metrics = null, Random? random = null)
    {
        _metrics = metrics ?? NoResiliencyMetrics.Instance;
        _services = new RunnerServices(time, new LockedRandom(random ?? new Random()), logger);
        _policies = new PolicySet(logger);
        var names = new List<string>();
        foreach (var document in documents)
        {
            names.Add(document.Name);
            Log.ResiliencyLoading(logger, document.Name);
            // Before it is read: daprd counts under the name of an invalid document too.
            (_name, _namespace) = (document.Name, document.Namespace);
            try
            {
                _policies.Read(document);
                _metrics.Loaded(document.Name, document.Namespace);
            }
            catch (InvalidPolicyException exception)
            {
                Log.ResiliencyRefused(logger, document.Name, exception.Message);
            }
        }

        Names = [.. names.Distinct(StringComparer.Ordinal)];
        _policies.TellUnknown();
        _appDefaults = DefaultNames(["App"]);
    }

    /// <summary>Names of the documents, those that are invalid included.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>A provider with nothing but the built-in policies.</summary>
    public static ResiliencyProvider Empty(TimeProvider time, ILogger logger) => new([], time, logger);

    /// <summary>Whether a document names the app as a target.</summary>
    public bool IsAppTarget(string appId) => _policies.Apps.ContainsKey(appId);

    /// <summary>For calls of an app whose endpoints need no circuit breaker each.</summary>
    public PolicyRunner ForApp(string appId) => ForAppEndpoint(appId, appId);

    /// <summary>For one call of an app, or of an HTTP endpoint resource. Each endpoint has a circuit breaker of its own.</summary>
    /// <param name="endpoint">As daprd keys it: <c>APP:METHOD</c>.</param>
    public PolicyRunner ForAppEndpoint(string appId, string endpoint)
    {
        if (!_policies.Apps.TryGetValue(appId, out var names))
            names = _appDefaults;
        if (names == TargetText.Empty)
            return PolicyRunner.None;
        var breaker = names.CircuitBreaker.Length > 0 && _policies.CircuitBreakers.TryGetValue(names.CircuitBreaker, out var policy)
            ? AppBreakers(appId, names).GetOrAdd(endpoint, (policy, _services), static (name, state) => new CircuitBreaker(name, state.policy, state._services.Time, state._services.Logger))
            : null;
        return Counted(Runner($"endpoint[{appId}, {endpoint}]", names, breaker, inbound: false, "app_" + appId));
    }

    /// <summary>For calls of a component.</summary>
    public PolicyRunner ForComponentOutbound(string name, ComponentKind kind) => ForComponent(name, kind, inbound: false);

    /// <summary>For what a component hands to the app. Ask once for a subscription, as daprd does, or each call is counted.</summary>
    public PolicyRunner ForComponentInbound(string name, ComponentKind kind) => ForComponent(name, kind, inbound: true);

    /// <summary>One of <see cref="BuiltInPolicies"/>.</summary>
    public PolicyRunner BuiltIn(string name) =>
        _policies.Retries.TryGetValue(name, out var retry) ? new PolicyRunner(name, TimeSpan.Zero, retry, null, null, _services) : PolicyRunner.None;

    private PolicyRunner ForComponent(string name, ComponentKind kind, bool inbound)
    {
        // The key is a struct and the lambda static: without policies this costs one look-up.
        var runner = _componentRunners.GetOrAdd((name, kind, inbound), static (key, provider) => provider.CreateForComponent(key.Name, key.Kind, key.Inbound), this);
        return runner.Meter is null ? runner : Counted(runner);
    }

    private PolicyRunner CreateForComponent(string name, ComponentKind kind, bool inbound)
    {
        var direction = inbound ? "Inbound" : "Outbound";
        var names = _policies.Components.TryGetValue(name, out var target)
            ? inbound ? target.Inbound : target.Outbound
            : DefaultNames([$"{kind}Component{direction}", $"Component{direction}", "Component"]);
        if (names == TargetText.Empty)
            return PolicyRunner.None;
        // One breaker for both directions, made of whichever policy comes first: daprd's are kept by the component's name alone.
        var breaker = names.CircuitBreaker.Length > 0 && _policies.CircuitBreakers.TryGetValue(names.CircuitBreaker, out var policy)
            ? _componentBreakers.GetOrAdd(name, _ => new Lazy<CircuitBreaker>(() => new CircuitBreaker($"{policy.Name}-{name}", policy, _services.Time, _services.Logger))).Value
            : null;
        return Runner($"component[{name}] {(inbound ? "input" : "output")}", names, breaker, inbound, $"{kind}_{name}");
    }

    private PolicyRunner Runner(string name, TargetText names, CircuitBreaker? breaker, bool inbound, string target)
    {
        var runner = new PolicyRunner(
            name,
            _policies.Timeouts.GetValueOrDefault(names.Timeout),
            _policies.Retries.GetValueOrDefault(names.Retry),
            breaker,
            new PolicyMeter(_metrics, _name, _namespace, inbound, target),
            _services);
        return runner.IsNone ? PolicyRunner.None : runner;
    }

    private static PolicyRunner Counted(PolicyRunner runner)
    {
        runner.Meter?.Executed(runner);
        return runner;
    }

    private BreakerCache AppBreakers(string appId, TargetText names) =>
        _appBreakers.GetOrAdd(
            appId,
            static (_, size) => new BreakerCache(size == 0 ? BreakerCache.DefaultCapacity : size),
            (int)names.CircuitBreakerCacheSize);

    /// <summary>The default policies of a kind of target: the most special name that exists, for each sort of policy.</summary>
    private TargetText DefaultNames(ReadOnlySpan<string> levels)
    {
        var (timeout, retry, breaker) = ("", "", "");
        foreach (var level in (ReadOnlySpan<string>)[.. levels, ""])
        {
            if (timeout.Length == 0 && $"Default{level}TimeoutPolicy" is var t && _policies.Timeouts.ContainsKey(t))
                timeout = t;
            if (retry.Length == 0 && $"Default{level}RetryPolicy" is var r && _policies.Retries.ContainsKey(r))
                retry = r;
            if (breaker.Length == 0 && $"Default{level}CircuitBreakerPolicy" is var b && _policies.CircuitBreakers.ContainsKey(b))
                breaker = b;
        }

        return timeout.Length + retry.Length + breaker.Length == 0 ? TargetText.Empty : new TargetText(timeout, retry, breaker, "", 0);
    }
}
