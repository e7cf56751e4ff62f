using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>The consumer groups of a log. Shared by all brokers that open the same log in a process, so that their members share partitions.</summary>
public sealed class ConsumerGroups(IMessageLog log, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<(string Topic, string Group), ConsumerGroup> _groups = new();

    private int _clients;

    /// <summary>A name for one more consumer.</summary>
    internal string NewClient() => string.Create(CultureInfo.InvariantCulture, $"consumer-{Interlocked.Increment(ref _clients)}");

    internal ConsumerGroup Get(LogTopic topic, string group) =>
        _groups.GetOrAdd((topic.Name, group), static (_, arg) => new ConsumerGroup(arg.log, arg.topic, arg.time, arg.logger), (log, topic, time, logger));

    internal IEnumerable<(string Topic, string Name, ConsumerGroup Group)> All() => _groups.Select(pair => (pair.Key.Topic, pair.Key.Group, pair.Value));

    internal IEnumerable<(string Name, ConsumerGroup Group)> Of(string topic) => All().Where(entry => entry.Topic == topic).Select(entry => (entry.Name, entry.Group));

    /// <summary>Forgets the groups of a topic that is gone.</summary>
    internal void Remove(string topic)
    {
        foreach (var (name, _) in Of(topic))
            _groups.TryRemove((topic, name), out _);
    }

    /// <summary>Hands out the partitions that a topic has gained.</summary>
    internal void Grow(string topic)
    {
        foreach (var (_, group) in Of(topic))
            group.Grow();
    }

    /// <summary>Runs an action while nobody can join a group on any of these topics. False where it has members on one.</summary>
    internal bool TryWithoutMembers(IReadOnlyList<LogTopic> topics, string group, Action action)
    {
        if (topics.Count == 0)
        {
            action();
            return true;
        }

        var inner = false;
        // In one order for all, so that two such calls cannot wait for each other.
        var ordered = topics.OrderBy(topic => topic.Name, StringComparer.Ordinal).ToArray();
        return Get(ordered[0], group).TryWithoutMembers(() => inner = TryWithoutMembers(ordered[1..], group, action)) && inner;
    }
}
