using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;

namespace RealTimeMesh.ServiceDefaults;

/// <summary>
/// Publishes batches of binary events through the sidecar: Dapr's BulkPublishEvent with <c>rawPayload</c>, a
/// <c>partitionKey</c> for each entry and the CloudEvents attributes as headers in binary mode (<c>ce_*</c>).
/// DaprClient's bulk call takes no key for each entry.
/// </summary>
public sealed class EventPublisher(CallInvoker dapr, string pubsub, string? apiToken)
{
    private static readonly Method<BulkPublishCall, BulkPublishResponse> BulkPublish = new(
        MethodType.Unary,
        "dapr.proto.runtime.v1.Dapr",
        "BulkPublishEvent",
        Marshallers.Create<BulkPublishCall>(static (call, context) => call.Write(context), static _ => throw new NotSupportedException("requests are only sent")),
        Marshallers.Create<BulkPublishResponse>(static (_, _) => throw new NotSupportedException("responses are only read"), static context => BulkPublishResponse.Parser.ParseFrom(context.PayloadAsReadOnlySequence())));

    private readonly Metadata _headers = string.IsNullOrEmpty(apiToken) ? [] : new Metadata { { "dapr-api-token", apiToken } };

    /// <summary>
    /// Returns when all events are stored. Else an <see cref="RpcException"/>: a sidecar answers a bulk publish as a whole, so
    /// that with <see cref="StatusCode.Internal"/> any of the events may be stored and any may not.
    /// </summary>
    public async Task PublishAsync(string topic, EventEnvelope envelope, IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        using var call = dapr.AsyncUnaryCall(BulkPublish, null, new CallOptions(_headers, cancellationToken: cancellationToken), new BulkPublishCall(pubsub, topic, envelope, events));
        var response = await call.ResponseAsync;
        // The API's description has them, though daprd fails instead: an answer is no acknowledgement by itself.
        if (response.FailedEntries.Count > 0)
            throw new RpcException(new Status(StatusCode.Internal, $"{response.FailedEntries.Count} of {events.Count} events were not published: {response.FailedEntries[0].Error}"));
    }
}
