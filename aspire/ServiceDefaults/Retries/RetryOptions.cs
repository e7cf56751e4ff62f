namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>How a consumer of a topic tries events again that failed and may succeed later.</summary>
public sealed record RetryOptions
{
    /// <summary>How long an event waits after its first failure, its second, and so on; then it is a dead letter. Default 10 s, 1 min, 10 min. Empty: a transient failure is a dead letter at once.</summary>
    public IReadOnlyList<TimeSpan> Tiers { get; init; } = [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)];

    /// <summary>
    /// Events whose key waits are not tried before those that wait: they follow into the tier. Default false: they overtake. Needs keys, a
    /// broker that keeps their order, and the state store, in which the keys that wait are kept.
    /// </summary>
    public bool KeepKeyOrder { get; init; }

    /// <summary>Where events end that are given up. Default: the topic's name and <c>.dlq</c>.</summary>
    public string? DeadLetterTopic { get; init; }

    /// <summary>Who gives events up, and part of the names of the tiers' topics. Default: the app's id.</summary>
    public string? Consumer { get; init; }

    /// <summary>Most events of a delivery. Default 100: they are handled one after the other.</summary>
    public int BatchCount { get; init; } = 100;

    /// <summary>How long a delivery waits to fill up. Default 20 ms.</summary>
    public TimeSpan BatchWait { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long one attempt may take before it counts as a transient failure. Default 30 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a delivery of a tier is held until its first event is due; then it is asked for again. Default 10 s: brokers that watch over deliveries (Redis: 15 s) take none for lost.</summary>
    public TimeSpan MaxHold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>With <see cref="KeepKeyOrder"/>: most events of one key that wait; while there are as many, the key's partition waits. Default 10,000.</summary>
    public int MaxWaitingOfKey { get; init; } = 10_000;
}
