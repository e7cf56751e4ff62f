namespace RealTimeMesh.Sidecar.PubSub;

/// <summary>Fields of an envelope that the publisher sets by metadata <c>cloudevent.*</c>; null where it does not. Names are compared without case.</summary>
internal readonly record struct EventOverrides
{
    private const string Prefix = "cloudevent.";

    public string? Id { get; private init; }

    public string? Source { get; private init; }

    public string? Type { get; private init; }

    public string? Subject { get; private init; }

    public string? TraceId { get; private init; }

    public string? TraceParent { get; private init; }

    public string? TraceState { get; private init; }

    public static EventOverrides Of(Dictionary<string, string>? metadata)
    {
        var overrides = default(EventOverrides);
        if (metadata is null)
            return overrides;
        foreach (var (name, value) in metadata)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                overrides = overrides.With(name[Prefix.Length..].ToLowerInvariant(), value);
        }

        return overrides;
    }

    private EventOverrides With(string field, string value) => field switch
    {
        "id" => this with { Id = value },
        "source" => this with { Source = value },
        "type" => this with { Type = value },
        "subject" => this with { Subject = value },
        "traceid" => this with { TraceId = value },
        "traceparent" => this with { TraceParent = value },
        "tracestate" => this with { TraceState = value },
        _ => this,
    };
}
