using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>The consumer groups of a log. Shared by all brokers that open the same log in a process, so that their members share partitions.</summary>
public sealed class ConsumerGroups(IMessageLog log, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<(string Topic, string Group), ConsumerGroup> _groups = new();

    internal ConsumerGroup Get(LogTopic topic, string group) =>
        _groups.GetOrAdd((topic.Name, group), static (_, arg) => new ConsumerGroup(arg.log, arg.topic, arg.time, arg.logger), (log, topic, time, logger));
}
