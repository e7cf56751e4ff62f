using System.Collections.Concurrent;
using Confluent.Kafka;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>Knows how many partitions topics have. Asking about a topic makes the brokers create it, where they are allowed to.</summary>
internal sealed class TopicCatalogue(IAdminClient admin, TimeSpan timeout, TimeSpan refresh, TimeProvider time)
{
    private static readonly TimeSpan CreationPause = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<string, Entry> _known = new(StringComparer.Ordinal);

    /// <summary>The number of partitions; throws <see cref="BrokerException"/> where there is no such topic.</summary>
    public ValueTask<int> PartitionsAsync(string topic, CancellationToken cancellationToken) =>
        _known.TryGetValue(topic, out var entry) && !entry.IsExpired && time.GetElapsedTime(entry.Asked) < refresh
            ? new ValueTask<int>(entry.Partitions)
            : new ValueTask<int>(AskAsync(topic, entry.Partitions, cancellationToken));

    /// <summary>Called with a topic that has more partitions than were known, before anyone is told of them.</summary>
    public Func<string, CancellationToken, Task>? Grown { get; init; }

    /// <summary>The next question about a topic goes to the brokers.</summary>
    public void Expire(string topic)
    {
        if (_known.TryGetValue(topic, out var entry))
            _known[topic] = entry with { IsExpired = true };
    }

    public void Forget(string topic) => _known.TryRemove(topic, out _);

    /// <summary>Names of all topics.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) =>
        [.. (await MetadataAsync(null, cancellationToken)).Topics.Select(found => found.Topic).Order(StringComparer.Ordinal)];

    /// <summary>The number of partitions of a topic that exists, or null; creates nothing.</summary>
    public async Task<int?> FindAsync(string topic, CancellationToken cancellationToken) =>
        (await MetadataAsync(null, cancellationToken)).Topics.FirstOrDefault(found => found.Topic == topic)?.Partitions.Count;

    /// <summary>The brokers' answer about one topic or all. The client's call blocks, so it gets a thread of its own.</summary>
    public async Task<Metadata> MetadataAsync(string? topic, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Factory.StartNew(
                () => topic is null ? admin.GetMetadata(timeout) : admin.GetMetadata(topic, timeout),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).WaitAsync(cancellationToken);
        }
        catch (KafkaException e)
        {
            throw KafkaErrors.Unanswered(topic is null ? "topics" : $"topic '{topic}'", e);
        }
    }

    private async Task<int> AskAsync(string topic, int before, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            Metadata metadata;
            try
            {
                metadata = await MetadataAsync(topic, cancellationToken);
            }
            catch (BrokerException) when (before > 0)
            {
                // Topics never lose partitions: the old count holds until the brokers answer again.
                _known[topic] = new Entry(before, time.GetTimestamp());
                return before;
            }

            var found = metadata.Topics.FirstOrDefault(candidate => candidate.Topic == topic);
            if (found is { Partitions.Count: > 0 })
            {
                if (before > 0 && found.Partitions.Count > before && Grown is not null)
                    await Grown(topic, cancellationToken);
                _known[topic] = new Entry(found.Partitions.Count, time.GetTimestamp());
                return found.Partitions.Count;
            }

            if (found is not null && found.Error.IsError && found.Error.Code is not (ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable))
                throw new BrokerException($"topic '{topic}': found {found.Error.Reason} ({found.Error.Code}); expected a topic that this user may use; check its name and the rights.");
            if (time.GetElapsedTime(began) >= timeout)
                throw KafkaErrors.UnknownTopic(topic);
            await Task.Delay(CreationPause, time, cancellationToken);
        }
    }

    private readonly record struct Entry(int Partitions, long Asked, bool IsExpired = false);
}
