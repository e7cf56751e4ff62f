namespace RealTimeMesh.Contracts.DeadLetters;

/// <summary>One message of a dead-letter topic: an event that was given up, whole, with what is known of why.</summary>
public sealed record DeadLetterRecord
{
    public required DeadLetterReason Reason { get; init; }

    public required DeadLetterOrigin Origin { get; init; }

    /// <summary>The event's bytes; only their head where <see cref="OriginalSha256"/> is set.</summary>
    public required ReadOnlyMemory<byte> Original { get; init; }

    /// <summary>Length of the whole event in bytes. Default: that of <see cref="Original"/>.</summary>
    public long? OriginalLength { get; init; }

    /// <summary>SHA-256 of the whole event, lower-case hex, where <see cref="Original"/> is only its head; else null.</summary>
    public string? OriginalSha256 { get; init; }

    /// <summary>Media type of the original, such as <c>application/avro</c>; null where nobody said.</summary>
    public string? ContentType { get; init; }

    /// <summary>The event's own headers; null where it had none.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>When the mesh first had the event.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When it was given up.</summary>
    public DateTimeOffset FailedAt { get; init; }

    /// <summary>How often it was tried, by all that is known: 1 or more.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>The event's trace, 32 hex digits; null where it has none.</summary>
    public string? TraceId { get; init; }

    /// <summary>Equal for events that failed for the same cause, 16 hex digits: see <see cref="DeadLetters.Fingerprint"/>. Default: computed when it is written.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>How often the event was sent again after it had been given up.</summary>
    public int Redrives { get; init; }

    /// <summary>Id of the dead letter that this one was before it was sent again; null for a first one.</summary>
    public string? RedriveOf { get; init; }
}
