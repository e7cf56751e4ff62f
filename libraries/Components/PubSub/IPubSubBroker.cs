namespace RealTimeMesh.Components;

/// <summary>
/// A message broker behind a Dapr <c>pubsub.*</c> component: topics of ordered partitions, consumer groups with
/// committed positions. Every implementation passes the broker compliance suite of <c>libraries/Testing</c>.
/// </summary>
public interface IPubSubBroker : IAsyncDisposable
{
    PubSubCapabilities Capabilities { get; }

    /// <summary>
    /// Publishes messages to one topic and returns when they are as durable as the component promises.
    /// Messages with the same key keep their order. Failures are told per message; those not named succeeded.
    /// </summary>
    Task<PublishResult> PublishAsync(string topic, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken);

    /// <summary>
    /// Joins a consumer group on a topic. Batches of one partition arrive one at a time and in order, those of
    /// different partitions at once. A position is committed when the handler has acknowledged all before it;
    /// entries the handler refuses come again after <see cref="SubscribeOptions.RetryDelay"/>, and hold back their partition until then.
    /// Disposing the subscription waits for running handlers, then leaves the group.
    /// </summary>
    Task<IAsyncDisposable> SubscribeAsync(SubscribeOptions options, DeliveryHandler handler, CancellationToken cancellationToken);

    /// <summary>The partitions of a topic with their watermarks; empty where the topic does not exist.</summary>
    Task<IReadOnlyList<PartitionWatermarks>> GetWatermarksAsync(string topic, CancellationToken cancellationToken);

    /// <summary>What a group has committed: the offset of the next message per partition. Partitions without a commit are absent.</summary>
    Task<IReadOnlyDictionary<int, long>> GetCommittedAsync(string topic, string group, CancellationToken cancellationToken);

    /// <summary>Moves a group's committed offset. Refused with an exception while the group has members on the topic.</summary>
    Task SeekAsync(string topic, string group, int partition, long offset, CancellationToken cancellationToken);

    /// <summary>Reads stored messages without a group, for browsing: at most <paramref name="count"/> from an offset on.</summary>
    Task<IReadOnlyList<DeliveredMessage>> ReadAsync(string topic, int partition, long offset, int count, CancellationToken cancellationToken);

    /// <summary>Names of all topics, sorted ordinally.</summary>
    Task<IReadOnlyList<string>> ListTopicsAsync(CancellationToken cancellationToken);
}
