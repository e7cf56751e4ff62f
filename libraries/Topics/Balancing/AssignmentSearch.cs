namespace RealTimeMesh.Topics.Balancing;

/// <summary>Looks at every assignment within a bound, except those that cannot beat the best so far, for at most so many steps.</summary>
internal sealed class AssignmentSearch(IReadOnlyList<Load> loads, int owners, double bound, int[]? best, int mostSteps)
{
    private readonly Load[] _order = [.. loads.OrderByDescending(load => load.Weight)];
    private readonly int[] _assignment = new int[loads.Count];
    private readonly double[] _sums = new double[owners];
    private int[]? _best = best;
    private (int Moves, long Cost) _least = best is null ? (int.MaxValue, long.MaxValue) : Price(loads, best);
    private int _steps;

    public bool IsComplete => _steps < mostSteps;

    /// <summary>The assignment with the fewest moves, then the cheapest; null where none was found within the bound.</summary>
    public int[]? Run()
    {
        Visit(0, 0, 0);
        return _best;
    }

    private void Visit(int depth, int moves, long cost)
    {
        if (++_steps >= mostSteps || (moves, cost).CompareTo(_least) >= 0)
            return;
        if (depth == _order.Length)
        {
            _least = (moves, cost);
            _best = [.. _assignment];
            return;
        }

        var load = _order[depth];
        // Staying first: the first plans found are those with few moves.
        Try(load, load.Owner, depth, moves, cost);
        for (var to = 0; to < owners; to++)
        {
            if (to != load.Owner && load.Fits(to))
                Try(load, to, depth, moves + 1, cost + load.Cost);
        }
    }

    private void Try(Load load, int owner, int depth, int moves, long cost)
    {
        if (_sums[owner] + load.Weight > bound)
            return;
        var before = _sums[owner];
        _sums[owner] += load.Weight;
        _assignment[load.Index] = owner;
        Visit(depth + 1, moves, cost);
        _sums[owner] = before;
    }

    private static (int, long) Price(IReadOnlyList<Load> loads, int[] assignment)
    {
        var moved = loads.Where(load => assignment[load.Index] != load.Owner).ToArray();
        return (moved.Length, moved.Sum(load => load.Cost));
    }
}
