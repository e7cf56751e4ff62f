namespace RealTimeMesh.Console.Tests.Fakes;

/// <summary>What the services of a <see cref="FakeMesh"/> count.</summary>
internal sealed class FakeCounts
{
    public long Total { get; init; } = 223_457;

    public long Acked { get; set; } = 120_047;

    public long Rejected { get; set; } = 47;

    public long Applied { get; set; } = 120_000;

    public long Late { get; set; }

    public long Stored { get; set; } = 120_000;

    public long DeadLettered { get; set; } = 47;

    public long Version { get; set; } = 86;

    public double P50 { get; set; } = 31.4;

    public double P99 { get; set; } = 118.2;

    public string? SourceError { get; set; }

    public string? BuildError { get; set; }

    public DateTimeOffset LastCommit { get; set; } = TimeProvider.System.GetUtcNow();

    /// <summary>Lets so many events through all of it.</summary>
    public void Flow(long events)
    {
        Acked += events;
        Applied += events;
        Stored += events;
        Version++;
        LastCommit = TimeProvider.System.GetUtcNow();
    }
}
