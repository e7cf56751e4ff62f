namespace RealTimeMesh.Topics.Balancing;

/// <summary>Takes loads from the busiest owner to the least busy that may have them, one at a time, while that lowers the higher of the two.</summary>
internal sealed class GreedyMoves(IReadOnlyList<Load> loads, int owners, double bound)
{
    private const double Rounding = 1e-9;

    private readonly int[] _assignment = [.. loads.Select(load => load.Owner)];
    private readonly double[] _sums = new double[owners];
    private readonly List<Load>[] _owned = [.. Enumerable.Range(0, owners).Select(_ => new List<Load>())];

    /// <summary>The owner of each load at the end, by its index.</summary>
    public int[] Run()
    {
        foreach (var load in loads)
        {
            _sums[load.Owner] += load.Weight;
            if (load.Weight > 0)
                _owned[load.Owner].Add(load);
        }

        // Each step lowers the sum of squares: it ends. The limit is for rounding.
        for (var step = 0; step < (long)loads.Count * owners * 4; step++)
        {
            var busiest = Array.IndexOf(_sums, _sums.Max());
            if (_sums[busiest] <= bound || Best(busiest) is not { } move)
                break;
            var load = _owned[busiest][move.Place];
            _owned[busiest].RemoveAt(move.Place);
            _owned[move.To].Add(load);
            _sums[busiest] -= load.Weight;
            _sums[move.To] += load.Weight;
            _assignment[load.Index] = move.To;
        }

        return _assignment;
    }

    /// <summary>
    /// The move that leaves the lower peak of the two; within the bound all are as good. Among those the one that adds no move (a load
    /// that left its owner already), then the cheapest.
    /// </summary>
    private (int Place, int To)? Best(int busiest)
    {
        (int Place, int To)? best = null;
        var (least, price) = (_sums[busiest], (Added: int.MaxValue, Cost: long.MaxValue));
        var anyone = LeastBusy(null, busiest);
        for (var place = 0; place < _owned[busiest].Count; place++)
        {
            var load = _owned[busiest][place];
            var to = load.Allowed is null ? anyone : LeastBusy(load.Allowed, busiest);
            if (to < 0)
                continue;
            var peak = Math.Max(_sums[busiest] - load.Weight, _sums[to] + load.Weight);
            if (peak >= _sums[busiest] - Rounding)
                continue;
            var counted = Math.Max(bound, peak);
            var (added, cost) = load.Owner == busiest ? (1, load.Cost) : (0, 0L);
            if (counted < least - Rounding || (counted < least + Rounding && (added, cost).CompareTo(price) < 0))
                (best, least, price) = ((place, to), counted, (added, cost));
        }

        return best;
    }

    private int LeastBusy(IReadOnlyList<int>? allowed, int busiest)
    {
        var least = -1;
        foreach (var owner in allowed ?? Enumerable.Range(0, owners))
        {
            if (owner != busiest && (least < 0 || _sums[owner] < _sums[least]))
                least = owner;
        }

        return least;
    }
}
