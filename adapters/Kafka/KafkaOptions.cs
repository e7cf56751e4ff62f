using System.Text.RegularExpressions;

namespace RealTimeMesh.Kafka;

/// <summary>What a component's settings say, in the words of the client library where it has them.</summary>
internal sealed record KafkaOptions
{
    /// <summary>Settings of the client library that hold for producers, consumers and administration.</summary>
    public required IReadOnlyDictionary<string, string> Client { get; init; }

    public required IReadOnlyDictionary<string, string> Producer { get; init; }

    public required IReadOnlyDictionary<string, string> Consumer { get; init; }

    /// <summary>The <c>librdkafka.*</c> settings alone; they are part of the others already.</summary>
    public required IReadOnlyDictionary<string, string> Native { get; init; }

    /// <summary><c>initialOffset</c>. Default: newest, as in daprd's component.</summary>
    public bool FromOldest { get; init; }

    /// <summary><c>consumeRetryEnabled</c>: refused messages come again. Default true.</summary>
    public bool RetryEnabled { get; init; } = true;

    /// <summary>
    /// <c>channelBufferSize</c>: messages that wait for the handler per partition before fetching pauses. Default 4096:
    /// each pause costs a fetch. At least twice the subscription's batch is kept.
    /// </summary>
    public int BufferCount { get; init; } = 4096;

    /// <summary><c>escapeHeaders</c>: keys and header values are delivered URL-encoded.</summary>
    public bool EscapeHeaders { get; init; }

    /// <summary><c>excludeHeaderMetaRegex</c>: headers whose name it finds are neither sent nor delivered.</summary>
    public Regex? ExcludedHeaders { get; init; }

    /// <summary>How long the start and questions about topics wait for the brokers. <c>metadataTimeout</c>, else <c>dialTimeout</c>; default 30 s.</summary>
    public TimeSpan MetadataTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long partition counts are believed. <c>clientConnectionTopicMetadataRefreshInterval</c>; default 8 min.</summary>
    public TimeSpan MetadataRefresh { get; init; } = TimeSpan.FromMinutes(8);

    /// <summary>How long a member may keep a partition that was called back; <c>max.poll.interval.ms</c>, after which the broker takes it. Default 300 s.</summary>
    public TimeSpan HandBackLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Null where <c>schemaRegistryURL</c> is not set.</summary>
    public RegistryOptions? Registry { get; init; }
}

/// <summary>The schema registry of a component.</summary>
internal sealed record RegistryOptions
{
    public required Uri Url { get; init; }

    /// <summary>User name; none where empty.</summary>
    public string Key { get; init; } = "";

    /// <summary>Password; may be empty.</summary>
    public string Secret { get; init; } = "";

    /// <summary>How long the latest version of a subject is believed; zero asks for every publish. Default 5 min.</summary>
    public TimeSpan LatestTtl { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>JSON is Avro's JSON encoding (unions name their branch) instead of plain JSON.</summary>
    public bool AvroJson { get; init; }
}
