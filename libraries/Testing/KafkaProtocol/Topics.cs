using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace RealTimeMesh.Testing.KafkaProtocol;

internal sealed class Topic(string name, int partitions)
{
    public string Name { get; } = name;

    public Lock Lock { get; } = new();

    public List<Partition> Partitions { get; } = [.. Enumerable.Range(0, partitions).Select(_ => new Partition())];

    /// <summary>What was set for this topic.</summary>
    public ConcurrentDictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);
}

/// <summary>All topics of the broker.</summary>
internal sealed partial class Topics(KafkaTestBrokerOptions options)
{
    private readonly ConcurrentDictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Topic> All => [.. _topics.Values.OrderBy(topic => topic.Name, StringComparer.Ordinal)];

    public int DefaultPartitions => options.Partitions;

    /// <summary>Ends with the next change of any partition. Take it before you look.</summary>
    public Task Changed => Volatile.Read(ref _appended).Task;

    public static bool IsName(string name) => NamePattern().IsMatch(name) && name is not ("." or "..");

    public Topic? Find(string name) => _topics.GetValueOrDefault(name);

    public Topic? FindOrCreate(string name, bool mayCreate) =>
        Find(name) ?? (mayCreate && options.AutoCreate && IsName(name) ? _topics.GetOrAdd(name, new Topic(name, options.Partitions)) : null);

    public bool TryAdd(Topic topic) => _topics.TryAdd(topic.Name, topic);

    public bool TryRemove(string name)
    {
        var removed = _topics.TryRemove(name, out _);
        Signal();
        return removed;
    }

    public void Signal() => Interlocked.Exchange(ref _appended, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Does something with a partition that exists, under its topic's lock.</summary>
    public T With<T>(string topic, int partition, Func<Partition, T> work, T unknown)
    {
        if (Find(topic) is not { } found)
            return unknown;
        lock (found.Lock)
            return partition >= 0 && partition < found.Partitions.Count ? work(found.Partitions[partition]) : unknown;
    }

    [GeneratedRegex("^[a-zA-Z0-9._-]{1,249}$")]
    private static partial Regex NamePattern();
}
