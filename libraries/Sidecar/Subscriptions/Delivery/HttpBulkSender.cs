using System.Net.Http.Headers;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Http;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Posts bulk envelopes to an HTTP app.</summary>
internal sealed class HttpBulkSender(AppChannel app) : IBulkSender
{
    private const int AnswerBytesPerEntry = 80;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    public async Task<DeliveryOutcome> SendAsync(BulkRequest request, Memory<EntryStatus> statuses, CancellationToken cancellationToken)
    {
        using var body = new PooledBuffer(BulkEnvelope.EstimateBytes(request.Batch));
        BulkEnvelope.Write(body, request);
        using var answer = new PooledBuffer(request.Count * AnswerBytesPerEntry);
        IReadOnlyList<KeyValuePair<string, string>> headers = request.TraceParent is { } trace
            ? [new(MessageMetadata.PubSubName, request.Component.Name), new("traceparent", trace)]
            : [new(MessageMetadata.PubSubName, request.Component.Name)];
        int status;
        try
        {
            status = (int)await app.PostAsync(new AppDelivery(HttpRoutes.PathOf(request.Path), body.WrittenMemory, Json, headers), answer, cancellationToken);
        }
        catch (AppUnreachableException exception)
        {
            return new DeliveryOutcome(Verdict.Retry, $"error from app channel while sending pub/sub event to app: {exception.Message}", IsUnreachable: true);
        }

        return status switch
        {
            >= 200 and <= 299 => BulkStatuses.TryRead(answer.WrittenSpan, request.Ids, statuses.Span)
                ? DeliveryOutcome.Success
                : new DeliveryOutcome(Verdict.Retry, "failed unmarshalling app response for bulk subscribe: expected {\"statuses\":[{\"entryId\",\"status\"}]}"),
            404 => new DeliveryOutcome(Verdict.Ignore, "non-retriable error returned from app while processing bulk pub/sub event. status code returned: 404"),
            _ => new DeliveryOutcome(
                Verdict.Retry,
                $"Retriable error returned from app while processing bulk pub/sub event, topic: {request.Definition.Topic}. status code returned: {status}",
                status),
        };
    }
}
