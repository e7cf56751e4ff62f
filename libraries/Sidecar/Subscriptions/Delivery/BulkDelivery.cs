using System.Buffers;
using System.Text;
using RealTimeMesh.Components;
using RealTimeMesh.Cel;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Hands whole batches to the app, those of each route in one request.</summary>
internal sealed class BulkDelivery(SubscriptionDefinition definition, PubSubComponent component, IBulkSender sender, DeliveryServices services) : IDelivery
{
    private readonly DeadLetters _deadLetters = new(definition, component, services);
    private readonly PolicyRunner _policies = services.Resiliency.ForComponentInbound(component.Name, ComponentKind.Pubsub);

    /// <summary>Raw values that all go one way need not be read.</summary>
    private readonly string? _unreadRoute = definition is { IsRaw: true, Fault: null } ? definition.FixedRoute : null;

    public async Task<BatchOutcome> DeliverAsync(DeliveryBatch batch, CancellationToken closing, CancellationToken cancellationToken)
    {
        var ids = BulkEntryIds.Create();
        if (_unreadRoute is not null)
            return Outcome(await SendAsync(batch, null, _unreadRoute, ids, closing, cancellationToken), closing);

        var sorted = Sort(batch);
        var refused = new List<int>();
        var unreachable = false;
        foreach (var (path, places) in sorted.Routes)
        {
            var (failed, lost) = await SendAsync(batch, places, path, ids, closing, cancellationToken);
            refused.AddRange(failed);
            unreachable |= lost;
        }

        if (sorted.Dropped.Count > 0)
            refused.AddRange(await DropAsync(batch, sorted.Dropped, cancellationToken));
        if (sorted.Unreadable.Count > 0)
            refused.AddRange(await FailAsync(batch, sorted.Unreadable, cancellationToken));
        refused.Sort();
        return Outcome((refused, unreachable), closing);
    }

    private static BatchOutcome Outcome((IReadOnlyList<int> Refused, bool Unreachable) end, CancellationToken closing) => end.Refused.Count == 0
        ? new BatchOutcome(DeliveryResult.Acknowledged)
        : new BatchOutcome(new DeliveryResult(end.Refused) { IsAbandoned = closing.IsCancellationRequested }, end.Unreachable);

    /// <summary>Events that are read for their route: grouped by path, in order within each.</summary>
    private SortedBatch Sort(DeliveryBatch batch)
    {
        var sorted = new SortedBatch();
        var now = services.Time.GetUtcNow();
        for (var i = 0; i < batch.Messages.Count; i++)
        {
            using var incoming = IncomingEvent.Read(batch.Messages[i], definition);
            if (incoming.Fault is { } fault)
            {
                Log.EventUnreadable(services.Logger, component.Name, definition.Topic, fault);
                sorted.Unreadable.Add(i);
            }
            else if (incoming.IsExpired(now))
            {
                Log.EventExpired(services.Logger, incoming.Id, incoming.Text("expiration")!);
                sorted.Dropped.Add(i);
            }
            else
            {
                Sort(sorted, i, incoming.Id, Route(incoming, batch.Messages[i].Value));
            }
        }

        return sorted;
    }

    private void Sort(SortedBatch sorted, int place, string id, RouteChoice choice)
    {
        if (choice.Fault is { } fault)
        {
            Log.RuleFailed(services.Logger, id, component.Name, definition.Topic, fault);
            sorted.Unreadable.Add(place);
        }
        else if (choice.Path is { } path)
        {
            sorted.Add(path, place);
        }
        else
        {
            Log.NoRoute(services.Logger, id, component.Name, definition.Topic);
            sorted.Dropped.Add(place);
        }
    }

    /// <summary>The rules see a raw value as text here, and as a CloudEvent where events are delivered singly: so does daprd.</summary>
    private RouteChoice Route(IncomingEvent incoming, ReadOnlyMemory<byte> value) =>
        definition.IsRaw ? RouteChoice.Of(definition.Rules, CelValue.String(Encoding.UTF8.GetString(value.Span))) : incoming.Route(definition.Rules);

    /// <summary>Returns the places that must come again, and whether the app was out of reach.</summary>
    private async Task<(IReadOnlyList<int> Refused, bool Unreachable)> SendAsync(
        DeliveryBatch batch, List<int>? selection, string path, BulkEntryIds ids, CancellationToken closing, CancellationToken cancellationToken)
    {
        var (pending, dropped, outcome) = _policies.IsNone
            ? await AttemptAsync(batch, selection, path, ids, cancellationToken)
            : await AttemptsAsync(batch, selection, path, ids, closing, cancellationToken);
        IReadOnlyList<int> refused = dropped.Count == 0 ? [] : await DeadLetterAsync(batch, dropped, [], cancellationToken);
        if (pending.Count > 0)
        {
            var failed = closing.IsCancellationRequested ? pending : await FailAsync(batch, pending, cancellationToken);
            refused = refused.Count == 0 ? failed : [.. refused.Concat(failed).Order()];
        }

        return (refused, refused.Count > 0 && outcome.Verdict == Verdict.Retry);
    }

