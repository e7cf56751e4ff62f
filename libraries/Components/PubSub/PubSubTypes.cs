namespace RealTimeMesh.Components;

/// <summary>What a broker can do.</summary>
public sealed record PubSubCapabilities
{
    /// <summary>Messages survive a restart of the process once acknowledged.</summary>
    public bool Durable { get; init; }

    /// <summary>Deliveries carry partition and offset.</summary>
    public bool Offsets { get; init; }

    /// <summary>
    /// Consumer groups share a topic's messages and keep a position. Without, each subscription gets a copy of what is
    /// published while it is there.
    /// </summary>
    public bool Groups { get; init; }

    /// <summary>Messages that a handler refuses come again.</summary>
    public bool Redelivers { get; init; }

    /// <summary>
    /// Stored messages, watermarks and committed positions can be asked for. Default: they can; false where a component
    /// behind the broker keeps them to itself and decides alone what is delivered again, when and in which order.
    /// </summary>
    public bool Positions { get; init; } = true;

    /// <summary>The broker drops messages after a time to live of its own.</summary>
    public bool MessageTtl { get; init; }

    /// <summary>Names for Dapr's metadata API, such as <c>BULK_PUBSUB</c>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

/// <summary>A message to publish. <paramref name="Key"/> chooses the partition (murmur2, as Kafka's default partitioner); without one, partitions take turns.</summary>
public readonly record struct OutgoingMessage(string? Key, ReadOnlyMemory<byte> Value, MessageHeaders Headers);

/// <summary>One message that was not published.</summary>
/// <param name="Index">Its place in the request.</param>
/// <param name="Error">Why.</param>
public sealed record PublishFailure(int Index, Exception Error);

/// <summary>Outcome of a publish.</summary>
public sealed record PublishResult(IReadOnlyList<PublishFailure> Failures)
{
    public static PublishResult Success { get; } = new([]);

    public bool Succeeded => Failures.Count == 0;
}

/// <summary>A message as a subscriber gets it.</summary>
/// <param name="Offset">Position in its partition; consecutive, from 0.</param>
/// <param name="Timestamp">When the broker stored it, milliseconds since 1970-01-01T00:00:00Z.</param>
/// <param name="Key">UTF-8 key, or null.</param>
public readonly record struct DeliveredMessage(long Offset, long Timestamp, string? Key, ReadOnlyMemory<byte> Value, MessageHeaders Headers);

/// <summary>Consecutive messages of one partition.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition, from 0; -1 where the broker has none.</param>
public sealed record DeliveryBatch(string Topic, int Partition, IReadOnlyList<DeliveredMessage> Messages);

/// <summary>Handles a batch; returns which messages must come again.</summary>
public delegate Task<DeliveryResult> DeliveryHandler(DeliveryBatch batch, CancellationToken cancellationToken);

/// <summary>Which messages of a batch were handled.</summary>
/// <param name="Refused">Places in the batch of messages that must be delivered again; empty where all are acknowledged.</param>
public sealed record DeliveryResult(IReadOnlyList<int> Refused)
{
    public static DeliveryResult Acknowledged { get; } = new([]);

    /// <summary>
    /// The subscription ends while the refused messages are with it: the broker neither acknowledges them nor tells that they
    /// failed, and leaves them to whoever consumes the group next.
    /// </summary>
    public bool IsAbandoned { get; init; }

    /// <summary>All <paramref name="count"/> messages must come again.</summary>
    public static DeliveryResult RefuseAll(int count) => new([.. Enumerable.Range(0, count)]);

    /// <summary>All <paramref name="count"/> messages are left as they were: the subscription ends.</summary>
    public static DeliveryResult Abandon(int count) => RefuseAll(count) with { IsAbandoned = true };
}

/// <summary>First and next offset of a partition: it holds offsets <paramref name="Low"/> to <paramref name="High"/> - 1.</summary>
public sealed record PartitionWatermarks(int Partition, long Low, long High);

/// <summary>How to consume a topic.</summary>
public sealed record SubscribeOptions
{
    public required string Topic { get; init; }

    /// <summary>Consumer group (Dapr's <c>consumerID</c>).</summary>
    public required string Group { get; init; }

    /// <summary>Most messages in a batch. 1 where the subscriber takes them singly.</summary>
    public int MaxBatchCount { get; init; } = 1;

    /// <summary>Most bytes of values in a batch (one message always fits). Default 16 MiB, so that a batch fits in a request.</summary>
    public int MaxBatchBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long a batch may wait for more messages after its first. Zero delivers what there is.</summary>
    public TimeSpan MaxBatchWait { get; init; }

    /// <summary>Pause before refused messages come again (Dapr's <c>consumeRetryInterval</c>). Default 100 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Where a group without a committed position begins: the oldest message, or those published from now on.</summary>
    public bool FromOldest { get; init; } = true;

    /// <summary>The subscription's <c>metadata</c>, for what only one type of broker knows, such as Kafka's <c>valueSchemaType</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
}
