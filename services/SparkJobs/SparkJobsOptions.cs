using Microsoft.Extensions.Configuration;
using RealTimeMesh.DuckDb;
using RealTimeMesh.ServiceDefaults;
using RealTimeMesh.Snowflake;

namespace RealTimeMesh.SparkJobs;

/// <summary>Settings of the job service; the name in configuration stands in front of each.</summary>
public sealed record SparkJobsOptions
{
    /// <summary><c>MESH_BUILD_INTERVAL_MS</c>: how long commits gather before their tables are built. Default 5 s.</summary>
    public TimeSpan BuildInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary><c>MESH_BUILD_POLL_MS</c>: how often tables are looked at without a notice, in case one got lost. Default 30 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait before a failing table is tried again. Default 5 min; the first wait is <see cref="BuildInterval"/>, doubled each time.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary><c>MESH_BUILD_TIMEOUT_MS</c>: longest run of one build or load. Default 15 min.</summary>
    public TimeSpan BuildTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Builds kept for <c>GET /v1/builds</c>. Default 500.</summary>
    public int HistoryLength { get; init; } = 500;

    /// <summary><c>MESH_STAGE</c>: folder where files are laid out for the warehouse. Default <c>{MESH_DATA}/stage</c>.</summary>
    public required string StagePath { get; init; }

    /// <summary><c>MESH_STAGE_URL</c>: that folder as the warehouse reaches it. Default its <c>file://</c> URL.</summary>
    public required string StageUrl { get; init; }

    public required DuckDbOptions DuckDb { get; init; }

    /// <summary><c>WAREHOUSE_URL</c>, <c>SNOWFLAKE_ACCOUNT</c>, <c>_USER</c>, <c>_PRIVATE_KEY</c> (PEM or its file), <c>_DATABASE</c>, <c>_WAREHOUSE</c>, <c>_ROLE</c>.</summary>
    public required SnowflakeOptions Snowflake { get; init; }

    public static SparkJobsOptions From(IConfiguration configuration, MeshSettings settings)
    {
        var data = Path.GetFullPath(settings.DataPath);
        var stage = Path.GetFullPath(configuration["MESH_STAGE"] ?? Path.Combine(data, "stage"));
        var duckDb = new DuckDbOptions { SpillPath = Path.Combine(data, "spill", "jobs") };
        var defaults = new SparkJobsOptions { StagePath = stage, StageUrl = new Uri(stage + "/").AbsoluteUri, DuckDb = duckDb, Snowflake = new SnowflakeOptions { Endpoint = settings.WarehouseUrl } };
        return defaults with
        {
            BuildInterval = Milliseconds(configuration, "MESH_BUILD_INTERVAL_MS", defaults.BuildInterval),
            PollInterval = Milliseconds(configuration, "MESH_BUILD_POLL_MS", defaults.PollInterval),
            BuildTimeout = Milliseconds(configuration, "MESH_BUILD_TIMEOUT_MS", defaults.BuildTimeout),
            StageUrl = configuration["MESH_STAGE_URL"] ?? defaults.StageUrl,
            DuckDb = duckDb with
            {
                MemoryLimitMiB = configuration.GetValue("MESH_BUILD_MEMORY_MIB", duckDb.MemoryLimitMiB),
                Threads = configuration.GetValue("MESH_BUILD_THREADS", duckDb.Threads),
                MaxConcurrentBuilds = configuration.GetValue("MESH_BUILD_CONCURRENCY", duckDb.MaxConcurrentBuilds),
            },
            Snowflake = defaults.Snowflake with
            {
                Account = configuration["SNOWFLAKE_ACCOUNT"],
                User = configuration["SNOWFLAKE_USER"],
                PrivateKeyPem = Key(configuration["SNOWFLAKE_PRIVATE_KEY"]),
                Database = configuration["SNOWFLAKE_DATABASE"],
                Warehouse = configuration["SNOWFLAKE_WAREHOUSE"],
                Role = configuration["SNOWFLAKE_ROLE"],
            },
        };
    }

    private static TimeSpan Milliseconds(IConfiguration configuration, string key, TimeSpan fallback) =>
        TimeSpan.FromMilliseconds(configuration.GetValue(key, fallback.TotalMilliseconds));

    private static string? Key(string? configured) =>
        string.IsNullOrEmpty(configured) ? null : configured.Contains("BEGIN", StringComparison.Ordinal) ? configured : File.ReadAllText(configured);
}
