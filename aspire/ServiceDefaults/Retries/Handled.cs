using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>How an event's handling ended.</summary>
public sealed record Handled
{
    private Handled()
    {
    }

    /// <summary>It is done.</summary>
    public static Handled Success { get; } = new();

    /// <summary>Why the event can never be handled; null where it was, or may be later.</summary>
    public DeadLetterReason? PoisonReason { get; private init; }

    /// <summary>Why it could not be handled now; null where it was, or never can be.</summary>
    public string? TransientError { get; private init; }

    /// <summary>The topic on which the event goes on, with its trail; null where it does not.</summary>
    public string? ForwardTopic { get; private init; }

    /// <summary>The event goes on as it is on another topic, and comes back from there where that fails.</summary>
    public static Handled Forward(string topic) => new() { ForwardTopic = topic };

    /// <summary>The event can never be handled: it is a dead letter at once.</summary>
    public static Handled Poison(DeadLetterReason reason) => new() { PoisonReason = reason };

    /// <summary>As <see cref="Poison(DeadLetterReason)"/>, with the rule it breaks and a sentence that says all.</summary>
    public static Handled Poison(string rule, string message) => Poison(new DeadLetterReason(DeadLetterClasses.Poison, rule, null, null, null, message));

    /// <summary>The event could not be handled now, and may be later: it waits elsewhere.</summary>
    public static Handled Transient(string error) => new() { TransientError = error };

    /// <summary>Exceptions: those that would come again are poison, others are transient.</summary>
    public static Handled Of(Exception exception) => Failures.IsDeterministic(exception)
        ? Poison(new DeadLetterReason(DeadLetterClasses.Poison, "exception", null, exception.GetType().Name, null, $"{exception.GetType().Name}: {exception.Message}"))
        : Transient($"{exception.GetType().Name}: {exception.Message}");
}

/// <summary>Handles one event of a topic. The event's bytes are valid until the task ends. An exception is taken for <see cref="Handled.Of"/>.</summary>
public delegate Task<Handled> TopicHandler(DeliveredEvent item, CancellationToken cancellationToken);
