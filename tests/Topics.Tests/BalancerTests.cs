using RealTimeMesh.Topics.Balancing;

namespace RealTimeMesh.Topics.Tests;

public sealed class BalancerTests
{
    [Fact]
    public void Small_cases_take_as_few_moves_as_any_assignment_that_keeps_the_bound()
    {
        var random = new Random(20261123);
        var reachable = 0;
        for (var round = 0; round < 400; round++)
        {
            var owners = random.Next(2, 4);
            var loads = Enumerable.Range(0, random.Next(1, 8)).Select(index => new Load(index, random.Next(owners), random.Next(0, 20), random.Next(1, 5))).ToArray();
            var tolerance = random.NextDouble() * 0.5;
            var balance = Balancer.Solve(loads, owners, tolerance);
            var best = BruteForce(loads, owners, balance.Bound + 1e-9);
            Assert.Equal(best is not null, balance.Highest <= balance.Bound + 1e-9);
            if (best is not { } least)
                continue;
            reachable++;
            Assert.True(balance.IsMinimal);
            var moved = loads.Where(load => balance.Owners[load.Index] != load.Owner).ToArray();
            Assert.Equal(least, (moved.Length, moved.Sum(load => load.Cost)));
        }

        Assert.InRange(reachable, 100, 400);
    }

    [Fact]
    public void Large_cases_end_balanced_and_never_worse_than_they_began()
    {
        var random = new Random(42);
        for (var round = 0; round < 6; round++)
        {
            var owners = random.Next(3, 12);
            var loads = Enumerable.Range(0, random.Next(50, 400)).Select(index => new Load(index, random.Next(owners), random.NextDouble() * random.Next(1, 100), 1)).ToArray();
            var before = Balancer.Sums(loads, [.. loads.Select(load => load.Owner)], owners).Max();
            var balance = Balancer.Solve(loads, owners, 0.05);
            Assert.InRange(balance.Highest, 0, before + 1e-9);
            Assert.InRange(balance.Highest, 0, Math.Max(balance.Bound, (loads.Sum(load => load.Weight) / owners) + loads.Max(load => load.Weight)) + 1e-6);
        }
    }

    [Fact]
    public void A_balanced_state_is_left_alone_and_a_load_goes_only_where_it_may()
    {
        Load[] even = [new(0, 0, 5, 1), new(1, 1, 5, 1)];
        Assert.Equal([0, 1], Balancer.Solve(even, 2, 0.1).Owners);
        Load[] tied = [new(0, 0, 5, 1, [0]), new(1, 0, 5, 1, [0, 2])];
        Assert.Equal([0, 2], Balancer.Solve(tied, 3, 0.5).Owners);
        Assert.Empty(Balancer.Solve([], 3, 0.1).Owners);
    }

    [Fact]
    public void Loads_of_several_topics_go_only_to_those_on_the_topic_never_worse_and_a_second_plan_is_empty()
    {
        var random = new Random(7);
        for (var round = 0; round < 400; round++)
        {
            var (owners, topics) = (random.Next(2, 6), random.Next(1, 5));
            var able = Enumerable.Range(0, topics).Select(_ => Enumerable.Range(0, owners).OrderBy(_ => random.Next()).Take(random.Next(1, owners + 1)).ToArray()).ToArray();
            var loads = Enumerable.Range(0, random.Next(1, 13)).Select(index =>
            {
                var allowed = able[random.Next(topics)];
                return new Load(index, allowed[random.Next(allowed.Length)], random.Next(0, 30), 0, allowed);
            }).ToArray();
            var before = Balancer.Sums(loads, [.. loads.Select(load => load.Owner)], owners).Max();
            var balance = Balancer.Solve(loads, owners, 0.1);
            Assert.InRange(balance.Highest, 0, before + 1e-9);
            Assert.All(loads, load => Assert.True(load.Fits(balance.Owners[load.Index])));
            Assert.Equal(balance.Owners, Balancer.Solve([.. loads.Select(load => load with { Owner = balance.Owners[load.Index] })], owners, 0.1).Owners);
        }
    }

    [Fact]
    public void Tens_of_thousands_of_partitions_are_balanced_with_proof_where_each_move_was_needed()
    {
        // One broker was added to nine that are even: only what it takes has to move.
        var loads = Enumerable.Range(0, 45_000).Select(index => new Load(index, index % 9, 1, 1)).ToArray();
        var balance = Balancer.Solve(loads, 10, 0.05);
        var moved = loads.Where(load => balance.Owners[load.Index] != load.Owner).ToArray();
        Assert.All(moved, load => Assert.Equal(9, balance.Owners[load.Index]));
        Assert.Equal((9 * 275, true), (moved.Length, balance.IsMinimal));
        Assert.Equal(4725, balance.Highest);
    }

    private static (int Moves, long Cost)? BruteForce(Load[] loads, int owners, double bound)
    {
        (int, long)? best = null;
        var assignment = new int[loads.Length];
        for (var code = 0; code < Math.Pow(owners, loads.Length); code++)
        {
            for (var (index, rest) = (0, code); index < loads.Length; index++, rest /= owners)
                assignment[index] = rest % owners;
            if (Balancer.Sums(loads, assignment, owners).Max() > bound)
                continue;
            var moved = loads.Where(load => assignment[load.Index] != load.Owner).ToArray();
            var price = (moved.Length, moved.Sum(load => load.Cost));
            if (best is null || price.CompareTo(best.Value) < 0)
                best = price;
        }

        return best;
    }
}
