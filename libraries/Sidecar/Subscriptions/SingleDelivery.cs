using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Http;
using RealTimeMesh.Sidecar.PubSub;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Hands events to the app one by one as CloudEvents.</summary>
internal sealed class SingleDelivery(SubscriptionDefinition definition, PubSubComponent component, DeliveryServices services) : IDelivery
{
    private static readonly MediaTypeHeaderValue CloudEvent = new(CloudEvents.JsonType);

    private readonly DeadLetters _deadLetters = new(definition, component, services);
    private readonly bool _isRaw = definition.IsRaw;

    public async Task<DeliveryResult> DeliverAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        List<int>? refused = null;
        for (var i = 0; i < batch.Messages.Count; i++)
        {
            if (await DeliverAsync(batch, i, cancellationToken))
                continue;
            // Later ones wait: a key's order is kept.
            refused = [.. Enumerable.Range(i, batch.Messages.Count - i)];
            break;
        }

        return refused is null ? DeliveryResult.Acknowledged : new DeliveryResult(refused);
    }

    /// <summary>True where the event is settled, false where it must come again.</summary>
    private async Task<bool> DeliverAsync(DeliveryBatch batch, int place, CancellationToken cancellationToken)
    {
        var message = batch.Messages[place];
        using var incoming = IncomingEvent.Read(message.Value, _isRaw, component.Name, batch.Topic, services.Time.GetUtcNow());
        if (incoming.Fault is { } fault)
            return await RetryAsync(batch, place, fault, cancellationToken);
        if (incoming.IsExpired)
            return await DropAsync(batch, place, "expired", cancellationToken);
        var choice = incoming.Route(definition.Rules);
        if (choice.Fault is { } ruleFault)
            return await RetryAsync(batch, place, $"error finding matching route: {ruleFault}", cancellationToken);
        if (choice.Path is not { } route)
            return await DropAsync(batch, place, "no route matches", cancellationToken);

        var traceParent = incoming.TraceParent ?? message.Headers.Find("traceparent");
        using var activity = services.Tracing.StartDelivery(batch.Topic, traceParent, 1);
        using var answer = new PooledBuffer(256);
        var headers = Headers(batch, message, activity?.Id ?? traceParent);
        var status = (int)await services.App.PostAsync(new AppDelivery(route, incoming.Json, CloudEvent, headers), answer, cancellationToken);
        return status switch
        {
            >= 200 and <= 299 => StatusOf(answer.WrittenSpan) switch
            {
                EntryStatus.Success => Success(batch),
                EntryStatus.Drop => await DropAsync(batch, place, $"{route} answered DROP", cancellationToken),
                _ => await RetryAsync(batch, place, $"{route} answered RETRY or an unknown status", cancellationToken),
            },
            404 => await DropAsync(batch, place, $"{route} answered 404", cancellationToken),
            _ => await RetryAsync(batch, place, $"{route} answered {status}: {Encoding.UTF8.GetString(answer.WrittenSpan[..Math.Min(answer.Length, 512)])}", cancellationToken),
        };
    }

    private bool Success(DeliveryBatch batch)
    {
        services.Metrics.Delivered(component.Name, batch.Topic, "success", bulk: false, 1);
        return true;
    }

    private async Task<bool> RetryAsync(DeliveryBatch batch, int place, string cause, CancellationToken cancellationToken)
    {
        services.Metrics.Delivered(component.Name, batch.Topic, "retry", bulk: false, 1);
        Log.DeliveryRetried(services.Logger, 1, batch.Topic, cause);
        return _deadLetters.IsSet && await SendAsync(batch, place, cancellationToken);
    }

    private async Task<bool> DropAsync(DeliveryBatch batch, int place, string cause, CancellationToken cancellationToken)
    {
        services.Metrics.Delivered(component.Name, batch.Topic, "drop", bulk: false, 1);
        Log.DeliveryDropped(services.Logger, 1, batch.Topic, cause);
        return !_deadLetters.IsSet || await SendAsync(batch, place, cancellationToken);
    }

    private async Task<bool> SendAsync(DeliveryBatch batch, int place, CancellationToken cancellationToken) =>
        (await _deadLetters.SendAsync(batch, [place], cancellationToken)).Count == 0;

    /// <summary>An answer without a readable status is a success.</summary>
    private static EntryStatus StatusOf(ReadOnlySpan<byte> answer)
    {
        try
        {
            var reader = new Utf8JsonReader(answer);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return EntryStatus.Success;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStatus = reader.ValueTextEquals("status"u8);
                reader.Read();
                if (!isStatus || reader.TokenType != JsonTokenType.String)
                {
                    reader.Skip();
                    continue;
                }

                if (reader.ValueTextEquals("SUCCESS"u8) || reader.ValueTextEquals(""u8))
                    return EntryStatus.Success;
                return reader.ValueTextEquals("DROP"u8) ? EntryStatus.Drop : EntryStatus.Retry;
            }

            return EntryStatus.Success;
        }
        catch (JsonException)
        {
            return EntryStatus.Success;
        }
    }

    private List<KeyValuePair<string, string>> Headers(DeliveryBatch batch, in DeliveredMessage message, string? traceParent)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var header in message.Headers)
        {
            var name = Encoding.UTF8.GetString(header.Name);
            if (!IsOurs(name))
                Add(name, Encoding.UTF8.GetString(header.Value));
        }

        headers.Add(new("traceparent", traceParent ?? CloudEvents.NoTrace));
        Add("__topic", batch.Topic);
        if (message.Key is not null)
            Add("__key", message.Key);
        if (component.Broker.Capabilities.Offsets)
        {
            Add("__partition", $"{batch.Partition}");
            Add("__offset", $"{message.Offset}");
        }

        Add("__timestamp", $"{message.Timestamp}");
        return headers;

        void Add(string name, string value)
        {
            if (HeaderRules.IsName(name) && HeaderRules.IsValue(value))
                headers.Add(new(name, value));
        }
    }

    /// <summary>Headers of the request itself: a message's must not break it.</summary>
    private static bool IsOurs(string name) => name.ToLowerInvariant() is
        "content-length" or "content-type" or "transfer-encoding" or "connection" or "host" or "upgrade" or "expect" or "traceparent" or "dapr-api-token";
}