    /// <summary>As many attempts as the component's inbound policies grant, each with the entries that failed in the one before.</summary>
    private async Task<BulkAttempt> AttemptsAsync(DeliveryBatch batch, IReadOnlyList<int>? selection, string path, BulkEntryIds ids, CancellationToken closing, CancellationToken cancellationToken)
    {
        var pending = selection;
        var dropped = new List<int>();
        var end = await _policies.RunAsync(
            this,
            async (delivery, attempt) =>
            {
                var result = await delivery.AttemptAsync(batch, pending, path, ids, attempt.Token);
                return result.Pending.Count == 0
                    ? new Outcome<BulkAttempt>(result)
                    : new Outcome<BulkAttempt>(result, new DeliveryFailedException(result.Outcome.Cause), GrpcCodeOf(result.Outcome));
            },
            cancellationToken,
            new RunHooks<BulkAttempt>
            {
                Closing = closing,
                Accumulate = result =>
                {
                    pending = result.Pending;
                    dropped.AddRange(result.Dropped);
                },
            });
        if (end.Error is null or DeliveryFailedException)
            return end.Value! with { Dropped = dropped };
        Log.DeliveryFailed(services.Logger, definition.Topic, end.Error.Message);
        return new BulkAttempt(pending ?? [.. Enumerable.Range(0, batch.Messages.Count)], dropped, new DeliveryOutcome(Verdict.Retry, end.Error.Message));
    }

    /// <summary>daprd matches the codes of gRPC apps alone here: bulk deliveries over HTTP fail without one.</summary>
    private static int? GrpcCodeOf(DeliveryOutcome outcome) => outcome.Code is <= (int)global::Grpc.Core.StatusCode.Unauthenticated ? outcome.Code : null;

    /// <summary>What of a selection is still to be done after one attempt, and what the app does not want.</summary>
    private async Task<BulkAttempt> AttemptAsync(DeliveryBatch batch, IReadOnlyList<int>? selection, string path, BulkEntryIds ids, CancellationToken cancellationToken)
    {
        var count = selection?.Count ?? batch.Messages.Count;
        using var activity = services.Tracing.StartDelivery(definition.Topic, services.Tracing.IsListenedTo ? batch.Messages[0].Headers.Find("traceparent") : null, count);
        var started = services.Time.GetTimestamp();
        var statuses = ArrayPool<EntryStatus>.Shared.Rent(batch.Messages.Count);
        try
        {
            var known = statuses.AsMemory(0, batch.Messages.Count);
            var request = new BulkRequest(batch, selection, definition, component, path, ids, activity?.Id);
            var outcome = await sender.SendAsync(request, known, cancellationToken);
            services.Metrics.BulkDelivery(component.Name, definition.Topic, services.Time.GetElapsedTime(started));
            switch (outcome.Verdict)
            {
                case Verdict.Success:
                    return Settle(request, known.Span, outcome);
                case Verdict.Ignore:
                    Log.DeliveryDropped(services.Logger, definition.Topic, outcome.Cause);
                    Count("drop", count);
                    return new BulkAttempt([], [], outcome);
                default:
                    Log.DeliveryFailed(services.Logger, definition.Topic, outcome.Cause);
                    Count("retry", count);
                    return new BulkAttempt(selection ?? [.. Enumerable.Range(0, count)], [], outcome);
            }
        }
        finally
        {
            ArrayPool<EntryStatus>.Shared.Return(statuses);
        }
    }

    private BulkAttempt Settle(BulkRequest request, ReadOnlySpan<EntryStatus> statuses, DeliveryOutcome outcome)
    {
        List<int>? retried = null, dropped = null;
        for (var i = 0; i < request.Count; i++)
        {
            var place = request.Place(i);
            switch (statuses[place])
            {
                case EntryStatus.Success:
                    break;
                case EntryStatus.Drop:
                    (dropped ??= []).Add(place);
                    break;
                default:
                    (retried ??= []).Add(place);
                    break;
            }
        }

        if (request.Count - (retried?.Count ?? 0) - (dropped?.Count ?? 0) is > 0 and var succeeded)
            Count("success", succeeded);
        if (dropped is not null)
        {
            Log.EntriesDropped(services.Logger, dropped.Count, definition.Topic);
            Count("drop", dropped.Count);
        }

        if (retried is not null)
        {
            Log.EntriesFailed(services.Logger, retried.Count, definition.Topic);
            Count("retry", retried.Count);
        }

        return new BulkAttempt((IReadOnlyList<int>?)retried ?? [], (IReadOnlyList<int>?)dropped ?? [], outcome);
    }

    /// <summary>Expired and unrouted events are gone, save as dead letters.</summary>
    private Task<IReadOnlyList<int>> DropAsync(DeliveryBatch batch, IReadOnlyList<int> places, CancellationToken cancellationToken)
    {
        Count("drop", places.Count);
        return DeadLetterAsync(batch, places, [], cancellationToken);
    }

    /// <summary>Events that could not be delivered are dead letters, or the broker's again.</summary>
    private Task<IReadOnlyList<int>> FailAsync(DeliveryBatch batch, IReadOnlyList<int> places, CancellationToken cancellationToken) =>
        DeadLetterAsync(batch, places, places, cancellationToken);

    private Task<IReadOnlyList<int>> DeadLetterAsync(DeliveryBatch batch, IReadOnlyList<int> places, IReadOnlyList<int> withoutTopic, CancellationToken cancellationToken) =>
        _deadLetters.IsSet ? _deadLetters.SendAsync(batch, places, cancellationToken) : Task.FromResult(withoutTopic);

    private void Count(string status, int events) => services.Metrics.Delivered(component.Name, definition.Topic, status, bulk: true, events);

    /// <summary>Places still to be delivered, places that are dead letters, and how the attempt ended.</summary>
    private sealed record BulkAttempt(IReadOnlyList<int> Pending, IReadOnlyList<int> Dropped, DeliveryOutcome Outcome);

    /// <summary>The places of a batch by what is to become of them.</summary>
    private sealed class SortedBatch
    {
        public List<KeyValuePair<string, List<int>>> Routes { get; } = [];

        public List<int> Dropped { get; } = [];

        public List<int> Unreadable { get; } = [];

        public void Add(string path, int place)
        {
            var known = Routes.FindIndex(route => route.Key == path);
            if (known < 0)
                Routes.Add(new(path, [place]));
            else
                Routes[known].Value.Add(place);
        }
    }
}
