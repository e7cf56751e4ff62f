using RealTimeMesh.Components;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Resets;

/// <summary>Shows what moving a group would do, and does what was shown.</summary>
internal sealed class OffsetResets(IBrokerAdmin admin)
{
    public async Task<ResetPlan> PlanAsync(string group, ResetRequest request, CancellationToken cancellationToken)
    {
        var partitions = await PartitionsAsync(request, cancellationToken);
        var committed = await CommittedAsync(group, request.Topic, cancellationToken);
        var target = await TargetAsync(request, committed, cancellationToken);
        var moves = partitions.Select(partition => Move(partition, committed.TryGetValue(partition.Index, out var offset) ? offset : null, target(partition))).ToArray();
        return new ResetPlan(group, request.Topic, moves, moves.Sum(move => move.Skipped), moves.Sum(move => move.Repeated), await BlockedAsync(group, request.Topic, cancellationToken));
    }

    /// <summary>Moves the group as the order says, if it still is where the order found it.</summary>
    public async Task ExecuteAsync(string group, ResetOrder order, CancellationToken cancellationToken)
    {
        if (order.Moves.Count == 0)
            throw Refuse.Invalid("moves", "none", "those of a preview", "ask for a preview first and send its moves");
        if (order.Moves.Contains(null!))
            throw Refuse.Invalid("moves", "null", "those of a preview", "ask for a preview first and send its moves");
        if (order.Moves.DistinctBy(move => move.Partition).Count() != order.Moves.Count)
            throw Refuse.Invalid("moves", "a partition twice", "each partition once");
        var committed = await CommittedAsync(group, order.Topic, cancellationToken);
        foreach (var move in order.Moves)
        {
            var now = committed.TryGetValue(move.Partition, out var offset) ? offset : (long?)null;
            if (now != move.From)
                throw Refuse.Conflict($"group '{group}' on '{order.Topic}' partition {move.Partition}", $"position {Text(now)}", $"{Text(move.From)}, as the preview showed", "it was moved meanwhile: preview again");
        }

        if (await BlockedAsync(group, order.Topic, cancellationToken) is { } blocked)
            throw new AdminException(AdminRefusal.Conflict, blocked);
        // Between the look and the move a member may have joined: the broker itself refuses then.
        if (!await admin.MovePositionsAsync(group, [.. order.Moves.Select(move => new GroupPosition(order.Topic, move.Partition, move.To))], cancellationToken))
            throw new AdminException(AdminRefusal.Conflict, await BlockedAsync(group, order.Topic, cancellationToken) ?? Stop(group, "a member that has not left yet"));
    }

    private async Task<IReadOnlyList<PartitionDescription>> PartitionsAsync(ResetRequest request, CancellationToken cancellationToken)
    {
        if (request.Topic.Length == 0)
            throw Refuse.Invalid("topic", "nothing", "the topic whose positions move", "name it");
        if (await admin.DescribeTopicsAsync([request.Topic], cancellationToken) is not [var topic])
            throw AdminException.NoTopic(request.Topic);
        var asked = request.Partitions ?? request.Offsets?.Keys.ToArray();
        foreach (var wrong in (asked ?? []).Where(partition => topic.Partitions.All(known => known.Index != partition)))
            throw AdminException.NoPartition(request.Topic, wrong, topic.Partitions.Count);
        return asked is null ? topic.Partitions : [.. topic.Partitions.Where(partition => asked.Contains(partition.Index))];
    }

    private async Task<Func<PartitionDescription, long>> TargetAsync(ResetRequest request, Dictionary<int, long> committed, CancellationToken cancellationToken)
    {
        switch (request.To)
        {
            case "earliest":
                return static partition => partition.Low;
            case "latest":
                return static partition => partition.High;
            case "offset" when request.Offsets is { Count: > 0 } offsets:
                return partition => offsets.TryGetValue(partition.Index, out var offset) ? offset : throw Refuse.Invalid("offsets", $"none for partition {partition.Index}", "one for each partition asked for");
            case "offset" when request.Offset is { } offset:
                return _ => offset;
            case "time" when request.Time is { } time:
                var found = await admin.FindOffsetsAsync(request.Topic, time, cancellationToken);
                return partition => found.GetValueOrDefault(partition.Index, partition.High);
            case "shift" when request.Shift is { } shift:
                return partition => (committed.TryGetValue(partition.Index, out var offset) ? offset : partition.Low) + shift;
            case "offset" or "time" or "shift":
                throw Refuse.Invalid(request.To, "nothing", $"a value of '{request.To}' beside to: '{request.To}'", "say where to");
            default:
                throw Refuse.Invalid("to", $"'{request.To}'", "earliest, latest, offset, time or shift");
        }
    }

    private static OffsetMove Move(PartitionDescription partition, long? from, long wanted)
    {
        var to = Math.Clamp(wanted, partition.Low, partition.High);
        // What retention took is neither skipped nor read again.
        var next = Math.Clamp(from ?? partition.Low, partition.Low, partition.High);
        var note = to == wanted ? null : $"{wanted} is beyond what the partition holds ({partition.Low} to {partition.High})";
        return new OffsetMove(partition.Index, from, to, Math.Max(0, to - next), Math.Max(0, next - to), note);
    }

    private async Task<Dictionary<int, long>> CommittedAsync(string group, string topic, CancellationToken cancellationToken) =>
        (await admin.GetPositionsAsync(group, cancellationToken)).Where(position => position.Topic == topic).ToDictionary(position => position.Partition, position => position.Offset);

    /// <summary>Why a group cannot be moved now.</summary>
    private async Task<string?> BlockedAsync(string group, string topic, CancellationToken cancellationToken)
    {
        var found = await admin.FindGroupAsync(group, cancellationToken);
        // Groups of the embedded log are one for each topic; Kafka's are moved only when nobody is left on any.
        var members = found?.Members.Where(member => !admin.Capabilities.Assigns || member.Assigned.Count == 0 || member.Assigned.Any(place => place.Topic == topic)).ToArray() ?? [];
        return members.Length == 0 ? null : Stop(group, $"{members.Length} live member{(members.Length == 1 ? "" : "s")} ({string.Join(", ", members.Take(3).Select(member => $"{member.Id} on {member.Host}"))}{(members.Length > 3 ? ", …" : "")})");
    }

    private static string Stop(string group, string found) =>
        $"group '{group}': found {found}; expected none while its positions move: a live consumer would write its own over them; stop every app whose app id or consumerID is '{group}' (Ctrl+C, or scale it to zero) and try again; Kafka forgets a killed member after its session timeout.";

    private static string Text(long? offset) => offset is { } known ? $"{known}" : "none";
}
