using System.Globalization;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using DaprGrpc = Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient;

namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>
/// Publishes through the sidecar, raw and in calls of a bounded size, with no header but the events' own: an event that waits must
/// come back as it was.
/// </summary>
public sealed class RetryPublisher(DaprGrpc dapr, string pubsub, string? apiToken) : IRetryPublisher
{
    private readonly Metadata _headers = string.IsNullOrEmpty(apiToken) ? [] : new Metadata { { "dapr-api-token", apiToken } };

    public async Task PublishAsync(string topic, IReadOnlyList<RetriedEvent> events, CancellationToken cancellationToken)
    {
        for (var first = 0; first < events.Count;)
        {
            var request = new BulkPublishRequest { PubsubName = pubsub, Topic = topic };
            request.Metadata["rawPayload"] = "true";
            long bytes = 0;
            for (; first < events.Count; first++)
            {
                var length = Bound(events[first]);
                if (request.Entries.Count > 0 && bytes + length > PublishCallSize.MaxBytes)
                    break;
                request.Entries.Add(Entry(events[first], request.Entries.Count));
                bytes += length;
            }

            var response = await dapr.BulkPublishEventAsync(request, _headers, cancellationToken: cancellationToken);
            if (response.FailedEntries.Count > 0)
                throw new RpcException(new Status(StatusCode.Internal, $"{response.FailedEntries.Count} of {request.Entries.Count} events were not published to '{topic}': {response.FailedEntries[0].Error}"));
        }
    }

    private static long Bound(in RetriedEvent item) =>
        PublishCallSize.Bound(new OutgoingEvent(item.Key, "", -1, item.Payload)) + PublishCallSize.Bound(item.Headers);

    private static BulkPublishRequestEntry Entry(in RetriedEvent item, int number)
    {
        var entry = new BulkPublishRequestEntry
        {
            EntryId = number.ToString(CultureInfo.InvariantCulture),
            Event = UnsafeByteOperations.UnsafeWrap(item.Payload),
            ContentType = "application/octet-stream",
        };
        foreach (var (name, value) in item.Headers)
        {
            entry.Metadata[name] = value;
            if (name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
                entry.ContentType = value;
        }

        if (item.Key.Length > 0)
            entry.Metadata["partitionKey"] = item.Key;
        return entry;
    }
}
