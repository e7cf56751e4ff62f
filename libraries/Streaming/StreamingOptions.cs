namespace RealTimeMesh.Streaming;

/// <summary>Settings of <see cref="StreamEngine"/>.</summary>
public sealed record StreamingOptions
{
    /// <summary>
    /// Consecutive windows of one group kept in one state row, 1 to 250. Default 32: a replay that crosses many windows
    /// with each batch writes few rows, while a live stream rewrites at most 32 small windows for one new event.
    /// Must not change while there is stored state: page boundaries depend on it.
    /// </summary>
    public int PageWindows { get; init; } = 32;

    /// <summary>Most windows of one partition kept in memory between batches. Default 400,000; beyond it the oldest pages are read again from the store when needed.</summary>
    public int MaxCachedWindows { get; init; } = 400_000;

    /// <summary>Most expired state rows deleted with one batch; the rest waits for the next. Default 20,000. One run of expired pages is always deleted whole.</summary>
    public int MaxDeletesPerBatch { get; init; } = 20_000;

    /// <summary>Most sources with a sequence remembered for one partition. Default 4,096; beyond it the longest silent one is forgotten and no longer deduplicated by sequence.</summary>
    public int MaxSources { get; init; } = 4_096;

    /// <summary>Most bytes of a batch's state rows, unless it is of a single event. Default 48 MiB: below the 64 MiB that the sidecar takes. A larger batch is refused as <see cref="BatchCommit.TooLarge"/>.</summary>
    public int MaxTransactionBytes { get; init; } = 48 * 1024 * 1024;

    /// <summary>Keys asked for with one read of the state store. Default 2,000.</summary>
    public int ReadChunk { get; init; } = 2_000;
}
