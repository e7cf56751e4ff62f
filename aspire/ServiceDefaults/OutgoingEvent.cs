namespace RealTimeMesh.ServiceDefaults;

/// <summary>One event to publish.</summary>
/// <param name="Key">Message key: events of one key keep their order.</param>
/// <param name="Id">CloudEvents <c>id</c>.</param>
/// <param name="Sequence">Place in the source's own order (CloudEvents extension <c>sequence</c>), or -1 where the source has none. Consumers drop an event whose sequence they have already passed for that source and partition.</param>
/// <param name="Payload">Value of the message.</param>
public readonly record struct OutgoingEvent(string Key, string Id, long Sequence, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Headers of this event; they win over the envelope's. Events that share a list share its encoding. Null for none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Headers { get; init; }
}

/// <summary>What the events of one publish have in common; becomes message headers.</summary>
/// <param name="Source">CloudEvents <c>source</c>; empty where each event has its own <c>ce_source</c> among its headers.</param>
/// <param name="Type">CloudEvents <c>type</c>.</param>
/// <param name="Time">When the mesh received the events.</param>
/// <param name="ContentType">Of the payloads, such as <c>application/avro</c>.</param>
/// <param name="TraceParent">W3C trace context, or null.</param>
public sealed record EventEnvelope(string Source, string Type, DateTimeOffset Time, string ContentType, string? TraceParent)
{
    /// <summary>Further headers common to all events.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
