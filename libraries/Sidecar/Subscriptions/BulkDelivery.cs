using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.App;
using RealTimeMesh.Sidecar.Cel;
using RealTimeMesh.Sidecar.Http;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Hands a whole batch to the app in one request.</summary>
internal sealed class BulkDelivery(SubscriptionDefinition definition, PubSubComponent component, DeliveryServices services) : IDelivery
{
    private const int AnswerBytesPerEntry = 48;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly DeadLetters _deadLetters = new(definition, component, services);
    private readonly bool _isRaw = definition.IsRaw;
    private readonly string? _fixedRoute = definition.FixedRoute;

    public async Task<DeliveryResult> DeliverAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        if (_isRaw && _fixedRoute is not null)
        {
            var refused = await PostAsync(batch, null, _fixedRoute, cancellationToken);
            return refused.Count == 0 ? DeliveryResult.Acknowledged : new DeliveryResult(refused);
        }

        return await DeliverByRouteAsync(batch, cancellationToken);
    }

    /// <summary>Events that are read for their route: grouped by path, in order within each.</summary>
    private async Task<DeliveryResult> DeliverByRouteAsync(DeliveryBatch batch, CancellationToken cancellationToken)
    {
        var routes = new List<KeyValuePair<string, List<int>>>();
        var refused = new List<int>();
        var dropped = new List<int>();
        for (var i = 0; i < batch.Messages.Count; i++)
        {
            using var incoming = IncomingEvent.Read(batch.Messages[i].Value, _isRaw, component.Name, batch.Topic, services.Time.GetUtcNow());
            var choice = incoming.Fault is not null || incoming.IsExpired ? default : Route(incoming, batch.Messages[i].Value);
            if ((incoming.Fault ?? choice.Fault) is { } fault)
            {
                Log.DeliveryRetried(services.Logger, 1, batch.Topic, fault);
                (_deadLetters.IsSet ? dropped : refused).Add(i);
            }
            else if (choice.Path is not { } route)
            {
                dropped.Add(i);
            }
            else
            {
                var group = routes.FindIndex(pair => pair.Key == route);
                if (group < 0)
                    routes.Add(new(route, [i]));
                else
                    routes[group].Value.Add(i);
            }
        }

        foreach (var (route, places) in routes)
            refused.AddRange(await PostAsync(batch, places, route, cancellationToken));
        if (dropped.Count > 0)
            refused.AddRange(await DropAsync(batch, dropped, "expired, unreadable or without a matching route", cancellationToken));
        refused.Sort();
        return new DeliveryResult(refused);
    }

    /// <summary>The rules see a raw value as text here, and as a CloudEvent where events are delivered singly: so does daprd.</summary>
    private RouteChoice Route(IncomingEvent incoming, ReadOnlyMemory<byte> value) =>
        _isRaw ? RouteChoice.Of(definition.Rules, CelValue.String(Encoding.UTF8.GetString(value.Span))) : incoming.Route(definition.Rules);

    /// <summary>Returns the places that must come again.</summary>
    private async Task<IReadOnlyList<int>> PostAsync(DeliveryBatch batch, List<int>? selection, string route, CancellationToken cancellationToken)
    {
        var count = selection?.Count ?? batch.Messages.Count;
        using var activity = services.Tracing.StartDelivery(batch.Topic, services.Tracing.IsListenedTo ? batch.Messages[0].Headers.Find("traceparent") : null, count);
        var started = services.Time.GetTimestamp();
        using var body = new PooledBuffer(BulkEnvelope.EstimateBytes(batch));
        BulkEnvelope.Write(body, component.Name, batch, selection, _isRaw, component.Broker.Capabilities.Offsets);
        using var answer = new PooledBuffer(count * AnswerBytesPerEntry);
        IReadOnlyList<KeyValuePair<string, string>> headers = activity?.Id is { } id ? [new("traceparent", id)] : [];
        var status = await services.App.PostAsync(new AppDelivery(route, body.WrittenMemory, Json, headers), answer, cancellationToken);
        services.Metrics.BulkDelivery(component.Name, batch.Topic, services.Time.GetElapsedTime(started));

        var statuses = ArrayPool<EntryStatus>.Shared.Rent(batch.Messages.Count);
        try
        {
            var known = statuses.AsMemory(0, batch.Messages.Count);
            if ((int)status is < 200 or > 299)
                return await RetryAllAsync(batch, selection, $"{route} answered {(int)status}", cancellationToken);
            if (!BulkStatuses.TryRead(answer.WrittenSpan, known.Span))
                return await RetryAllAsync(batch, selection, $"{route} answered something other than {{\"statuses\":[...]}}", cancellationToken);
            return await SettleAsync(batch, selection, count, route, known, cancellationToken);
        }
        finally
        {
            ArrayPool<EntryStatus>.Shared.Return(statuses);
        }
    }

    private async Task<IReadOnlyList<int>> SettleAsync(DeliveryBatch batch, List<int>? selection, int count, string route, ReadOnlyMemory<EntryStatus> statuses, CancellationToken cancellationToken)
    {
        List<int>? retried = null, dropped = null;
        for (var i = 0; i < count; i++)
        {
            var place = selection?[i] ?? i;
            switch (statuses.Span[place])
            {
                case EntryStatus.Retry:
                    (retried ??= []).Add(place);
                    break;
                case EntryStatus.Drop:
                    (dropped ??= []).Add(place);
                    break;
            }
        }

        var succeeded = count - (retried?.Count ?? 0) - (dropped?.Count ?? 0);
        if (succeeded > 0)
            services.Metrics.Delivered(component.Name, batch.Topic, "success", bulk: true, succeeded);
        IReadOnlyList<int> refused = [];
        if (retried is not null)
        {
            services.Metrics.Delivered(component.Name, batch.Topic, "retry", bulk: true, retried.Count);
            Log.DeliveryRetried(services.Logger, retried.Count, batch.Topic, $"{route} asked for it or gave no status");
            refused = _deadLetters.IsSet ? await _deadLetters.SendAsync(batch, retried, cancellationToken) : retried;
        }

        return dropped is null ? refused : [.. refused.Concat(await DropAsync(batch, dropped, $"{route} answered DROP", cancellationToken)).Order()];
    }

    private async Task<IReadOnlyList<int>> DropAsync(DeliveryBatch batch, IReadOnlyList<int> places, string cause, CancellationToken cancellationToken)
    {
        services.Metrics.Delivered(component.Name, batch.Topic, "drop", bulk: true, places.Count);
        Log.DeliveryDropped(services.Logger, places.Count, batch.Topic, cause);
        return _deadLetters.IsSet ? await _deadLetters.SendAsync(batch, places, cancellationToken) : [];
    }

    /// <summary>
    /// The app failed as a whole. Without a dead-letter topic it is asked again after growing pauses: an app in trouble
    /// is not helped by megabytes ten times a second.
    /// </summary>
    private async Task<IReadOnlyList<int>> RetryAllAsync(DeliveryBatch batch, List<int>? selection, string cause, CancellationToken cancellationToken)
    {
        if (!_deadLetters.IsSet)
            throw new AppUnreachableException(cause);
        var places = selection ?? [.. Enumerable.Range(0, batch.Messages.Count)];
        services.Metrics.Delivered(component.Name, batch.Topic, "retry", bulk: true, places.Count);
        Log.DeliveryRetried(services.Logger, places.Count, batch.Topic, cause);
        return await _deadLetters.SendAsync(batch, places, cancellationToken);
    }
}
