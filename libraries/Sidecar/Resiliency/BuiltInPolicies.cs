namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>Retry policies that exist without a document; one may override them (with at least three retries) by name.</summary>
internal static class BuiltInPolicies
{
    /// <summary>Calls of remote apps.</summary>
    public const string ServiceRetries = "DaprBuiltInServiceRetries";

    public const string ActorRetries = "DaprBuiltInActorRetries";

    public const string ActorReminderRetries = "DaprBuiltInActorReminderRetries";

    /// <summary>Not to be overridden.</summary>
    public const string ActorNotFoundRetries = "DaprBuiltInActorNotFoundRetries";

    /// <summary>Questions to the app at the start: its subscriptions.</summary>
    public const string InitializationRetries = "DaprBuiltInInitializationRetries";

    public static bool IsBuiltIn(string name) => name is ServiceRetries or ActorRetries or ActorReminderRetries or ActorNotFoundRetries or InitializationRetries;

    public static Dictionary<string, RetryPolicy> Create() => new(StringComparer.Ordinal)
    {
        [ServiceRetries] = Constant(3),
        [ActorRetries] = Constant(3),
        [ActorNotFoundRetries] = Constant(5),
        // No retries: daprd leaves the count of this one at zero.
        [ActorReminderRetries] = new RetryPolicy { IsExponential = true, MaxRetries = 0 },
        [InitializationRetries] = new RetryPolicy
        {
            IsExponential = true,
            MaxRetries = 3,
            MaxInterval = TimeSpan.FromSeconds(1),
            MaxElapsedTime = TimeSpan.FromSeconds(10),
        },
    };

    private static RetryPolicy Constant(long retries) => new() { Duration = TimeSpan.FromSeconds(1), MaxRetries = retries };
}
