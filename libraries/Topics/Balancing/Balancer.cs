namespace RealTimeMesh.Topics.Balancing;

/// <summary>
/// Finds owners for loads so that none has more than the mean and a tolerance, with as few moves as possible, then the cheapest.
/// Small cases are searched completely; large ones greedily: from the busiest to the least busy owner while that helps. Where every
/// owner may have every load, the greedy end is never above the mean and the heaviest load.
/// </summary>
internal static class Balancer
{
    private const int MostSteps = 2_000_000;
    private const double Rounding = 1e-9;

    public static Balance Solve(IReadOnlyList<Load> loads, int owners, double tolerance)
    {
        var mean = loads.Sum(load => load.Weight) / Math.Max(1, owners);
        var bound = mean * (1 + tolerance);
        var greedy = Greedy(loads, owners, bound);
        var search = new AssignmentSearch(loads, owners, bound + Rounding, Highest(loads, greedy, owners) <= bound + Rounding ? greedy : null, MostSteps);
        var found = search.Run();
        var chosen = found ?? greedy;
        return new Balance(chosen, found is not null && search.IsComplete, bound, Highest(loads, chosen, owners));
    }

    public static double[] Sums(IReadOnlyList<Load> loads, IReadOnlyList<int> assignment, int owners)
    {
        var sums = new double[owners];
        foreach (var load in loads)
            sums[assignment[load.Index]] += load.Weight;
        return sums;
    }

    private static double Highest(IReadOnlyList<Load> loads, int[] assignment, int owners) => loads.Count == 0 ? 0 : Sums(loads, assignment, owners).Max();

    private static int[] Greedy(IReadOnlyList<Load> loads, int owners, double bound)
    {
        var assignment = loads.Select(load => load.Owner).ToArray();
        if (loads.Count == 0)
            return assignment;
        var sums = Sums(loads, assignment, owners);
        // Each step lowers the sum of squares: it ends. The limit is for rounding.
        for (var step = 0; step < loads.Count * owners * 4; step++)
        {
            var busiest = Array.IndexOf(sums, sums.Max());
            if (sums[busiest] <= bound + Rounding || Best(loads, assignment, sums, busiest, bound) is not { } move)
                break;
            sums[busiest] -= move.Load.Weight;
            sums[move.To] += move.Load.Weight;
            assignment[move.Load.Index] = move.To;
        }

        return assignment;
    }

    /// <summary>The move from the busiest owner that leaves the lower peak of the two; within the bound all are as good, and the cheapest wins.</summary>
    private static (Load Load, int To)? Best(IReadOnlyList<Load> loads, int[] assignment, double[] sums, int busiest, double bound)
    {
        (Load Load, int To)? best = null;
        var (least, cost) = (sums[busiest], long.MaxValue);
        foreach (var load in loads.Where(load => assignment[load.Index] == busiest && load.Weight > 0))
        {
            for (var to = 0; to < sums.Length; to++)
            {
                if (to == busiest || !load.Fits(to))
                    continue;
                var peak = Math.Max(sums[busiest] - load.Weight, sums[to] + load.Weight);
                if (peak >= sums[busiest] - Rounding)
                    continue;
                var counted = Math.Max(bound, peak);
                if (counted < least - Rounding || (counted < least + Rounding && load.Cost < cost))
                    (best, least, cost) = ((load, to), counted, load.Cost);
            }
        }

        return best;
    }
}
