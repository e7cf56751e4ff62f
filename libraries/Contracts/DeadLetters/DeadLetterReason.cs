namespace RealTimeMesh.Contracts.DeadLetters;

/// <summary>Why an event was given up.</summary>
/// <param name="Class">One of <see cref="DeadLetterClasses"/>.</param>
/// <param name="Rule">Machine-readable: what the event broke, such as <c>type</c>, <c>unreadable</c> or the name of an expectation.</param>
/// <param name="Field">The contract's field; null where the whole event is meant.</param>
/// <param name="Found">What was there; null where nothing can be shown.</param>
/// <param name="Expected">What would have been right; null where no one knows.</param>
/// <param name="Message">All of it in a sentence.</param>
public readonly record struct DeadLetterReason(string Class, string Rule, string? Field, string? Found, string? Expected, string Message);

/// <summary>The classes of dead letters.</summary>
public static class DeadLetterClasses
{
    /// <summary>It cannot be read, breaks its contract, or fails its handler each time: trying again changes nothing.</summary>
    public const string Poison = "poison";

    /// <summary>It may have succeeded later, and all attempts are used up.</summary>
    public const string Transient = "transient";

    /// <summary>Its schema does not fit where it was to be stored.</summary>
    public const string Schema = "schema";

    /// <summary>It can be read, but a rule forbids its values: an expectation, a table's constraint.</summary>
    public const string Constraint = "constraint";

    /// <summary>An app did not take it and gave no reason.</summary>
    public const string Undelivered = "undelivered";
}
