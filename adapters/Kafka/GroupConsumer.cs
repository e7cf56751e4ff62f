using System.Collections.Concurrent;
using Confluent.Kafka;
using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>
/// One consumer of the client library from joining to leaving. Everything but <see cref="Handled"/> and <see cref="Resume"/>
/// happens on the thread that runs it, the rebalance handlers included.
/// </summary>
internal sealed class GroupConsumer(SubscribeOptions options, SubscriptionServices services, PartitionPumps pumps, long[]? ends) : IPartitionOwner
{
    private const int PollMilliseconds = 50;
    private static readonly TimeSpan CancelledLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CommitLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RevokedCommitLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CommitPause = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<int, long> _handled = new();
    private readonly List<TopicPartitionOffset> _begun = [];
    private IConsumer<byte[]?, byte[]?> _consumer = null!;
    private Error? _fatal;
    private CancellationToken _leave;

    /// <summary>Consumes until the token is cancelled, then leaves the group. Throws where the client cannot go on.</summary>
    public void Run(CancellationToken leave)
    {
        _leave = leave;
        var builder = services.Clients.Consumer(options.Group, ends is null, error => _fatal = error.IsFatal ? error : _fatal)
            .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => Revoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => Lost(partitions))
            .SetOffsetsCommittedHandler((_, committed) => Committed(committed));
        using (_consumer = services.Clients.Build(builder.Build))
        {
            try
            {
                _consumer.Subscribe(options.Topic);
                while (!leave.IsCancellationRequested && _fatal is null)
                    Step();
                CommitAll();
                if (_fatal is not null)
                    throw new BrokerException($"consumer of group '{options.Group}' on '{options.Topic}': found {_fatal.Reason} ({_fatal.Code}); expected a member that may go on; a new one joins.");
            }
            finally
            {
                // Gives the partitions back (Revoked), leaves the group.
                _consumer.Close();
            }
        }
    }

    public void Handled(int partition, long offset)
    {
        _handled[partition] = offset;
        try
        {
            _consumer.StoreOffset(new TopicPartitionOffset(options.Topic, partition, offset));
        }
        catch (Exception e) when (e is KafkaException or ObjectDisposedException)
        {
            // The partition was lost in the meantime.
            Log.CommitRefused(services.Logger, options.Topic, options.Group, e.Message);
        }
    }

    public void Pause(int partition) => Fetch(partition, _consumer.Pause);

    public void Resume(int partition) => Fetch(partition, _consumer.Resume);

    private void Fetch(int partition, Action<IEnumerable<TopicPartition>> change)
    {
        try
        {
            change([new TopicPartition(options.Topic, partition)]);
        }
        catch (Exception e) when (e is KafkaException or ObjectDisposedException)
        {
            // No longer this member's: a partition that is assigned anew begins with fetching.
            Log.ReadFailed(services.Logger, options.Topic, options.Group, e.Message, "pause or resume");
        }
    }

    private void Step()
    {
        ConsumeResult<byte[]?, byte[]?>? result = null;
        try
        {
            result = _consumer.Consume(PollMilliseconds);
        }
        catch (ConsumeException e)
        {
            Log.ReadFailed(services.Logger, options.Topic, options.Group, e.Error.Reason, e.Error.Code.ToString());
        }

        if (_begun.Count > 0)
            StoreBeginnings();
        if (result is not null)
            pumps.Find(result.Partition.Value)?.Buffer.Add(Delivered.From(result, services.Headers));
    }

    private List<TopicPartitionOffset> Assigned(List<TopicPartition> partitions)
    {
        var committed = ends is null ? null : Positions(partitions);
        var offsets = new List<TopicPartitionOffset>();
        foreach (var partition in partitions)
        {
            var offset = Offset.Stored;
            if (committed is not null && !committed.Contains(partition.Partition.Value))
            {
                // A partition that came after the subscription is new from its first message on.
                offset = partition.Partition.Value < ends!.Length ? ends[partition.Partition.Value] : 0;
                _begun.Add(new TopicPartitionOffset(partition, offset));
            }

            offsets.Add(new TopicPartitionOffset(partition, offset));
            _handled.TryRemove(partition.Partition.Value, out _);
            pumps.Start(partition.Partition.Value, this);
        }

        Log.Assigned(services.Logger, options.Group, options.Topic, Names(partitions.Select(p => p.Partition.Value)));
        return offsets;
    }

    /// <summary>The partitions for which the group has a position.</summary>
    private HashSet<int>? Positions(List<TopicPartition> partitions)
    {
        try
        {
            return [.. _consumer.Committed(partitions, services.Options.MetadataTimeout).Where(p => p.Offset.Value >= 0).Select(p => p.Partition.Value)];
        }
        catch (KafkaException e)
        {
            Log.StartUnknown(services.Logger, options.Topic, options.Group, e.Error.Reason);
            return null;
        }
    }

    /// <summary>Written down, so that a later member of the group doesn't skip what arrives in between.</summary>
    private void StoreBeginnings()
    {
        foreach (var beginning in _begun)
        {
            if (!_handled.ContainsKey(beginning.Partition.Value))
                Handled(beginning.Partition.Value, beginning.Offset.Value);
        }

        _begun.Clear();
    }

    private void Revoked(List<TopicPartitionOffset> partitions)
    {
        var released = pumps.Release(partitions.Select(p => p.Partition.Value));
        var deadline = services.Options.HandBackLimit - CancelledLimit * 2;
        if (!Task.WaitAll([.. released.Select(pump => pump.Ended)], deadline))
            Overstayed(released, deadline);
        CommitHandled(partitions);
        if (partitions.Count > 0)
            Log.Revoked(services.Logger, options.Group, options.Topic, Names(partitions.Select(p => p.Partition.Value)));
    }

    private void Overstayed(List<PartitionPump> released, TimeSpan limit)
    {
        var late = released.Where(pump => !pump.Ended.IsCompleted).ToArray();
        foreach (var pump in late)
        {
            Log.HandlerOverstayed(services.Logger, options.Topic, pump.Partition, options.Group, limit);
            pump.Abort();
        }

        Task.WaitAll([.. late.Select(pump => pump.Ended)], CancelledLimit);
    }

    /// <summary>The group has moved on without this member: what it still does is cancelled and never committed.</summary>
    private void Lost(List<TopicPartitionOffset> partitions)
    {
        Log.Lost(services.Logger, options.Group, options.Topic, Names(partitions.Select(p => p.Partition.Value)));
        foreach (var pump in pumps.Release(partitions.Select(p => p.Partition.Value)))
            pump.Abort();
    }

    /// <summary>A group that is sharing out anew takes no commits: its end is waited for, or all would come again.</summary>
    private void CommitAll()
    {
        var began = services.Time.GetTimestamp();
        while (_fatal is null && !_handled.IsEmpty && services.Time.GetElapsedTime(began) < CommitLimit)
        {
            try
            {
                _consumer.Commit(_handled.Select(pair => new TopicPartitionOffset(options.Topic, pair.Key, pair.Value)));
                return;
            }
            catch (KafkaException e) when (e.Error.Code == ErrorCode.IllegalGeneration || Passes(e.Error))
            {
                // Moves the rebalance on.
                Step();
            }
            catch (KafkaException e)
            {
                Log.CommitRefused(services.Logger, options.Topic, options.Group, e.Error.Reason);
                return;
            }
        }
    }

    private void CommitHandled(List<TopicPartitionOffset> partitions)
    {
        var offsets = new List<TopicPartitionOffset>();
        foreach (var partition in partitions)
        {
            if (_handled.TryRemove(partition.Partition.Value, out var offset))
                offsets.Add(new TopicPartitionOffset(partition.TopicPartition, offset));
        }

        // While the leader of the group still shares out, commits are refused for a moment.
        var began = services.Time.GetTimestamp();
        while (offsets.Count > 0)
        {
            try
            {
                _consumer.Commit(offsets);
                return;
            }
            catch (KafkaException e) when (Passes(e.Error) && services.Time.GetElapsedTime(began) < RevokedCommitLimit)
            {
                _leave.WaitHandle.WaitOne(CommitPause);
            }
            catch (KafkaException e)
            {
                Log.CommitRefused(services.Logger, options.Topic, options.Group, e.Error.Reason);
                return;
            }
        }
    }

    private void Committed(CommittedOffsets committed)
    {
        if (committed.Error.Code == ErrorCode.RebalanceInProgress)
            Log.CommitPutOff(services.Logger, options.Topic, options.Group, committed.Error.Reason);
        else if (committed.Error.IsError && committed.Error.Code != ErrorCode.Local_NoOffset)
            Log.CommitFailed(services.Logger, options.Topic, options.Group, committed.Error.Reason);
    }

    /// <summary>Whether a refused commit may be taken a little later.</summary>
    private static bool Passes(Error error) => error.Code is ErrorCode.RebalanceInProgress or ErrorCode.GroupLoadInProgress
        or ErrorCode.NotCoordinatorForGroup or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.Local_WaitCoord;

    private static string Names(IEnumerable<int> partitions) => string.Join(", ", partitions.Order());
}
