using Microsoft.Extensions.Logging;

namespace RealTimeMesh.Components;

/// <summary>One consumer of a group.</summary>
/// <param name="options">What it consumes, and how.</param>
/// <param name="handler">Gets its batches.</param>
/// <param name="client">The consumer that it belongs to, the same for all subscriptions of one broker object.</param>
/// <param name="aborted">Cancelled when its broker goes down.</param>
internal sealed class GroupMember(SubscribeOptions options, DeliveryHandler handler, string client, CancellationToken aborted)
{
    public string Client { get; } = client;

    public SubscribeOptions Options { get; } = options;

    public DeliveryHandler Handler { get; } = handler;

    public CancellationToken Aborted { get; } = aborted;

    /// <summary>Tells it from the group's other members. Given by the group.</summary>
    public string Id { get; set; } = "";

    /// <summary>Pumps that have not ended, those of partitions that moved on to others included. Guarded by the group.</summary>
    public List<Task> Pumps { get; } = [];
}

/// <summary>
/// The members of a group on one topic. Partition i belongs to member i modulo the number of members; a partition
/// that changes hands is delivered by its new owner only after the old owner's handler has ended.
/// </summary>
internal sealed class ConsumerGroup(IMessageLog log, LogTopic topic, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly List<GroupMember> _members = [];
    private readonly List<Slot> _slots = [.. topic.Partitions.Select(p => new Slot(p))];
    private Dictionary<int, GroupMember>? _assigned;
    private int _joined;

    public bool HasMembers
    {
        get
        {
            lock (_gate)
                return _members.Count > 0;
        }
    }

    public void Join(GroupMember member)
    {
        lock (_gate)
        {
            _members.Add(member);
            member.Id = $"{member.Options.Group}-{++_joined}@{topic.Name}";
            _assigned = null;
            Reassign();
        }
    }

    /// <summary>Waits for the member's running handlers.</summary>
    public async Task LeaveAsync(GroupMember member)
    {
        Task[] running;
        lock (_gate)
        {
            if (!_members.Remove(member))
                return;
            _assigned = null;
            Reassign();
            running = [.. member.Pumps];
        }

        await Task.WhenAll(running);
    }

    /// <summary>The members and what they consume.</summary>
    public IReadOnlyList<MemberDescription> Describe()
    {
        lock (_gate)
        {
            return [.. _members.Select(member => new MemberDescription(
                member.Id, member.Client, "in-process", [.. _slots.Where(slot => slot.Owner == member).Select(slot => new AssignedPartition(topic.Name, slot.Partition.Index))]) { Topics = [topic.Name] })];
        }
    }

    /// <summary>Gives partitions to members by their ids, until a member joins or leaves; the others stay where they are.</summary>
    public void Assign(IReadOnlyDictionary<int, string> assignment)
    {
        lock (_gate)
        {
            var chosen = _slots.Where(slot => slot.Owner is not null).ToDictionary(slot => slot.Partition.Index, slot => slot.Owner!);
            foreach (var (partition, id) in assignment)
            {
                chosen[partition] = _members.Find(member => member.Id == id)
                    ?? throw new AdminException(AdminRefusal.Conflict, $"partition {partition} of '{topic.Name}': found no member '{id}'; expected one of {string.Join(", ", _members.Select(member => member.Id))}; the group has changed: plan again.");
            }

            _assigned = chosen;
            Reassign();
        }
    }

    /// <summary>Takes up the partitions that the topic has gained.</summary>
    public void Grow()
    {
        lock (_gate)
        {
            _slots.AddRange(topic.Partitions.Skip(_slots.Count).Select(partition => new Slot(partition)));
            Reassign();
        }
    }

    /// <summary>Runs an action while no member can join. False where there are members.</summary>
    public bool TryWithoutMembers(Action action)
    {
        lock (_gate)
        {
            if (_members.Count > 0 || _slots.Any(s => !s.Run.IsCompleted))
                return false;
            action();
            return true;
        }
    }

    private void Reassign()
    {
        for (var i = 0; i < _slots.Count; i++)
        {
            var slot = _slots[i];
            var owner = _members.Count == 0 ? null : _assigned?.GetValueOrDefault(i) ?? _members[i % _members.Count];
            if (ReferenceEquals(owner, slot.Owner))
                continue;
            slot.Stop?.Cancel();
            slot.Owner = owner;
            slot.Stop = owner is null ? null : new CancellationTokenSource();
            if (owner is null)
                continue;
            slot.Run = TakeOverAsync(slot.Run, slot.Partition, owner, slot.Stop!.Token);
            owner.Pumps.RemoveAll(t => t.IsCompleted);
            owner.Pumps.Add(slot.Run);
        }
    }

    private async Task TakeOverAsync(Task before, LogPartition partition, GroupMember owner, CancellationToken stop)
    {
        // The first part of a pump runs on the pool, not inside the group's lock.
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await new PartitionPump(log, partition, owner, time, logger, stop).RunAsync();
    }

    private sealed class Slot(LogPartition partition)
    {
        public LogPartition Partition { get; } = partition;

        public GroupMember? Owner { get; set; }

        public CancellationTokenSource? Stop { get; set; }

        public Task Run { get; set; } = Task.CompletedTask;
    }
}
