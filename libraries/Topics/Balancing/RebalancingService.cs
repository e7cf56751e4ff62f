using System.Globalization;
using RealTimeMesh.Components;
using RealTimeMesh.Topics.Requests;

namespace RealTimeMesh.Topics.Balancing;

/// <summary>Makes plans, keeps them, and carries out those that were approved.</summary>
internal sealed class RebalancingService(IBrokerAdmin admin, HotPartitions heat, PlanStore store, TimeProvider time) : IDisposable
{
    private static readonly string[] Units = ["rate", "records", "bytes", "count"];

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly LoadReader _reader = new(admin, heat);

    public async Task<RebalancingPlan> PlanAsync(RebalancingRequest request, CancellationToken cancellationToken)
    {
        if (!Units.Contains(request.By))
            throw Refuse.Invalid("by", $"'{request.By}'", string.Join(", ", Units));
        if (request.Tolerance is not (>= 0 and <= 1))
            throw Refuse.Invalid("tolerance", request.Tolerance.ToString(CultureInfo.InvariantCulture), "0 to 1");
        request = request with { Topics = [.. request.Topics.Distinct(StringComparer.Ordinal)] };
        var state = await _reader.ReadAsync(request, cancellationToken);
        var balance = Balancer.Solve(state.Loads, state.Owners.Count, request.Tolerance);
        var plan = PlanWriter.Write(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), time.GetUtcNow(), state, balance);
        store.Save(plan);
        return plan;
    }

    /// <summary>The newest plans before one (all where null).</summary>
    public IReadOnlyList<RebalancingPlan> Newest(int? limit, string? before) => limit is null or (>= 1 and <= Paging.MostLimit)
        ? store.Newest(limit ?? Paging.DefaultLimit, before)
        : throw Refuse.Invalid("limit", $"{limit}", $"1 to {Paging.MostLimit}");

    public RebalancingPlan Find(string id) => store.Find(id) ?? throw Refuse.Missing($"plan '{id}'", "one that was made", "make one");

    public async Task<RebalancingPlan> ApproveAsync(string id, string who, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var plan = Find(id);
            if (plan.State != "proposed")
                throw Refuse.Conflict($"plan '{id}'", $"it {plan.State}", "one that is proposed", "make a new one");
            plan = plan with { State = "approved", ApprovedBy = who };
            store.Save(plan);
            return plan;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<RebalancingPlan> ExecuteAsync(string id, CancellationToken cancellationToken)
    {
        // Of two that execute a plan at once the second finds it executed.
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var plan = Find(id);
            if (plan.State != "approved")
                throw Refuse.Conflict($"plan '{id}'", $"it {plan.State}", "an approved one", plan.State == "proposed" ? "approve it first" : "make a new one");
            if (plan.Request.Group is not { } group)
                throw new AdminException(AdminRefusal.Unsupported, $"plan '{id}': found moves between brokers, which the client library cannot ask for; expected an execution by Kafka's own tool; {plan.HowToExecute}");
            await new PlanExecution(admin).RunAsync(plan, group, cancellationToken);
            // Noted before it is measured: the group may be gone by then, and the moves are made.
            plan = plan with { State = "executed" };
            store.Save(plan);
            plan = plan with { Measured = await MeasureAsync(plan, cancellationToken) };
            store.Save(plan);
            return plan;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<IReadOnlyList<OwnerLoad>> MeasureAsync(RebalancingPlan plan, CancellationToken cancellationToken)
    {
        var now = await _reader.ReadAsync(plan.Request, cancellationToken);
        var sums = Balancer.Sums(now.Loads, [.. now.Loads.Select(load => load.Owner)], now.Owners.Count);
        return [.. now.Owners.Select((owner, index) => PlanWriter.Measured(plan.Owners.FirstOrDefault(known => known.Owner == owner), owner, sums[index], now.Loads.Count(load => load.Owner == index)))];
    }
}
