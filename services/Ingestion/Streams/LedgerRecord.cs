using System.Text.Json.Serialization;
using RealTimeMesh.Ingestion.Grpc;
using RealTimeMesh.Ingestion.Sources;

namespace RealTimeMesh.Ingestion.Streams;

/// <summary>Counters of the events that came through the doors of one stream, as stored.</summary>
internal sealed record LedgerRecord
{
    /// <summary>Events stored on the topic.</summary>
    public long Accepted { get; init; }

    /// <summary>Events stored on the dead-letter topic.</summary>
    public long Rejected { get; init; }

    /// <summary>Events whose publish never got an answer: stored or not.</summary>
    public long Indefinite { get; init; }

    /// <summary>Last handled offset of each partition of the open door's topic.</summary>
    public IReadOnlyDictionary<int, long> Offsets { get; init; } = new Dictionary<int, long>();
}

/// <summary>JSON form of all records in the state store.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LedgerRecord))]
[JsonSerializable(typeof(SourceRecord))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(SenderRecord))]
internal sealed partial class RecordJson : JsonSerializerContext;
