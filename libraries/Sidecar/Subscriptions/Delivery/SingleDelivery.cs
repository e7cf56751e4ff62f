using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Hands events to a subscriber one by one as CloudEvents.</summary>
internal sealed class SingleDelivery(SubscriptionDefinition definition, PubSubComponent component, IEventSender sender, DeliveryServices services) : IDelivery
{
    private readonly DeadLetters _deadLetters = new(definition, component, services);
    private readonly PolicyRunner _policies = services.Resiliency.ForComponentInbound(component.Name, ComponentKind.Pubsub);

    public async Task<BatchOutcome> DeliverAsync(DeliveryBatch batch, CancellationToken closing, CancellationToken cancellationToken)
    {
        for (var i = 0; i < batch.Messages.Count; i++)
        {
            var (settlement, unreachable) = await SettleAsync(batch, i, closing, cancellationToken);
            if (settlement == Settlement.Acknowledged)
                continue;
            // Later ones wait: a key's order is kept.
            var rest = Enumerable.Range(i, batch.Messages.Count - i).ToArray();
            return new BatchOutcome(new DeliveryResult(rest) { IsAbandoned = settlement == Settlement.Abandoned }, unreachable);
        }

        return new BatchOutcome(DeliveryResult.Acknowledged);
    }

    private async Task<(Settlement Settlement, bool Unreachable)> SettleAsync(DeliveryBatch batch, int place, CancellationToken closing, CancellationToken cancellationToken)
    {
        var message = batch.Messages[place];
        // An attempt that its timeout cuts off may still be writing when the broker takes its memory back.
        using var incoming = IncomingEvent.Read(message, definition, outlives: _policies.Timeout > TimeSpan.Zero);
        if (incoming.Fault is { } fault)
        {
            Log.EventUnreadable(services.Logger, component.Name, definition.Topic, fault);
            return (await FailAsync(batch, place, cancellationToken), false);
        }

        if (incoming.IsExpired(services.Time.GetUtcNow()))
        {
            Log.EventExpired(services.Logger, incoming.Id, incoming.Text("expiration")!);
            return (await DropAsync(batch, place, cancellationToken), false);
        }

        var choice = incoming.Route(definition.Rules);
        if (choice.Fault is { } ruleFault)
        {
            Log.RuleFailed(services.Logger, incoming.Id, component.Name, definition.Topic, ruleFault);
            return (await FailAsync(batch, place, cancellationToken), false);
        }

        if (choice.Path is not { } path)
        {
            Log.NoRoute(services.Logger, incoming.Id, component.Name, definition.Topic);
            return (await DropAsync(batch, place, cancellationToken), false);
        }

        using var activity = services.Tracing.StartDelivery(definition.Topic, incoming.TraceParent, 1);
        var headers = MessageMetadata.Of(batch, message, definition.Topic, component);
        var outgoing = new OutgoingEvent(incoming, definition, path, headers, activity?.Id ?? incoming.TraceParent);
        var outcome = _policies.IsNone ? await AttemptAsync(outgoing, cancellationToken) : await AttemptsAsync(outgoing, closing, cancellationToken);
        switch (outcome.Verdict)
        {
            case Verdict.Success or Verdict.Ignore:
                return (Settlement.Acknowledged, false);
            case Verdict.Drop:
                return (await DeadLetterAsync(batch, place, Settlement.Acknowledged, cancellationToken), false);
            default:
                // A subscription that ends leaves the event to the next one: it is no dead letter yet.
                return closing.IsCancellationRequested
                    ? (Settlement.Abandoned, false)
                    : (await FailAsync(batch, place, cancellationToken), outcome.IsUnreachable);
        }
    }

    /// <summary>As many attempts as the component's inbound policies grant.</summary>
    private async Task<DeliveryOutcome> AttemptsAsync(OutgoingEvent outgoing, CancellationToken closing, CancellationToken cancellationToken)
    {
        var end = await _policies.RunAsync(
            (Delivery: this, outgoing),
            static async (call, attempt) =>
            {
                var outcome = await call.Delivery.AttemptAsync(call.outgoing, attempt.Token);
                return outcome.Verdict == Verdict.Retry
                    ? new Outcome<DeliveryOutcome>(outcome, new DeliveryFailedException(outcome.Cause), outcome.Code)
                    : new Outcome<DeliveryOutcome>(outcome);
            },
            cancellationToken,
            new RunHooks<DeliveryOutcome> { Closing = closing });
        if (end.Error is null or DeliveryFailedException)
            return end.Value;
        Log.DeliveryFailed(services.Logger, definition.Topic, end.Error.Message);
        return new DeliveryOutcome(Verdict.Retry, end.Error.Message);
    }

    private async Task<DeliveryOutcome> AttemptAsync(OutgoingEvent outgoing, CancellationToken cancellationToken)
    {
        var outcome = await sender.SendAsync(outgoing, cancellationToken);
        switch (outcome.Verdict)
        {
            case Verdict.Success:
                Count("success");
                break;
            case Verdict.Retry:
                Log.DeliveryFailed(services.Logger, definition.Topic, outcome.Cause);
                Count("retry");
                break;
            default:
                Log.DeliveryDropped(services.Logger, definition.Topic, outcome.Cause);
                Count("drop");
                break;
        }

        return outcome;
    }

    /// <summary>Expired and unrouted events are gone, save as dead letters.</summary>
    private Task<Settlement> DropAsync(DeliveryBatch batch, int place, CancellationToken cancellationToken)
    {
        Count("drop");
        return DeadLetterAsync(batch, place, Settlement.Acknowledged, cancellationToken);
    }

    /// <summary>An event that could not be delivered is a dead letter, or the broker's again.</summary>
    private async Task<Settlement> FailAsync(DeliveryBatch batch, int place, CancellationToken cancellationToken)
    {
        var settlement = await DeadLetterAsync(batch, place, Settlement.Refused, cancellationToken);
        Count(settlement == Settlement.Acknowledged ? "drop" : "retry");
        return settlement;
    }

    private async Task<Settlement> DeadLetterAsync(DeliveryBatch batch, int place, Settlement withoutTopic, CancellationToken cancellationToken)
    {
        if (!_deadLetters.IsSet)
            return withoutTopic;
        return (await _deadLetters.SendAsync(batch, [place], cancellationToken)).Count == 0 ? Settlement.Acknowledged : Settlement.Refused;
    }

    private void Count(string status) => services.Metrics.Delivered(component.Name, definition.Topic, status, bulk: false, 1);

    private enum Settlement
    {
        Acknowledged,
        Refused,

        /// <summary>Neither: the subscription ends.</summary>
        Abandoned,
    }
}
