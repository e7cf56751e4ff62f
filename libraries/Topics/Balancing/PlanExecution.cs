using RealTimeMesh.Components;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Balancing;

/// <summary>Gives partitions to the members that a plan names: all of them, or none.</summary>
internal sealed class PlanExecution(IBrokerAdmin admin)
{
    public async Task RunAsync(RebalancingPlan plan, string group, CancellationToken cancellationToken)
    {
        await CheckAsync(plan, group, cancellationToken);
        var done = new List<IGrouping<string, PartitionMove>>();
        foreach (var topic in plan.Moves.GroupBy(move => move.Topic, StringComparer.Ordinal))
        {
            try
            {
                await admin.AssignAsync(topic.Key, group, topic.ToDictionary(move => move.Partition, move => move.To), cancellationToken);
                done.Add(topic);
            }
            catch (Exception exception) when (done.Count > 0)
            {
                var left = await TakeBackAsync(done, group);
                throw new AdminException(
                    (exception as AdminException)?.Refusal ?? AdminRefusal.Failed,
                    $"plan '{plan.Id}': topic '{topic.Key}' was refused ({exception.Message}); {(left.Count == 0 ? "what was moved before it was given back" : $"moved before it and not given back: {string.Join(", ", left)}")}; plan again.",
                    exception);
            }
        }
    }

    /// <summary>A plan was reckoned for an assignment; for another one it may make things worse.</summary>
    private async Task CheckAsync(RebalancingPlan plan, string group, CancellationToken cancellationToken)
    {
        var found = await admin.FindGroupAsync(group, cancellationToken) ?? throw AdminException.NoGroup(group);
        var now = found.Members.SelectMany(member => member.Assigned.Select(place => (place, member.Id))).ToDictionary(entry => entry.place, entry => entry.Id);
        foreach (var move in plan.Moves)
        {
            var owner = now.GetValueOrDefault(new AssignedPartition(move.Topic, move.Partition));
            if (owner != move.From)
                throw Refuse.Conflict($"plan '{plan.Id}', '{move.Topic}' partition {move.Partition}", owner is null ? "nobody consuming it" : $"'{owner}' consuming it", $"'{move.From}', as when the plan was made", "the group has changed: plan again");
        }
    }

    /// <summary>The topics that could not be given back: their groups have changed, and divide their partitions anew.</summary>
    private async Task<List<string>> TakeBackAsync(IReadOnlyList<IGrouping<string, PartitionMove>> done, string group)
    {
        var left = new List<string>();
        foreach (var topic in done)
        {
            try
            {
                await admin.AssignAsync(topic.Key, group, topic.ToDictionary(move => move.Partition, move => move.From), CancellationToken.None);
            }
            catch (BrokerException exception)
            {
                left.Add($"'{topic.Key}' ({exception.Message})");
            }
        }

        return left;
    }
}
