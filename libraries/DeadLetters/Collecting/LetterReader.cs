using RealTimeMesh.Components;
using RealTimeMesh.Contracts.DeadLetters;
using RealTimeMesh.DeadLetters.Letters;

namespace RealTimeMesh.DeadLetters.Collecting;

/// <summary>
/// Makes letters out of the messages of a dead-letter topic: of our records, and of messages that a sidecar put there as they stood.
/// </summary>
internal static class LetterReader
{
    private const string NotDelivered = "the app did not take it";

    public static LetterContent Read(DeadLetterSource source, LetterPlace place, in DeliveredMessage message)
    {
        var stored = DateTimeOffset.FromUnixTimeMilliseconds(message.Timestamp);
        return DeadLetterReader.TryRead(message.Value, out var record, out _)
            ? Record(place, message, stored, record)
            : Message(source, place, message, stored);
    }

    private static LetterContent Record(LetterPlace place, in DeliveredMessage message, DateTimeOffset stored, DeadLetterRecord record)
    {
        var (reason, origin) = (record.Reason, record.Origin);
        var headers = record.Headers is { } given ? MessageHeaders.From(given) : default;
        var redrive = RedriveHeaders.Find(headers) ?? RedriveHeaders.Find(message.Headers);
        return new LetterContent
        {
            Place = place,
            Reason = new LetterReason(reason.Class, reason.Rule, reason.Field, reason.Found, reason.Expected, reason.Message),
            Origin = new LetterOrigin(Some(origin.Source), origin.Position, Some(origin.Topic), origin.Partition, origin.Offset, origin.Key, origin.Consumer),
            Original = record.Original,
            OriginalLength = record.OriginalSha256 is null ? null : record.OriginalLength,
            OriginalSha256 = record.OriginalSha256,
            ContentType = record.ContentType,
            Headers = headers,
            ReceivedAt = record.ReceivedAt == default ? stored : record.ReceivedAt,
            FailedAt = record.FailedAt == default ? stored : record.FailedAt,
            Attempts = record.Attempts,
            TraceId = record.TraceId ?? TraceIds.Of(message.Headers.Find("traceparent")),
            Fingerprint = record.Fingerprint!,
            EventId = headers.Find("ce_id") ?? message.Headers.Find("ce_id"),
            Redrives = Math.Max(record.Redrives, Math.Max(RedriveHeaders.Redrives(headers), RedriveHeaders.Redrives(message.Headers))),
            RedriveOf = record.RedriveOf ?? redrive?.Letter,
        };
    }

    /// <summary>A message without a record around it: a sidecar moved it here when an app did not take it.</summary>
    private static LetterContent Message(DeadLetterSource source, LetterPlace place, in DeliveredMessage message, DateTimeOffset stored)
    {
        var found = CloudEventAttributes.Read(message.Value);
        var topic = source.OriginTopic ?? (found?.Topic == source.Topic ? null : found?.Topic);
        var consumer = source.Consumer ?? "";
        var reason = new DeadLetterReason(DeadLetterClasses.Undelivered, "delivery", null, null, null, NotDelivered);
        // A copy: the broker uses the message's memory again.
        var headers = new MessageHeaders(message.Headers.Block.ToArray());
        return new LetterContent
        {
            Place = place,
            Reason = new LetterReason(reason.Class, reason.Rule, null, null, null, NotDelivered),
            Origin = new LetterOrigin(found?.Source ?? headers.Find("ce_source"), null, topic, null, null, message.Key, consumer),
            Original = message.Value.ToArray(),
            ContentType = found is null ? headers.Find("content-type") : "application/cloudevents+json",
            Headers = headers,
            ReceivedAt = found?.Time ?? stored,
            FailedAt = stored,
            TraceId = TraceIds.Of(found?.TraceParent ?? headers.Find("traceparent")),
            Fingerprint = Fingerprint.Of(reason, consumer, topic ?? ""),
            EventId = found?.Id ?? headers.Find("ce_id"),
            Redrives = Math.Max(found?.Redrives ?? 0, RedriveHeaders.Redrives(headers)),
            RedriveOf = RedriveHeaders.Find(headers)?.Letter ?? found?.RedriveOf,
            IsRecord = false,
        };
    }

    private static string? Some(string text) => text.Length == 0 ? null : text;
}
