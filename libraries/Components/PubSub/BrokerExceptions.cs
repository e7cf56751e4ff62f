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

/// <summary>A stored message is damaged.</summary>
public sealed class LogDamagedException(string message, string topic, int partition, long offset) : BrokerException(message)
{
    public string Topic { get; } = topic;

    public int Partition { get; } = partition;

    public long Offset { get; } = offset;
}
