namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>A publish of one event, from either API. Its data belongs to the caller again as soon as the publish has ended.</summary>
internal readonly record struct PublishRequest
{
    public required string Topic { get; init; }

    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Empty where the publisher gave none.</summary>
    public required string ContentType { get; init; }

    /// <summary>Null where the publisher gave none.</summary>
    public required Dictionary<string, string>? Metadata { get; init; }

    public required RequestTrace Trace { get; init; }

    /// <summary>By which API it came: retry policies match the codes of either.</summary>
    public bool IsHttp { get; init; }
}

/// <summary>W3C trace context of a request; null where it carries none.</summary>
internal readonly record struct RequestTrace(string? TraceParent, string? TraceState);

/// <summary>One entry of a bulk publish over HTTP.</summary>
internal sealed record BulkPublishEntry(string Id, ReadOnlyMemory<byte> Event, string ContentType, Dictionary<string, string> Metadata);

/// <summary>An entry the broker did not take.</summary>
internal sealed record FailedEntry(string EntryId, string Error);

/// <summary>Outcome of a bulk publish.</summary>
/// <param name="Failed">The entries the broker did not take.</param>
/// <param name="Cause">Why, null where it took all.</param>
internal sealed record BulkPublishOutcome(IReadOnlyList<FailedEntry> Failed, Exception? Cause)
{
    public static BulkPublishOutcome Success { get; } = new([], null);
}
