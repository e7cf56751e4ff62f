using System.Text.Json.Serialization;

namespace RealTimeMesh.Ingestion.Keys;

/// <summary>What is stored of an idempotency key.</summary>
internal sealed record KeyRecord
{
    /// <summary>CloudEvents <c>source</c> of the request's events.</summary>
    public required string Source { get; init; }

    /// <summary>Sequence of the request's first event in that source.</summary>
    public required long FirstSequence { get; init; }

    /// <summary>The run of a service that has the request in hand.</summary>
    public required string Owner { get; init; }

    /// <summary>Until when the owner is taken for alive unless it says so again.</summary>
    public DateTimeOffset LeaseUntil { get; init; }

    /// <summary>Events of it that the ledger counts already.</summary>
    public long Accepted { get; init; }

    public long Rejected { get; init; }

    /// <summary>The answer's status; 0 while there is none.</summary>
    public int Status { get; init; }

    public string? Answer { get; init; }

    /// <summary>SHA-256 of the media type and the unpacked body.</summary>
    public string? Fingerprint { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeyRecord))]
internal sealed partial class KeyJson : JsonSerializerContext;
