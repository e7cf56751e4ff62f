using RealTimeMesh.Ingestion.Publishing;

namespace RealTimeMesh.Ingestion.Rows;

/// <summary>Where the events of a batch come from.</summary>
/// <param name="Source">CloudEvents <c>source</c>.</param>
/// <param name="DeadLetterKey">Key of rejected events, so that those of one source keep their order.</param>
/// <param name="IdPrefix">Ids are this and the event's position; null where each event brings its own.</param>
/// <param name="Sequenced">Positions order the source's events: they are published as <c>ce_sequence</c>.</param>
internal sealed record EventOrigin(string Source, string DeadLetterKey, string? IdPrefix, bool Sequenced)
{
    /// <summary>Media type of the events as they arrive. Default: JSON.</summary>
    public string ContentType { get; init; } = ContentTypes.Json;

    /// <summary>Place in the source's order of the event at position 0.</summary>
    public long First { get; init; }

    /// <summary>The topic they come from; null where they come from none.</summary>
    public string? Topic { get; init; }
}
