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

    /// <summary>Until when it may be carried out again under its sequences: its lane is another's some time later.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>Bytes of the body as the sender announced them; null where it did not.</summary>
    public long? Length { get; init; }

    /// <summary>The body's beginning as far as it was read; null where that is not known.</summary>
    public BodyHead? Head { get; init; }

    /// <summary>Events of it that the ledger counts already.</summary>
    public long Accepted { get; init; }

    public long Rejected { get; init; }

    /// <summary>The answer's status; 0 while there is none.</summary>
    public int Status { get; init; }

    public string? Answer { get; init; }

    /// <summary>SHA-256 of the media type and the unpacked body.</summary>
    public string? Fingerprint { get; init; }
}

/// <summary>The beginning of a body.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Hash">SHA-256 of the media type and these bytes.</param>
internal sealed record BodyHead(int Bytes, string Hash);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeyRecord))]
internal sealed partial class KeyJson : JsonSerializerContext;
