using RealTimeMesh.Contracts.DeadLetters;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>Dead letters of events that were tried, perhaps several times.</summary>
internal static class GivenUp
{
    public static DeadLetterRecord Record(in DeliveredEvent item, RetryTrail trail, string consumer, in DeadLetterReason reason, TimeProvider time)
    {
        var headers = new Dictionary<string, string>(RetryTrail.Own(item.AllHeaders()), StringComparer.OrdinalIgnoreCase);
        var redrive = Redrive.Of(item);
        return new DeadLetterRecord
        {
            Reason = reason,
            Origin = new DeadLetterOrigin(consumer, trail.Topic)
            {
                Source = item.Source.IsEmpty ? CloudEventText.Find(item.Payload.Span, "source"u8) ?? "" : item.SourceText,
                Position = item.Sequence >= 0 ? item.Sequence : null,
                Partition = trail.Partition,
                Offset = trail.Offset,
                Key = item.Header("__key"u8),
            },
            Original = item.Payload.ToArray(),
            ContentType = headers.GetValueOrDefault("content-type") ?? (CloudEventText.Find(item.Payload.Span, "specversion"u8) is null ? null : "application/cloudevents+json"),
            Headers = headers.Count == 0 ? null : headers,
            ReceivedAt = trail.ReceivedAt,
            FailedAt = time.GetUtcNow(),
            Attempts = Math.Max(1, trail.Attempts),
            TraceId = TraceIds.Of(headers.GetValueOrDefault("traceparent") ?? CloudEventText.Find(item.Payload.Span, "traceparent"u8)),
            Redrives = redrive.Count,
            RedriveOf = redrive.Letter,
        };
    }
}
