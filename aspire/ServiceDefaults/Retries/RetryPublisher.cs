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
    private const int MaxCallBytes = 8 * 1024 * 1024;

    private readonly Metadata _headers = string.IsNullOrEmpty(apiToken) ? [] : new Metadata { { "dapr-api-token", apiToken } };

    public async Task PublishAsync(string topic, IReadOnlyList<RetriedEvent> events, CancellationToken cancellationToken)
    {
        for (var first = 0; first < events.Count;)
        {
            var request = new BulkPublishRequest { PubsubName = pubsub, Topic = topic };
            request.Metadata["rawPayload"] = "true";
            long bytes = 0;
            while (first < events.Count && (bytes == 0 || bytes + events[first].Payload.Length <= MaxCallBytes))
            {
                request.Entries.Add(Entry(events[first], request.Entries.Count));
                bytes += events[first++].Payload.Length + 1;
            }

            var response = await dapr.BulkPublishEventAsync(request, _headers, cancellationToken: cancellationToken);
            if (response.FailedEntries.Count > 0)
                throw new RpcException(new Status(StatusCode.Internal, $"{response.FailedEntries.Count} of {request.Entries.Count} events were not published to '{topic}': {response.FailedEntries[0].Error}"));
        }
    }

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
