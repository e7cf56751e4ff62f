namespace RealTimeMesh.Pipelines;

/// <summary>
/// What becomes of events that an app did not take and its sidecar put on the subscription's dead-letter topic: they are given to the app
/// again after the delay of each tier, and then are dead letters.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>The subscription's <c>deadLetterTopic</c>.</summary>
    public required string Topic { get; init; }

    /// <summary>The app's id: who gives events up.</summary>
    public required string Consumer { get; init; }

    /// <summary>The topic to which events return; the app subscribes to it with the same handler and <see cref="Topic"/> as its dead-letter topic. Null where <see cref="Path"/> is given.</summary>
    public string? Return { get; init; }

    /// <summary>The app's route: events are given to it by service invocation, which tells a drop from a failure. Null where <see cref="Return"/> is given.</summary>
    public string? Path { get; init; }

    /// <summary>The topic that the app subscribes to, for dead letters; null: what the event says.</summary>
    public string? Of { get; init; }

    public IReadOnlyList<TimeSpan> Tiers { get; init; } = [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)];

    /// <summary>The topic of dead letters.</summary>
    public required string Dead { get; init; }

    /// <summary>Events of a key wait behind earlier ones. Only with <see cref="Path"/>.</summary>
    public bool KeepKeyOrder { get; init; }
}
