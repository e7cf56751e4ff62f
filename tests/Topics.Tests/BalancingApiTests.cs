using RealTimeMesh.Components;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Topics.Tests;

public sealed class BalancingApiTests
{
    [Fact]
    public async Task A_partition_that_one_key_fills_is_hot_and_the_key_is_named()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 4);
        await mesh.PublishAsync("t", Enumerable.Range(0, 40).Select(n => ($"k{n}", "v")).Concat(Enumerable.Repeat(("AAPL", "v"), 960)));
        var heat = await mesh.GetAsync("/v1/topics/t/heat?window=60");
        var hot = Assert.Single(heat.GetProperty("partitions").EnumerateArray(), partition => partition.GetProperty("hot").GetBoolean());
        Assert.Equal(Murmur2.Partition("AAPL", 4), hot.GetProperty("partition").GetInt32());
        Assert.Equal("AAPL", hot.GetProperty("keys")[0].GetProperty("key").GetString());
        Assert.Contains("split the key", hot.GetProperty("finding").GetString(), StringComparison.Ordinal);
        await mesh.PublishAsync("even", Enumerable.Range(0, 1000).Select(n => ($"k{n}", "v")));
        Assert.DoesNotContain((await mesh.GetAsync("/v1/topics/even/heat?window=60")).GetProperty("partitions").EnumerateArray(), partition => partition.GetProperty("hot").GetBoolean());
        await mesh.GetAsync("/v1/topics/t/heat?factor=0.5", 400);
        await mesh.GetAsync("/v1/topics/unknown/heat", 404);
    }

    [Fact]
    public async Task A_plan_moves_nothing_before_it_is_approved_and_executed_and_then_tells_before_and_after()
    {
        await using var mesh = await TopicsMesh.StartAsync(partitions: 4);
        // Keys for partitions 0 and 2 alone, which belong to the first of two members.
        var keys = Enumerable.Range(0, 1000).Select(n => $"k{n}").Where(key => Murmur2.Partition(key, 4) is 0 or 2).Take(400).ToArray();
        await mesh.PublishAsync("t", keys.Select(key => (key, "v")));
        await using var first = await mesh.Broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, new BatchRecorder().HandleAsync, default);
        await using var second = await mesh.Broker.SubscribeAsync(new SubscribeOptions { Topic = "t", Group = "g" }, new BatchRecorder().HandleAsync, default);
        var plan = await mesh.PostAsync("/v1/rebalancings", new { group = "g", by = "records", tolerance = 0.3 });
        Assert.Equal(1, plan.GetProperty("moves").GetArrayLength());
        Assert.True(plan.GetProperty("isMinimal").GetBoolean());
        var id = plan.GetProperty("id").GetString();
        await mesh.PostAsync($"/v1/rebalancings/{id}/execute", status: 409);
        await mesh.PostAsync($"/v1/rebalancings/{id}/approve");
        Assert.All((await mesh.Admin.FindGroupAsync("g", default))!.Members, member => Assert.Equal(2, member.Assigned.Count));
        var done = await mesh.PostAsync($"/v1/rebalancings/{id}/execute");
        var measured = done.GetProperty("measured").EnumerateArray().ToArray();
        Assert.Equal([400.0, 0.0], measured.Select(owner => owner.GetProperty("before").GetDouble()));
        Assert.All(measured, owner => Assert.InRange(owner.GetProperty("after").GetDouble(), 1, 260));
        await mesh.PostAsync($"/v1/rebalancings/{id}/execute", status: 409);
        await mesh.PostAsync("/v1/rebalancings", new { group = "nobody" }, 404);
        await mesh.PostAsync("/v1/rebalancings", new { by = "mood" }, 400);
    }

    [Fact]
    public void A_plan_for_brokers_is_the_file_that_kafkas_tool_reads()
    {
        var partitions = Enumerable.Range(0, 4).Select(index => new PartitionDescription(index, 0, 100, 1, index == 0 ? [1, 2] : [1, 3], [1], null)).ToArray();
        var state = new Balancing.LoadState(
            new Balancing.RebalancingRequest { By = "count", Tolerance = 0.5 },
            ["broker 1", "broker 2", "broker 3"],
            [.. partitions.Select(partition => new Balancing.Load(partition.Index, 0, 1, partition.Index == 0 ? 0 : 100))],
            [.. partitions.Select(partition => ("t", partition))],
            [1, 2, 3]);
        var plan = Balancing.PlanWriter.Write("id", default, state, Balancing.Balancer.Solve(state.Loads, 3, 0.5));
        Assert.Equal(2, plan.Moves.Count);
        Assert.All(plan.Reassignment!.Partitions, moved => Assert.Equal(2, moved.Replicas.Distinct().Count()));
        Assert.All(plan.Reassignment.Partitions.Zip(plan.Moves), pair => Assert.Equal(pair.Second.To, $"broker {pair.First.Replicas[0]}"));
        Assert.Contains("--throttle", plan.HowToExecute, StringComparison.Ordinal);
    }
}
