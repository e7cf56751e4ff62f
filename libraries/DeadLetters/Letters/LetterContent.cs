using RealTimeMesh.Components;

namespace RealTimeMesh.DeadLetters.Letters;

/// <summary>A dead letter as it was collected; it never changes.</summary>
public sealed record LetterContent
{
    /// <summary>The dead-letter topic and place it was collected from.</summary>
    public required LetterPlace Place { get; init; }

    public required LetterReason Reason { get; init; }

    public required LetterOrigin Origin { get; init; }

    /// <summary>The message that failed; its beginning where it was too long to be kept whole.</summary>
    public required ReadOnlyMemory<byte> Original { get; init; }

    /// <summary>Bytes of the whole message where only its beginning is kept; else null.</summary>
    public long? OriginalLength { get; init; }

    /// <summary>SHA-256 of the whole message where only its beginning is kept; else null.</summary>
    public string? OriginalSha256 { get; init; }

    public string? ContentType { get; init; }

    /// <summary>The message's headers.</summary>
    public MessageHeaders Headers { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required DateTimeOffset FailedAt { get; init; }

    public int Attempts { get; init; } = 1;

    /// <summary>32 hex digits, or null.</summary>
    public string? TraceId { get; init; }

    /// <summary>16 hex digits: the same for letters that failed for the same cause.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>CloudEvents <c>id</c> of the event, or null.</summary>
    public string? EventId { get; init; }

    /// <summary>How often the event had been redriven before it became this letter.</summary>
    public int Redrives { get; init; }

    /// <summary>Id of the letter it was redriven from, or null.</summary>
    public string? RedriveOf { get; init; }

    /// <summary>False for a message that stood on the topic without a dead-letter record around it.</summary>
    public bool IsRecord { get; init; } = true;
}

/// <summary>Where a letter stands on its dead-letter topic.</summary>
public readonly record struct LetterPlace(string Topic, int Partition, long Offset)
{
    /// <summary>The partition of letters whose <see cref="Offset"/> is a number of theirs and says nothing of those before.</summary>
    public const int NoPartition = -1;

    /// <summary>The letter's id: <c>TOPIC:PARTITION:OFFSET</c>. The same record always has the same.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Topic}:{Partition}:{Offset}");

    public static LetterPlace? Parse(string id) =>
        id.Split(':') is [{ Length: > 0 } topic, var partition, var offset]
        && int.TryParse(partition, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var index)
        && long.TryParse(offset, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? new LetterPlace(topic, index, number)
            : null;
}

/// <summary>Why a message was given up.</summary>
/// <param name="Class"><c>poison</c>, <c>transient</c>, <c>schema</c>, <c>constraint</c> or <c>undelivered</c>.</param>
/// <param name="Field">The contract's field; null where the whole message is meant.</param>
public sealed record LetterReason(string Class, string Rule, string? Field, string? Found, string? Expected, string? Message);

/// <summary>Where a message came from.</summary>
/// <param name="Source">CloudEvents <c>source</c>, or the front door's.</param>
/// <param name="Position">Place in the source: line of a file, entry of a request.</param>
/// <param name="Partition">Null for what never reached a topic.</param>
/// <param name="Consumer">Who gave it up: an app's id or group; <c>ingestion</c> for the front door.</param>
public sealed record LetterOrigin(string? Source, long? Position, string? Topic, int? Partition, long? Offset, string? Key, string Consumer);
