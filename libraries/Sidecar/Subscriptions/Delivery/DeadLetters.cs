using RealTimeMesh.Components;
using RealTimeMesh.Sidecar.PubSub;
using RealTimeMesh.Sidecar.Resiliency;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Sends messages as they stand on their topic to the subscription's dead-letter topic.</summary>
internal sealed class DeadLetters(SubscriptionDefinition definition, PubSubComponent component, DeliveryServices services)
{
    /// <summary>On its own clock: the time of the delivery may be used up by retries.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public bool IsSet => definition.DeadLetterTopic.Length > 0;

    /// <summary>Returns those that could not be stored: they must come again.</summary>
    public async Task<IReadOnlyList<int>> SendAsync(DeliveryBatch batch, IReadOnlyList<int> places, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return places;
        var messages = new OutgoingMessage[places.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            var message = batch.Messages[places[i]];
            messages[i] = new OutgoingMessage(message.Key, message.Value, message.Headers);
        }

        using var limit = new CancellationTokenSource(Limit, services.Time);
        try
        {
            var policies = services.Resiliency.ForComponentOutbound(component.Name, ComponentKind.Pubsub);
            var topic = component.BrokerTopic(definition.DeadLetterTopic);
            var result = policies.IsNone
                ? await component.Broker.PublishAsync(topic, messages, limit.Token)
                : await OutboundPublish.RunAsync(policies, component.Broker, topic, messages, isHttp: false, limit.Token);
            if (result.Succeeded)
                return [];
            Log.DeadLetterFailed(services.Logger, result.Failures[0].Error, result.Failures.Count, definition.Topic, definition.DeadLetterTopic);
            return [.. result.Failures.Select(failure => places[failure.Index])];
        }
        catch (Exception exception)
        {
            Log.DeadLetterFailed(services.Logger, exception, places.Count, definition.Topic, definition.DeadLetterTopic);
            return places;
        }
    }
}
