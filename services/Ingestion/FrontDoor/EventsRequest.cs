using RealTimeMesh.Ingestion.Memory;
using RealTimeMesh.Ingestion.Rows;
using RealTimeMesh.Ingestion.Streams;
using RealTimeMesh.Ingestion.Tenants;

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

    /// <summary>Whose limits and share of the queue apply.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>What it holds; whoever keeps bytes for it takes them from here.</summary>
    public required MemoryLease Memory { get; init; }

    /// <summary>What it has come to so far.</summary>
    public required RequestTally Tally { get; init; }

    /// <summary>Where its events come from.</summary>
    public EventOrigin Origin { get; init; } = HttpOrigin.Instance;

    /// <summary>False where its events are counted in the ledger once all of them are stored, together with its answer.</summary>
    public bool Counted { get; init; } = true;

    /// <summary>CloudEvents id of its only event, by header; null where it has none.</summary>
    public string? EventId { get; init; }

    /// <summary>Attributes of its only event by the headers of CloudEvents' binary mode; empty where it has none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>The same request, carried out for an idempotency key.</summary>
    public EventsRequest With(Stream body, EventOrigin origin, RequestTally tally) => new()
    {
        Stream = Stream,
        Body = body,
        ContentLength = ContentLength,
        ContentType = ContentType,
        TraceParent = TraceParent,
        Tenant = Tenant,
        Memory = Memory,
        Tally = tally,
        Origin = origin,
        Counted = false,
        EventId = EventId,
        Attributes = Attributes,
    };
}
