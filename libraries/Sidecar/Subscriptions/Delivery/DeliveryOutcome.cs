namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>What became of an attempt to hand an event to the app.</summary>
internal enum Verdict
{
    Success,

    /// <summary>It failed; a policy may try again.</summary>
    Retry,

    /// <summary>The app does not want it: it is a dead letter.</summary>
    Drop,

    /// <summary>The app cannot take such events at all: it is gone without a dead letter.</summary>
    Ignore,
}

/// <summary>How an attempt ended.</summary>
/// <param name="Cause">Why it did not succeed, else empty.</param>
/// <param name="Code">The HTTP or gRPC status of a failure, for policies that look at it.</param>
/// <param name="IsUnreachable">There was no answer at all.</param>
internal readonly record struct DeliveryOutcome(Verdict Verdict, string Cause = "", int? Code = null, bool IsUnreachable = false)
{
    public static DeliveryOutcome Success { get; } = new(Verdict.Success);
}
