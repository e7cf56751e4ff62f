using RealTimeMesh.Contracts;

namespace RealTimeMesh.Components;

/// <summary>A broker could not do what was asked.</summary>
public class BrokerException : RealTimeMeshException
{
    public BrokerException(string message)
        : base(message)
    {
    }

    public BrokerException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The queue of publishes stayed full for the configured time. Nothing was stored; try again later.</summary>
public sealed class BrokerOverloadedException(string message, long queuedBytes, long maxQueuedBytes, TimeSpan waited) : BrokerException(message)
{
    /// <summary>Bytes that were waiting to be written.</summary>
    public long QueuedBytes { get; } = queuedBytes;

    /// <summary>The bound.</summary>
    public long MaxQueuedBytes { get; } = maxQueuedBytes;

    public TimeSpan Waited { get; } = waited;
}

/// <summary>A stored message is damaged.</summary>
public sealed class LogDamagedException(string message, string topic, int partition, long offset) : BrokerException(message)
{
    public string Topic { get; } = topic;

    public int Partition { get; } = partition;

    public long Offset { get; } = offset;
}
