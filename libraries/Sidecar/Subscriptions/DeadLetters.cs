using RealTimeMesh.Components;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>Sends messages as they stand on their topic to the subscription's dead-letter topic.</summary>
internal sealed class DeadLetters(SubscriptionDefinition definition, PubSubComponent component, DeliveryServices services)
{
    public bool IsSet => definition.DeadLetterTopic.Length > 0;

    /// <summary>Returns those that could not be stored: they must come again.</summary>
    public async Task<IReadOnlyList<int>> SendAsync(DeliveryBatch batch, IReadOnlyList<int> places, CancellationToken cancellationToken)
    {
        var messages = new OutgoingMessage[places.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            var message = batch.Messages[places[i]];
            messages[i] = new OutgoingMessage(message.Key, message.Value, message.Headers);
        }

        try
        {
            var result = await component.Broker.PublishAsync(definition.DeadLetterTopic, messages, cancellationToken);
            if (result.Succeeded)
                return [];
            Log.DeadLetterFailed(services.Logger, result.Failures[0].Error, result.Failures.Count, batch.Topic, definition.DeadLetterTopic);
            return [.. result.Failures.Select(failure => places[failure.Index])];
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.DeadLetterFailed(services.Logger, exception, places.Count, batch.Topic, definition.DeadLetterTopic);
            return places;
        }
    }
}
