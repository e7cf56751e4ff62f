using RealTimeMesh.Components;

namespace RealTimeMesh.Redis.Streams;

/// <summary>How streams are consumed and trimmed, by the names and defaults of daprd's component.</summary>
internal sealed record RedisStreamsOptions
{
    /// <summary>Setting <c>processingTimeout</c>: how long a message may be handled, and how long one must be pending before another consumer may take it over. Zero: never. Default 60 s.</summary>
    public TimeSpan ProcessingTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Setting <c>redeliverInterval</c>: pause between looks for messages that others left pending. Zero: never. Default 15 s.</summary>
    public TimeSpan RedeliverInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Setting <c>queueDepth</c>: most messages a subscription holds that are not yet acknowledged; at least two batches where it takes batches. Default 100.</summary>
    public int QueueDepth { get; init; } = 100;

    /// <summary>Setting <c>concurrency</c>: most handlers that run at once for a subscription that takes messages singly. Default 10.</summary>
    public int Concurrency { get; init; } = 10;

    /// <summary>Setting <c>maxLenApprox</c>: about how many messages a stream keeps; 0 for all. Wins over <see cref="StreamTtl"/>.</summary>
    public long MaxLength { get; init; }

    /// <summary>Setting <c>streamTTL</c>: about how long a stream keeps messages; zero for ever.</summary>
    public TimeSpan StreamTtl { get; init; }

    /// <summary>Most bytes of values on their way to the server; publishers beyond it wait. Default 64 MiB.</summary>
    public long PublishQueueBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long a publisher waits for its turn. Setting <c>writeTimeout</c>, default 15 s.</summary>
    public TimeSpan PublishTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether messages that others left pending are taken over.</summary>
    public bool Redelivers => ProcessingTimeout > TimeSpan.Zero && RedeliverInterval > TimeSpan.Zero;

    public static IReadOnlyList<ComponentSetting> Settings { get; } =
    [
        new("consumerID"),
        new("processingTimeout", Check: RedisDuration.CheckPositive),
        new("redeliverInterval", Check: RedisDuration.CheckPositive),
        new("queueDepth", Check: SettingChecks.Integer(1, 1_000_000)),
        new("concurrency", Check: SettingChecks.Integer(1, 10_000)),
        new("maxLenApprox", Check: SettingChecks.Integer(0, long.MaxValue)),
        new("streamTTL", Check: SettingChecks.Duration),
    ];

    public static RedisStreamsOptions From(ComponentSpec spec)
    {
        var defaults = new RedisStreamsOptions();
        var write = spec.Milliseconds("writeTimeout", defaults.PublishTimeout);
        return defaults with
        {
            ProcessingTimeout = spec.Milliseconds("processingTimeout", defaults.ProcessingTimeout),
            RedeliverInterval = spec.Milliseconds("redeliverInterval", defaults.RedeliverInterval),
            QueueDepth = (int)spec.Integer("queueDepth", defaults.QueueDepth),
            Concurrency = (int)spec.Integer("concurrency", defaults.Concurrency),
            MaxLength = spec.Integer("maxLenApprox", 0),
            StreamTtl = spec.Duration("streamTTL", TimeSpan.Zero),
            PublishTimeout = write > TimeSpan.Zero ? write : defaults.PublishTimeout,
        };
    }
}
