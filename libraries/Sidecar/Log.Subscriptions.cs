using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar;

/// <summary>Subscriptions and deliveries, in daprd's words where it has some.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Information, "app is subscribed to the following topics: [{Topics}] through pubsub={PubSub}")]
    public static partial void AppSubscribed(ILogger logger, string topics, string pubSub);

    [LoggerMessage(201, LogLevel.Warning, "Skipping programmatic subscription loading (see 'disable-init-endpoints' flag/annotation)")]
    public static partial void SubscribeEndpointDisabled(ILogger logger);

    [LoggerMessage(202, LogLevel.Warning, "Skipping programmatic dapr configuration loading (see 'disable-init-endpoints' flag/annotation)")]
    public static partial void ConfigEndpointDisabled(ILogger logger);

    [LoggerMessage(203, LogLevel.Information, "Application configuration loaded")]
    public static partial void AppConfigurationLoaded(ILogger logger);

    [LoggerMessage(204, LogLevel.Debug, "user app did not subscribe to any topic")]
    public static partial void NoTopics(ILogger logger);

    [LoggerMessage(205, LogLevel.Error, "app returned http status code {Status} from subscription endpoint")]
    public static partial void SubscribeEndpointFailed(ILogger logger, int status);

    [LoggerMessage(206, LogLevel.Error, "error getting topics from app: {Cause}")]
    public static partial void TopicsUnreadable(ILogger logger, string cause);

    [LoggerMessage(207, LogLevel.Information, "pubsub subscriptions: gRPC app does not implement ListTopicSubscriptions")]
    public static partial void TopicsNotImplemented(ILogger logger);

    [LoggerMessage(208, LogLevel.Warning, "the app did not answer {Call}: {Cause}; it is asked again in {Delay}")]
    public static partial void AppCallFailed(ILogger logger, string call, string cause, TimeSpan delay);

    [LoggerMessage(209, LogLevel.Error, "subscription to topic '{Topic}' on pubsub '{PubSub}' is refused: {Fault}")]
    public static partial void SubscriptionRefused(ILogger logger, string topic, string pubSub, string fault);

    [LoggerMessage(210, LogLevel.Information, "subscribed to topic '{Topic}' on pubsub '{PubSub}' as group '{Group}'")]
    public static partial void Subscribed(ILogger logger, string topic, string pubSub, string group);

    [LoggerMessage(211, LogLevel.Error, "Failed to start subscription for pubsub {PubSub}, topic {Topic}: {Cause}. Will retry.")]
    public static partial void SubscriptionFailed(ILogger logger, string pubSub, string topic, string cause);

    [LoggerMessage(212, LogLevel.Information, "Successfully started subscription after retry for pubsub {PubSub}, topic {Topic}")]
    public static partial void SubscriptionRecovered(ILogger logger, string pubSub, string topic);

    [LoggerMessage(213, LogLevel.Error, "a running delivery of topic '{Topic}' did not end within {Grace} after the stop; it is cancelled and its events come again")]
    public static partial void GraceExceeded(ILogger logger, string topic, TimeSpan grace);

    [LoggerMessage(214, LogLevel.Error, "subscription to topic '{Topic}' on pubsub '{PubSub}' could not be ended")]
    public static partial void StopFailed(ILogger logger, Exception exception, string topic, string pubSub);

    [LoggerMessage(215, LogLevel.Error, "the subscriptions could not be brought up to date")]
    public static partial void SubscriptionsFailed(ILogger logger, Exception exception);

    [LoggerMessage(216, LogLevel.Error, "error deserializing cloud event in pubsub {PubSub} and topic {Topic}: {Cause}")]
    public static partial void EventUnreadable(ILogger logger, string pubSub, string topic, string cause);

    [LoggerMessage(217, LogLevel.Warning, "dropping expired pub/sub event {Id} as of {Expiration}")]
    public static partial void EventExpired(ILogger logger, string id, string expiration);

    [LoggerMessage(218, LogLevel.Debug, "no matching route for event {Id} in pubsub {PubSub} and topic {Topic}; skipping")]
    public static partial void NoRoute(ILogger logger, string id, string pubSub, string topic);

    [LoggerMessage(219, LogLevel.Warning, "encountered a retriable error while publishing a subscribed message to topic {Topic}, err: {Cause}")]
    public static partial void DeliveryFailed(ILogger logger, string topic, string cause);

    [LoggerMessage(220, LogLevel.Warning, "dropping pub/sub event of topic {Topic}: {Cause}")]
    public static partial void DeliveryDropped(ILogger logger, string topic, string cause);

    [LoggerMessage(221, LogLevel.Warning, "DROP status returned from app for {Count} entries of topic {Topic}")]
    public static partial void EntriesDropped(ILogger logger, int count, string topic);

    [LoggerMessage(222, LogLevel.Warning, "RETRY required while processing bulk subscribe event for {Count} entries of topic {Topic}")]
    public static partial void EntriesFailed(ILogger logger, int count, string topic);

    [LoggerMessage(223, LogLevel.Error, "error sending message to dead letter, origin topic: {Topic} dead letter topic {DeadLetterTopic}, {Count} messages come again")]
    public static partial void DeadLetterFailed(ILogger logger, Exception exception, int count, string topic, string deadLetterTopic);

    [LoggerMessage(224, LogLevel.Warning, "falling back to OnBulkTopicEventAlpha1 due to unimplemented error: {Cause}")]
    public static partial void BulkFallsBack(ILogger logger, string cause);

    [LoggerMessage(225, LogLevel.Information, "Subscribing to pubsub '{PubSub}' topic '{Topic}' ConnectionID {Connection}")]
    public static partial void StreamOpened(ILogger logger, string pubSub, string topic, long connection);

    [LoggerMessage(226, LogLevel.Information, "Unsubscribed from pubsub '{PubSub}' topic '{Topic}' ConnectionID {Connection}")]
    public static partial void StreamClosed(ILogger logger, string pubSub, string topic, long connection);

    [LoggerMessage(227, LogLevel.Error, "no client stream expecting publish response for id {Id} ConnectionID {Connection}")]
    public static partial void AnswerUnexpected(ILogger logger, string id, long connection);

    [LoggerMessage(228, LogLevel.Error, "Subscription '{Name}' in {File}, line {Line}, is left out: {Cause}")]
    public static partial void DocumentRefused(ILogger logger, string name, string file, int line, string cause);

    [LoggerMessage(229, LogLevel.Error, "error finding matching route for event {Id} in pubsub {PubSub} and topic {Topic}: {Cause}")]
    public static partial void RuleFailed(ILogger logger, string id, string pubSub, string topic, string cause);

    [LoggerMessage(230, LogLevel.Information, "pausing subscription on topic {Topic} during graceful shutdown")]
    public static partial void SubscriptionPausing(ILogger logger, string topic);

    [LoggerMessage(231, LogLevel.Warning, "failed to pause subscription on topic {Topic} during graceful shutdown")]
    public static partial void PauseFailed(ILogger logger, Exception exception, string topic);
}
