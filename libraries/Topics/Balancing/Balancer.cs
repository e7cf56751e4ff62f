namespace RealTimeMesh.Topics.Balancing;

/// <summary>
/// Finds owners for loads so that none has more than the mean and a tolerance, with as few moves as possible, then the cheapest.
/// What is within the bound stays as it is. Small cases are searched completely; large ones greedily: from the busiest to the least
/// busy owner while that helps. Where every owner may have every load, the greedy end is never above the mean and the heaviest load.
/// </summary>
internal static class Balancer
{
    private const int MostSteps = 2_000_000;
    private const double Rounding = 1e-9;

    // The search goes one call deeper for each load: so many fit a stack, and more could not be searched completely anyway.
    private const int MostSearched = 500;

    public static Balance Solve(IReadOnlyList<Load> loads, int owners, double tolerance)
    {
        var bound = loads.Sum(load => load.Weight) / Math.Max(1, owners) * (1 + tolerance);
        int[] present = [.. loads.Select(load => load.Owner)];
        if (Highest(loads, present, owners) <= bound + Rounding)
            return new Balance(present, IsMinimal: true, bound, Highest(loads, present, owners));
        var greedy = new GreedyMoves(loads, owners, bound + Rounding).Run();
        var reached = Highest(loads, greedy, owners) <= bound + Rounding;
        if (loads.Count > MostSearched)
            return new Balance(greedy, reached && Moves(loads, greedy) == FewestMoves(loads, owners, bound + Rounding), bound, Highest(loads, greedy, owners));
        var search = new AssignmentSearch(loads, owners, bound + Rounding, reached ? greedy : null, MostSteps);
        var found = search.Run();
        var chosen = found ?? greedy;
        var isMinimal = found is not null && (search.IsComplete || Moves(loads, chosen) == FewestMoves(loads, owners, bound + Rounding));
        return new Balance(chosen, isMinimal, bound, Highest(loads, chosen, owners));
    }

    public static double[] Sums(IReadOnlyList<Load> loads, IReadOnlyList<int> assignment, int owners)
    {
        var sums = new double[owners];
        foreach (var load in loads)
            sums[assignment[load.Index]] += load.Weight;
        return sums;
    }

    /// <summary>What must leave the owners above the bound at least, each giving away its heaviest: no plan within the bound has fewer moves.</summary>
    private static int FewestMoves(IReadOnlyList<Load> loads, int owners, double bound)
    {
        var sums = Sums(loads, [.. loads.Select(load => load.Owner)], owners);
        var fewest = 0;
        foreach (var owned in loads.GroupBy(load => load.Owner).Where(owned => sums[owned.Key] > bound))
        {
            var left = sums[owned.Key];
            foreach (var weight in owned.Select(load => load.Weight).OrderDescending().TakeWhile(_ => left > bound))
            {
                left -= weight;
                fewest++;
            }
        }

        return fewest;
    }

    private static int Moves(IReadOnlyList<Load> loads, int[] assignment) => loads.Count(load => assignment[load.Index] != load.Owner);

    private static double Highest(IReadOnlyList<Load> loads, int[] assignment, int owners) => loads.Count == 0 ? 0 : Sums(loads, assignment, owners).Max();
}
