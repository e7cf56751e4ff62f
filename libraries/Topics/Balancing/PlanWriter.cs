using System.Globalization;

namespace RealTimeMesh.Topics.Balancing;

/// <summary>Puts a balance into words and figures.</summary>
internal static class PlanWriter
{
    private const string ByKafkasTool = "write 'reassignment' to a file and run: kafka-reassign-partitions.sh --bootstrap-server BROKERS --reassignment-json-file FILE --execute --throttle BYTES_PER_SECOND; the same with --verify tells when it is done and takes the throttle off; then kafka-leader-election.sh --election-type PREFERRED makes the first replicas lead.";

    public static RebalancingPlan Write(string id, DateTimeOffset now, LoadState state, Balance balance)
    {
        var before = Balancer.Sums(state.Loads, [.. state.Loads.Select(load => load.Owner)], state.Owners.Count);
        var after = Balancer.Sums(state.Loads, balance.Owners, state.Owners.Count);
        var moves = state.Loads.Where(load => balance.Owners[load.Index] != load.Owner).ToArray();
        var owners = state.Owners.Select((owner, index) => new OwnerLoad(
            owner, Round(before[index]), Round(after[index]), state.Loads.Count(load => load.Owner == index), state.Loads.Count(load => balance.Owners[load.Index] == index)));
        var ofBrokers = state.Request.Group is null;
        return new RebalancingPlan(
            id, state.Request, "proposed", [.. moves.Select(load => Move(state, load, balance.Owners[load.Index], before, after))], [.. owners], Round(balance.Bound), balance.IsMinimal,
            Explain(state, balance, moves.Length), ofBrokers ? new Reassignment(1, [.. moves.Select(load => Reassigned(state, load, balance.Owners[load.Index]))]) : null, ofBrokers ? ByKafkasTool : null, null, now, null);
    }

    public static OwnerLoad Measured(OwnerLoad? planned, string owner, double now, int partitions) => new(owner, planned?.Before ?? 0, Round(now), planned?.PartitionsBefore ?? 0, partitions);

    private static PartitionMove Move(LoadState state, Load load, int to, double[] before, double[] after)
    {
        var (topic, partition) = state.Places[load.Index];
        var copies = state.Request.Group is null && !partition.Replicas.Contains(state.Brokers[to]);
        var data = state.Request.Group is not null ? "" : copies ? "; its records are copied" : "; it has a replica there: only the leader changes";
        var why = string.Create(
            CultureInfo.InvariantCulture,
            $"{state.Owners[load.Owner]} has {before[load.Owner]:0.##} {Unit(state.Request.By)}, {state.Owners[to]} {before[to]:0.##}; with this plan {after[load.Owner]:0.##} and {after[to]:0.##}{data}");
        return new PartitionMove(topic, partition.Index, state.NameOf(load.Owner, topic), state.NameOf(to, topic), Round(load.Weight), copies, why);
    }

    private static ReassignedPartition Reassigned(LoadState state, Load load, int to)
    {
        var (topic, partition) = state.Places[load.Index];
        var (old, leader) = (state.Brokers[load.Owner], state.Brokers[to]);
        // The number of replicas stays: a broker that has one becomes first, another takes the old leader's place.
        var others = partition.Replicas.Where(replica => replica != leader && (partition.Replicas.Contains(leader) || replica != old));
        return new ReassignedPartition(topic, partition.Index, [leader, .. others]);
    }

    private static string Explain(LoadState state, Balance balance, int moves)
    {
        var unit = Unit(state.Request.By);
        var found = moves == 0 ? "nothing would be better" : balance.IsMinimal ? "no plan with fewer keeps the bound" : "found step by step, from the busiest to the least busy; fewer might do";
        var topics = state.Places.Select(place => place.Topic).Distinct(StringComparer.Ordinal).Count();
        var text = string.Create(CultureInfo.InvariantCulture, $"{state.Loads.Count} partitions{(topics > 1 ? $" of {topics} topics" : "")} on {state.Owners.Count} owners; an owner may have {balance.Bound:0.##} {unit}: the mean and {state.Request.Tolerance:P0}. {moves} moves: {found}.");
        return balance.Highest <= balance.Bound + 1e-6
            ? text
            : text + string.Create(CultureInfo.InvariantCulture, $" The bound is not reached ({balance.Highest:0.##}): partitions are moved whole, and the heaviest has {state.Loads.Max(load => load.Weight):0.##}.");
    }

    private static string Unit(string by) => by switch { "rate" => "records/s", "records" => "records", "bytes" => "bytes", _ => "partitions" };

    private static double Round(double value) => Math.Round(value, 3);
}
