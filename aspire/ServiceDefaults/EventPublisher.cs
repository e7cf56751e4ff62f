using System.Globalization;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>
/// Publishes batches of binary events through the sidecar: Dapr's BulkPublishEvent with <c>rawPayload</c>, a
/// <c>partitionKey</c> for each entry and the CloudEvents attributes as headers in binary mode (<c>ce_*</c>).
/// The generated client of the official package is used because DaprClient's bulk call takes no key for each entry.
/// </summary>
public sealed class EventPublisher(DaprGrpc dapr, string pubsub, string? apiToken)
{
    private readonly Metadata _headers = string.IsNullOrEmpty(apiToken) ? [] : new Metadata { { "dapr-api-token", apiToken } };

    /// <summary>
    /// Returns when all events are stored. Else an <see cref="RpcException"/>: a sidecar answers a bulk publish as a whole, so
    /// that with <see cref="StatusCode.Internal"/> any of the events may be stored and any may not.
    /// </summary>
    public async Task PublishAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        var request = new BulkPublishRequest { PubsubName = pubsub, Topic = topic };
        AddCommon(request.Metadata, envelope);
        for (var i = 0; i < events.Count; i++)
        {
            var item = events[i];
            var entry = new BulkPublishRequestEntry
            {
                EntryId = i.ToString(CultureInfo.InvariantCulture),
                Event = UnsafeByteOperations.UnsafeWrap(item.Payload),
                ContentType = envelope.ContentType,
            };
            entry.Metadata["partitionKey"] = item.Key;
            entry.Metadata["ce_id"] = item.Id;
            if (item.Sequence >= 0)
                entry.Metadata["ce_sequence"] = item.Sequence.ToString(CultureInfo.InvariantCulture);
            if (item.Headers is not null)
            {
                foreach (var (name, value) in item.Headers)
                    entry.Metadata[name] = value;
            }

            request.Entries.Add(entry);
        }

        var response = await dapr.BulkPublishEventAsync(request, _headers, cancellationToken: cancellationToken);
        // The API's description has them, though daprd fails instead: an answer is no acknowledgement by itself.
        if (response.FailedEntries.Count > 0)
            throw new RpcException(new Status(StatusCode.Internal, $"{response.FailedEntries.Count} of {events.Count} events were not published: {response.FailedEntries[0].Error}"));
    }

    private static void AddCommon(IDictionary<string, string> metadata, EventEnvelope envelope)
    {
        metadata["rawPayload"] = "true";
        metadata["ce_specversion"] = "1.0";
        metadata["ce_source"] = envelope.Source;
        metadata["ce_type"] = envelope.Type;
        metadata["ce_time"] = envelope.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        metadata["content-type"] = envelope.ContentType;
        if (envelope.TraceParent is not null)
            metadata["traceparent"] = envelope.TraceParent;
        foreach (var (name, value) in envelope.Headers)
            metadata[name] = value;
    }
}
