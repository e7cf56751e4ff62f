namespace RealTimeMesh.Components;

/// <summary>What every broker asks of its callers.</summary>
public static class BrokerChecks
{
    /// <summary>Refuses a topic without a name.</summary>
    public static void Topic(string topic)
    {
        if (string.IsNullOrEmpty(topic))
            throw new BrokerException("topic: found an empty name; expected a name; say which topic is meant.");
    }

    /// <summary>Refuses a subscription without topic or group, and batches that could hold nothing.</summary>
    public static void Subscription(SubscribeOptions options)
    {
        Topic(options.Topic);
        ArgumentException.ThrowIfNullOrEmpty(options.Group);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBatchCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBatchBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBatchWait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RetryDelay, TimeSpan.Zero);
    }
}
