namespace RealTimeMesh.ServiceDefaults.Retries;

/// <summary>Puts events on topics as they stand; a seam for tests.</summary>
public interface IRetryPublisher
{
    /// <summary>Returns when all are stored; throws where they may not be.</summary>
    Task PublishAsync(string topic, IReadOnlyList<RetriedEvent> events, CancellationToken cancellationToken);
}

/// <summary>An event that goes to another topic.</summary>
/// <param name="Key">Message key; empty for none.</param>
/// <param name="Payload">Value, unchanged.</param>
/// <param name="Headers">All headers.</param>
public readonly record struct RetriedEvent(string Key, ReadOnlyMemory<byte> Payload, IReadOnlyList<KeyValuePair<string, string>> Headers);
