using System.Globalization;
using RealTimeMesh.Components;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Balancing;

/// <summary>Makes plans, keeps them, and carries out those that were approved.</summary>
internal sealed class RebalancingService(IBrokerAdmin admin, HotPartitions heat, PlanStore store, TimeProvider time)
{
    private static readonly string[] Units = ["rate", "records", "bytes", "count"];

    private readonly LoadReader _reader = new(admin, heat);

    public async Task<RebalancingPlan> PlanAsync(RebalancingRequest request, CancellationToken cancellationToken)
    {
        if (!Units.Contains(request.By))
            throw Refuse.Invalid("by", $"'{request.By}'", string.Join(", ", Units));
        if (request.Tolerance is not (>= 0 and <= 1))
            throw Refuse.Invalid("tolerance", request.Tolerance.ToString(CultureInfo.InvariantCulture), "0 to 1");
        var state = await _reader.ReadAsync(request, cancellationToken);
        var balance = Balancer.Solve(state.Loads, state.Owners.Count, request.Tolerance);
        var plan = PlanWriter.Write(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), time.GetUtcNow(), state, balance);
        store.Save(plan);
        return plan;
    }

    public IReadOnlyList<RebalancingPlan> All() => store.All();

    public RebalancingPlan Find(string id) => store.Find(id) ?? throw Refuse.Missing($"plan '{id}'", "one that was made", "make one");

    public RebalancingPlan Approve(string id, string who)
    {
        var plan = Find(id);
        if (plan.State != "proposed")
            throw Refuse.Conflict($"plan '{id}'", $"it {plan.State}", "one that is proposed", "make a new one");
        plan = plan with { State = "approved", ApprovedBy = who };
        store.Save(plan);
        return plan;
    }

    public async Task<RebalancingPlan> ExecuteAsync(string id, CancellationToken cancellationToken)
    {
        var plan = Find(id);
        if (plan.State != "approved")
            throw Refuse.Conflict($"plan '{id}'", $"it {plan.State}", "an approved one", plan.State == "proposed" ? "approve it first" : "make a new one");
        if (plan.Request.Group is not { } group)
            throw new AdminException(AdminRefusal.Unsupported, $"plan '{id}': found moves between brokers, which the client library cannot ask for; expected an execution by Kafka's own tool; {plan.HowToExecute}");
        foreach (var topic in plan.Moves.GroupBy(move => move.Topic, StringComparer.Ordinal))
            await admin.AssignAsync(topic.Key, group, topic.ToDictionary(move => move.Partition, move => move.To), cancellationToken);
        var now = await _reader.ReadAsync(plan.Request, cancellationToken);
        var sums = Balancer.Sums(now.Loads, [.. now.Loads.Select(load => load.Owner)], now.Owners.Count);
        plan = plan with
        {
            State = "executed",
            Measured = [.. now.Owners.Select((owner, index) => PlanWriter.Measured(plan.Owners.FirstOrDefault(known => known.Owner == owner), owner, sums[index], now.Loads.Count(load => load.Owner == index)))],
        };
        store.Save(plan);
        return plan;
    }
}
