namespace RealTimeMesh.Topics.Balancing;

/// <summary>Something with a weight that one of several owners has.</summary>
/// <param name="Cost">What moving it costs, such as bytes to copy.</param>
/// <param name="Allowed">The owners that may have it; null for all.</param>
internal sealed record Load(int Index, int Owner, double Weight, long Cost, IReadOnlyList<int>? Allowed = null)
{
    public bool Fits(int owner) => Allowed is null || Allowed.Contains(owner);
}

/// <param name="Owners">The new owner of each load, by its index.</param>
/// <param name="IsMinimal">No plan with fewer moves keeps the bound: all were looked at.</param>
internal sealed record Balance(int[] Owners, bool IsMinimal, double Bound, double Highest);
