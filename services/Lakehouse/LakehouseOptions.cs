using Microsoft.Extensions.Configuration;

namespace RealTimeMesh.Lakehouse;

/// <summary>Settings of this service beyond those that all have.</summary>
internal sealed record LakehouseOptions
{
    /// <summary><c>MESH_BRONZE_BATCH_COUNT</c>: most events of a delivery. Default 2,500: what is under way is one delivery for each partition, so larger ones cost memory; commits gather many.</summary>
    public int BatchCount { get; init; } = 2_500;

    /// <summary><c>MESH_BRONZE_BATCH_WAIT_MS</c>: how long a delivery waits to fill up, milliseconds. Default 500.</summary>
    public TimeSpan BatchWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>MESH_DEAD_LETTER_BATCH_COUNT</c>: most dead letters of a delivery. Default 2,000; the broker also bounds a delivery in bytes.</summary>
    public int DeadLetterBatchCount { get; init; } = 2_000;

    /// <summary><c>MESH_BRONZE_LINGER_MS</c>: how long the first waiting delivery waits for others to share its commit, milliseconds. Default 250.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary><c>MESH_BRONZE_COMMIT_ROWS</c>: events at which a commit is not made larger. Default 100,000: what is held in memory for one table.</summary>
    public int CommitRows { get; init; } = 100_000;

    /// <summary><c>MESH_BRONZE_COMMIT_MIB</c>: payload at which a commit is not made larger, MiB. Default 64; the other bound of what is held in memory for one table.</summary>
    public int CommitMiB { get; init; } = 64;

    /// <summary><c>MESH_BRONZE_WAITING</c>: deliveries that may wait for one table; further ones are not taken until there is room. Default 64.</summary>
    public int Waiting { get; init; } = 64;

    /// <summary><c>MESH_BRONZE_CHECKPOINT_COMMITS</c>: commits between two checkpoints of a bronze table. Default 50: commits are frequent here.</summary>
    public int CheckpointCommits { get; init; } = 50;

    /// <summary><c>MESH_QUERY_MEMORY_MIB</c>: memory of one preview or audit query, MiB. Default 128; beyond it DuckDB spills to the data folder.</summary>
    public int QueryMemoryMiB { get; init; } = 128;

    public static LakehouseOptions From(IConfiguration configuration) => new()
    {
        BatchCount = WholeNumber.Read(configuration, "MESH_BRONZE_BATCH_COUNT", 2_500, 1, 100_000),
        BatchWait = TimeSpan.FromMilliseconds(WholeNumber.Read(configuration, "MESH_BRONZE_BATCH_WAIT_MS", 500, 1, 60_000)),
        DeadLetterBatchCount = WholeNumber.Read(configuration, "MESH_DEAD_LETTER_BATCH_COUNT", 2_000, 1, 100_000),
        Linger = TimeSpan.FromMilliseconds(WholeNumber.Read(configuration, "MESH_BRONZE_LINGER_MS", 250, 0, 60_000)),
        CommitRows = WholeNumber.Read(configuration, "MESH_BRONZE_COMMIT_ROWS", 100_000, 1, 10_000_000),
        CommitMiB = WholeNumber.Read(configuration, "MESH_BRONZE_COMMIT_MIB", 64, 1, 16_384),
        Waiting = WholeNumber.Read(configuration, "MESH_BRONZE_WAITING", 64, 1, 10_000),
        CheckpointCommits = WholeNumber.Read(configuration, "MESH_BRONZE_CHECKPOINT_COMMITS", 50, 1, 100_000),
        QueryMemoryMiB = WholeNumber.Read(configuration, "MESH_QUERY_MEMORY_MIB", 128, 32, 1_000_000),
    };
}
