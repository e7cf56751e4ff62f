using System.Net.Http.Headers;
using System.Text;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Posts CloudEvents to an HTTP app.</summary>
internal sealed class HttpEventSender(AppChannel app) : IEventSender
{
    private const int AnswerBytesInCause = 512;

    private static readonly MediaTypeHeaderValue CloudEvent = new(CloudEvents.JsonType);

    public async Task<DeliveryOutcome> SendAsync(OutgoingEvent outgoing, CancellationToken cancellationToken)
    {
        using var answer = new PooledBuffer(256);
        int status;
        try
        {
            status = (int)await app.PostAsync(new AppDelivery(HttpRoutes.PathOf(outgoing.Path), outgoing.Event.Json, CloudEvent, Headers(outgoing)), answer, cancellationToken);
        }
        catch (AppUnreachableException exception)
        {
            return new DeliveryOutcome(Verdict.Retry, $"error returned from app channel while sending pub/sub event to app: {exception.Message}", IsUnreachable: true);
        }

        var id = outgoing.Event.Id;
        if (status is >= 200 and <= 299)
            return AppStatusBody.Read(answer.WrittenSpan) switch
            {
                EntryStatus.Success => DeliveryOutcome.Success,
                EntryStatus.Drop => new DeliveryOutcome(Verdict.Drop, $"DROP status returned from app while processing pub/sub event {id}"),
                EntryStatus.Retry => new DeliveryOutcome(Verdict.Retry, $"RETRY status returned from app while processing pub/sub event {id}"),
                _ => new DeliveryOutcome(Verdict.Retry, $"unknown status returned from app while processing pub/sub event {id}"),
            };
        var body = Encoding.UTF8.GetString(answer.WrittenSpan[..Math.Min(answer.Length, AnswerBytesInCause)]);
        return status == 404
            ? new DeliveryOutcome(Verdict.Drop, $"non-retriable error returned from app while processing pub/sub event {id}: {body}. status code returned: 404")
            : new DeliveryOutcome(
                Verdict.Retry,
                $"retriable error returned from app while processing pub/sub event {id}, topic: {outgoing.Definition.Topic}, body: {body}. status code returned: {status}",
                status);
    }

    private static List<KeyValuePair<string, string>> Headers(OutgoingEvent outgoing)
    {
        var headers = new List<KeyValuePair<string, string>>(outgoing.Headers.Count + 2);
        foreach (var pair in outgoing.Headers)
        {
            if (HeaderRules.IsHttp(pair.Key, pair.Value))
                headers.Add(pair);
        }

        headers.Add(new("traceparent", outgoing.TraceParent ?? CloudEvents.NoTrace));
        if (outgoing.Event.TraceState is { Length: > 0 } state)
            headers.Add(new("tracestate", state));
        return headers;
    }
}
