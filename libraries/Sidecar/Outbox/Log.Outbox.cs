using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Sidecar;

internal static partial class Log
{
    [LoggerMessage(180, LogLevel.Warning, "could not subscribe to internal outbox topic: outbox pubsub {PubSub} not loaded (state store {Store})")]
    public static partial void OutboxPubSubMissing(ILogger logger, string pubSub, string store);

    [LoggerMessage(181, LogLevel.Error, "failed to publish outbox topic to pubsub {PubSub}: {Cause}, discarding message")]
    public static partial void OutboxDiscarded(ILogger logger, string pubSub, string cause);

    [LoggerMessage(182, LogLevel.Error, "failed to publish outbox topic to pubsub {PubSub}: {Cause}, rejecting for later processing")]
    public static partial void OutboxRejected(ILogger logger, string pubSub, string cause);

    [LoggerMessage(183, LogLevel.Error, "outbox could not publish to topic {Topic} of {PubSub} or remove its marker; the event comes again")]
    public static partial void OutboxFailed(ILogger logger, Exception exception, string topic, string pubSub);

    [LoggerMessage(184, LogLevel.Information, "Automatic encryption enabled for state store {Store}")]
    public static partial void EncryptionEnabled(ILogger logger, string store);

    // daprd's text, which names the level itself.
#pragma warning disable SYSLIB1012
    [LoggerMessage(185, LogLevel.Information, "WARNING: Automatic state store encryption should never be used to store more than 4 billion items in the state store (including updates). Storing more items than that can cause the private key to be exposed.")]
    public static partial void EncryptionLimit(ILogger logger);
#pragma warning restore SYSLIB1012
}
