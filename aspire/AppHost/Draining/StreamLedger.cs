using RealTimeMesh.Pipelines;

namespace RealTimeMesh.AppHost.Draining;

/// <summary>The balance of one stream at the end of a run, when nothing is under way any more.</summary>
internal sealed record StreamLedger : EventBalance
{
    public required string Pipeline { get; init; }

    public required string Stream { get; init; }

    public long Lost => Missing;

    public long Duplicated => Surplus;

    public bool Balanced => Missing == 0 && Surplus == 0;
}
