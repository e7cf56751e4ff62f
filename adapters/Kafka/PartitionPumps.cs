using RealTimeMesh.Components;

namespace RealTimeMesh.Kafka;

/// <summary>The pumps of a member, by partition. A partition that comes back waits for the handler that still runs from before.</summary>
internal sealed class PartitionPumps(SubscribeOptions options, DeliveryHandler handler, SubscriptionServices services)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, PartitionPump> _running = [];
    private readonly Dictionary<int, Task> _ending = [];
    private bool _stopped;

    public IReadOnlyList<int> Partitions
    {
        get
        {
            lock (_gate)
                return [.. _running.Keys.Order()];
        }
    }

    public PartitionPump? Find(int partition)
    {
        lock (_gate)
            return _running.GetValueOrDefault(partition);
    }

    /// <summary>Begins to deliver a partition; nothing where the member is stopping.</summary>
    public void Start(int partition, IPartitionOwner owner)
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            var before = _running.Remove(partition, out var old) ? old.Ended : _ending.GetValueOrDefault(partition, Task.CompletedTask);
            old?.Stop();
            _running[partition] = new PartitionPump(partition, options, handler, services, owner, before);
        }
    }

    /// <summary>No further batch of these begins; they are the member's no more.</summary>
    public List<PartitionPump> Release(IEnumerable<int> partitions)
    {
        var released = new List<PartitionPump>();
        lock (_gate)
        {
            foreach (var partition in partitions)
            {
                if (!_running.Remove(partition, out var pump))
                    continue;
                pump.Stop();
                _ending[partition] = pump.Ended;
                released.Add(pump);
            }
        }

        return released;
    }

    /// <summary>No further batch begins at all, running handlers are cancelled.</summary>
    public void AbortAll()
    {
        PartitionPump[] pumps;
        lock (_gate)
        {
            _stopped = true;
            pumps = [.. _running.Values];
        }

        foreach (var pump in pumps)
            pump.Abort();
    }

    /// <summary>No further batch begins at all. Ends with the running handlers.</summary>
    public Task StopAllAsync()
    {
        lock (_gate)
        {
            _stopped = true;
            foreach (var pump in _running.Values)
                pump.Stop();
            return Task.WhenAll([.. _running.Values.Select(pump => pump.Ended), .. _ending.Values]);
        }
    }
}
