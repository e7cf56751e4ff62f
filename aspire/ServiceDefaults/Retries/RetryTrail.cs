using System.Globalization;
using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>What an event that waits carries in its headers: where it comes from, how often it failed and why, and when it is due.</summary>
public sealed record RetryTrail
{
    private const string Prefix = "mesh-retry-";
    private const int MaxErrors = 1_000;
    private const int MaxError = 300;

    /// <summary>Attempts that failed.</summary>
    public int Attempts { get; init; }

    /// <summary>When it may be tried again; default where it does not wait in a tier.</summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>When the broker had it first.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    public required string Topic { get; init; }

    /// <summary>Partition and offset on <see cref="Topic"/>; null where the broker gives none.</summary>
    public int? Partition { get; init; }

    public long? Offset { get; init; }

    /// <summary>What went wrong, the last attempt first.</summary>
    public string Errors { get; init; } = "";

    /// <summary>It is in the list of its key, in a store of this name; null where no order is kept.</summary>
    public string? Epoch { get; init; }

    /// <summary>Tells this event from all others of its topic.</summary>
    public required string Id { get; init; }

    /// <summary>The trail of an event that comes from its topic for the first time, or from a tier.</summary>
    public static RetryTrail Of(in DeliveredEvent item, string topic, TimeProvider time)
    {
        var placed = item.Offset >= 0;
        var fresh = new RetryTrail
        {
            Topic = topic,
            Partition = placed ? item.Partition : null,
            Offset = placed ? item.Offset : null,
            ReceivedAt = item.Timestamp > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(item.Timestamp) : time.GetUtcNow(),
            Id = placed ? string.Create(CultureInfo.InvariantCulture, $"{item.Partition}/{item.Offset}") : item.Id.IsEmpty ? TextOf(item.EntryId) : item.IdText,
        };
        if (item.Header("mesh-retry-attempts"u8) is not { } attempts || !int.TryParse(attempts, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return fresh;
        return new RetryTrail
        {
            Attempts = count,
            Topic = item.Header("mesh-retry-topic"u8) ?? topic,
            Partition = (int?)Number(item.Header("mesh-retry-partition"u8)),
            Offset = Number(item.Header("mesh-retry-offset"u8)),
            DueAt = Time(item.Header("mesh-retry-at"u8)) ?? default,
            ReceivedAt = Time(item.Header("mesh-retry-received"u8)) ?? fresh.ReceivedAt,
            Errors = item.Header("mesh-retry-errors"u8) ?? "",
            Epoch = item.Header("mesh-retry-ordered"u8),
            Id = item.Header("mesh-retry-id"u8) ?? fresh.Id,
        };
    }

    /// <summary>With one more failed attempt.</summary>
    public RetryTrail Failed(string error)
    {
        var text = DeadLetterWriter.Clip(error.ReplaceLineEndings(" "), MaxError);
        var all = Errors.StartsWith(text, StringComparison.Ordinal) ? Errors : Errors.Length == 0 ? text : $"{text} | {Errors}";
        return this with { Attempts = Attempts + 1, Errors = DeadLetterWriter.Clip(all, MaxErrors) };
    }

    /// <summary>The event's headers with this trail instead of the one they have, and without the broker's own.</summary>
    public List<KeyValuePair<string, string>> Headers(IEnumerable<KeyValuePair<string, string>> headers)
    {
        List<KeyValuePair<string, string>> all = [.. Own(headers)];
        all.Add(new(Prefix + "attempts", Attempts.ToString(CultureInfo.InvariantCulture)));
        all.Add(new(Prefix + "topic", Topic));
        if (Partition is { } partition && Offset is { } offset)
        {
            all.Add(new(Prefix + "partition", partition.ToString(CultureInfo.InvariantCulture)));
            all.Add(new(Prefix + "offset", offset.ToString(CultureInfo.InvariantCulture)));
        }

        all.Add(new(Prefix + "id", Id));
        if (DueAt != default)
            all.Add(new(Prefix + "at", DueAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));
        all.Add(new(Prefix + "received", ReceivedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));
        if (Errors.Length > 0)
            all.Add(new(Prefix + "errors", Errors));
        if (Epoch is not null)
            all.Add(new(Prefix + "ordered", Epoch));
        return all;
    }

    /// <summary>An event's headers without those of brokers and retries.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Own(IEnumerable<KeyValuePair<string, string>> headers) =>
        headers.Where(header => !header.Key.StartsWith("__", StringComparison.Ordinal) && !header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            && !header.Key.Equals("partitionKey", StringComparison.OrdinalIgnoreCase) && !header.Key.Equals("rawPayload", StringComparison.OrdinalIgnoreCase));

    private static string TextOf(ReadOnlyMemory<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8.Span);

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static DateTimeOffset? Time(string? text) =>
        Number(text) is { } milliseconds and <= 253_402_300_799_999 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
}
