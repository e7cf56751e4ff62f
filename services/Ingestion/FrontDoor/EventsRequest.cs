using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>A request whose events are about to be read.</summary>
internal sealed class EventsRequest
{
    public required StreamRuntime Stream { get; init; }

    /// <summary>The body, unpacked.</summary>
    public required Stream Body { get; set; }

    /// <summary>Bytes of the body where that is known before it is read; null where not, or where it is packed.</summary>
    public long? ContentLength { get; init; }

    /// <summary>Media type with its parameters, as it was sent.</summary>
    public required string ContentType { get; init; }

    /// <summary>The trace that the events belong to.</summary>
    public required string? TraceParent { get; init; }

    /// <summary>Where its events come from.</summary>
    public EventOrigin Origin { get; init; } = HttpOrigin.Instance;
}
