using System.Text;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>
/// One entry of a bulk delivery. Slices point into the request's buffers: valid only until the handler returns.
/// </summary>
public readonly struct DeliveredEvent
{
    /// <summary>Dapr's id of the entry, UTF-8.</summary>
    public ReadOnlyMemory<byte> EntryId { get; init; }

    /// <summary>The message's value as it stands on the topic.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>CloudEvents <c>id</c>, UTF-8; empty where the publisher gave none.</summary>
    public ReadOnlyMemory<byte> Id { get; init; }

    /// <summary>CloudEvents <c>source</c>, UTF-8.</summary>
    public ReadOnlyMemory<byte> Source { get; init; }

    /// <summary>W3C trace context, UTF-8; empty where there is none.</summary>
    public ReadOnlyMemory<byte> TraceParent { get; init; }

    /// <summary>Place in the source's own order, or -1.</summary>
    public long Sequence { get; init; }

    /// <summary>Broker position, or -1 where the broker gives none.</summary>
    public int Partition { get; init; }

    public long Offset { get; init; }

    /// <summary>When the broker stored the message, milliseconds since 1970-01-01T00:00:00Z; 0 where unknown.</summary>
    public long Timestamp { get; init; }

    /// <summary>The JSON object of this entry's metadata, for headers beyond these; UTF-8.</summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    public string IdText => Encoding.UTF8.GetString(Id.Span);

    public string SourceText => Encoding.UTF8.GetString(Source.Span);
}

/// <summary>What a handler says of each event of a delivery.</summary>
public enum DeliveryStatus : byte
{
    Success,
    Retry,
    Drop,
}
