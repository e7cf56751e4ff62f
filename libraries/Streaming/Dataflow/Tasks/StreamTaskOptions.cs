namespace RealTimeMesh.Streaming;

/// <summary>Settings of a <see cref="StreamTask"/>.</summary>
internal sealed record StreamTaskOptions
{
    public StateLogOptions Log { get; init; } = new();

    /// <summary>Most bytes of one transaction, unless it is of a single event. Default 48 MiB: below the 64 MiB that the sidecar takes.</summary>
    public int MaxTransactionBytes { get; init; } = 48 * 1024 * 1024;

    /// <summary>Most sources with a sequence remembered for one input. Default 4,096; beyond it the longest silent one is forgotten.</summary>
    public int MaxSequences { get; init; } = 4_096;

    /// <summary>The latest late events that are kept to be read. Default 32 of a partition: they are part of each commit.</summary>
    public int KeptLateEvents { get; init; } = 32;
}
